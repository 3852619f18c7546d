//! The results of jobs, as they are written for the client.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::Value;

use crate::frames::Kind;

/// How a job or a call ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    #[default]
    Ok,
    /// It raised an exception, returned what is not JSON, or exited with a status other than 0.
    Error,
    /// It is not Python.
    Parse,
    Timeout,
    CpuLimit,
    Oom,
    OutputLimit,
    Signal,
    BadInput,
    /// The sandbox failed; this says nothing about the job.
    SandboxError,
}

/// The result of one call.
#[derive(Clone, Debug, Serialize)]
pub struct CallResult {
    pub status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
}

impl CallResult {
    /// What a frame says of a call; the value is parsed and written anew, as a program can forge the frame.
    pub fn from_frame(kind: Kind, payload: Vec<u8>, longest: u64) -> CallResult {
        let failed = |status, message: String| CallResult { status, value: None, message };
        let text = String::from_utf8_lossy(&payload).into_owned();
        match kind {
            Kind::Value if payload.len() as u64 > longest => failed(Status::OutputLimit, String::new()),
            Kind::Value => match sound(&payload) {
                Ok(value) => CallResult { status: Status::Ok, value: Some(value), message: String::new() },
                Err(error) => failed(Status::Error, format!("returned invalid JSON: {error}")),
            },
            Kind::Memory => failed(Status::Oom, text),
            Kind::TooLong => failed(Status::OutputLimit, text),
            Kind::Error | Kind::Parse | Kind::Loaded => failed(Status::Error, text),
        }
    }
}

/// The most digits of an integer: reading a number takes a time that grows with the square of its length.
const DIGITS: usize = 100_000;

/// JSON text that any reader takes: valid Unicode, finite numbers, unique keys.
fn sound(bytes: &[u8]) -> Result<Box<RawValue>, serde_json::Error> {
    let value: Value = serde_json::from_slice(bytes)?;
    check_numbers(&value)?;
    serde_json::value::to_raw_value(&value)
}

fn check_numbers(value: &Value) -> Result<(), serde_json::Error> {
    match value {
        Value::Number(number) => {
            let text = number.as_str();
            let is_float = text.contains(['.', 'e', 'E']);
            if !is_float && text.len() > DIGITS {
                return Err(serde::de::Error::custom(format!("an integer has more than {DIGITS} digits")));
            }
            if is_float && !text.parse::<f64>().is_ok_and(f64::is_finite) {
                return Err(serde::de::Error::custom(format!("{text} is out of range")));
            }
            Ok(())
        }
        Value::Array(items) => items.iter().try_for_each(check_numbers),
        Value::Object(entries) => entries.values().try_for_each(check_numbers),
        _ => Ok(()),
    }
}

/// The result of one job.
#[derive(Clone, Debug, Default, Serialize)]
pub struct JobResult {
    pub status: Status,
    pub message: String,
    pub calls: Vec<CallResult>,
    pub exit_code: Option<i32>,
    pub signal: Option<String>,
    pub stdout: String,
    pub stderr: String,
    pub stdout_bytes: u64,
    pub stderr_bytes: u64,
    /// Whether some of what was written is missing.
    pub truncated: bool,
    /// Seconds.
    pub wall: f64,
    /// Seconds.
    pub cpu: f64,
    /// Bytes.
    pub max_rss: u64,
}

impl JobResult {
    /// The result of a job that the sandbox could not run.
    pub fn failed(reason: String) -> JobResult {
        JobResult { status: Status::SandboxError, message: reason, ..JobResult::default() }
    }

    /// Add what one process of the job wrote, up to `limit` bytes of each stream.
    /// With `raw` each byte becomes the character with the same number.
    pub fn append(&mut self, output: (&[u8], u64), errors: (&[u8], u64), limit: u64, raw: bool) {
        let ((output, output_bytes), (errors, errors_bytes)) = (output, errors);
        for (kept, bytes) in [(&mut self.stdout, output), (&mut self.stderr, errors)] {
            let room = (limit as usize).saturating_sub(kept.len());
            let bytes = &bytes[..bytes.len().min(room)];
            if raw {
                kept.extend(bytes.iter().map(|&byte| char::from(byte)));
            } else {
                kept.push_str(&String::from_utf8_lossy(bytes));
            }
        }
        self.stdout_bytes += output_bytes;
        self.stderr_bytes += errors_bytes;
        self.truncated |= self.stdout_bytes > limit || self.stderr_bytes > limit;
    }
}
