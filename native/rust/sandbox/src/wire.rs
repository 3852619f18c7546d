//! Messages between the supervisor and the zygote, over a socket that no program ever holds.

use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use nix::cmsg_space;
use nix::sys::socket::{recvmsg, sendmsg, ControlMessage, ControlMessageOwned, MsgFlags};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The longest message.
const LONGEST: usize = 64 << 10;
/// Number of descriptors sent with a program: its job, input, output, errors and result.
pub const DESCRIPTORS: usize = 5;

/// From the supervisor to the zygote.
#[derive(Debug, Serialize, Deserialize)]
pub enum Order {
    /// Run a job, from the call with this number on.
    Run {
        skip: usize,
        /// The limit on the data of each process, in bytes: the zygote's own and the program's memory.
        data: u64,
        /// CPU seconds of the program.
        cpu: Option<f64>,
    },
    /// Kill the program that runs.
    Kill,
}

/// From the zygote to the supervisor.
#[derive(Debug, Serialize, Deserialize)]
pub enum Report {
    /// The interpreter is ready.
    Ready,
    /// The interpreter cannot be used.
    Unusable(String),
    /// A program and all its processes have ended.
    Ended(Ending),
}

/// How a program ended.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Ending {
    pub exit_code: Option<i32>,
    pub signal: Option<String>,
    /// Seconds.
    pub cpu: f64,
    /// Bytes.
    pub max_rss: u64,
    /// Whether it was killed because of its CPU time.
    pub cpu_exceeded: bool,
    /// Why its isolation could not be made; then none of its code has run.
    pub failure: Option<String>,
    /// Whether that is due to the job itself.
    pub is_input_bad: bool,
}

impl Ending {
    /// The end of a program none of whose code has run.
    pub fn failed(reason: &str) -> Ending {
        Ending { failure: Some(reason.to_owned()), ..Ending::default() }
    }

    /// What is known of an end after a report by a process that was nearer to it. A failure is never forgotten.
    pub fn corrected(self, nearer: Ending) -> Ending {
        Ending {
            cpu: self.cpu.max(nearer.cpu),
            max_rss: self.max_rss.max(nearer.max_rss),
            failure: self.failure.or(nearer.failure),
            ..nearer
        }
    }
}

/// Send a message with descriptors.
pub fn send(socket: &impl AsRawFd, message: &impl Serialize, descriptors: &[RawFd]) -> io::Result<()> {
    let bytes = serde_json::to_vec(message)?;
    let rights = [ControlMessage::ScmRights(descriptors)];
    let control = if descriptors.is_empty() { &[][..] } else { &rights[..] };
    sendmsg::<()>(socket.as_raw_fd(), &[IoSlice::new(&bytes)], control, MsgFlags::MSG_NOSIGNAL, None)?;
    Ok(())
}

/// Receive a message with its descriptors; None if the other side has gone.
pub fn receive<T: DeserializeOwned>(socket: &impl AsRawFd) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
    let mut bytes = vec![0; LONGEST];
    let mut control = cmsg_space!([RawFd; DESCRIPTORS]);
    let (length, descriptors) = {
        let mut parts = [IoSliceMut::new(&mut bytes)];
        let flags = MsgFlags::MSG_CMSG_CLOEXEC;
        let received = loop {
            match recvmsg::<()>(socket.as_raw_fd(), &mut parts, Some(&mut control), flags) {
                Err(nix::errno::Errno::EINTR) => continue,
                other => break other?,
            }
        };
        let mut descriptors = Vec::new();
        for message in received.cmsgs()? {
            if let ControlMessageOwned::ScmRights(numbers) = message {
                descriptors.extend(numbers.into_iter().map(owned));
            }
        }
        (received.bytes, descriptors)
    };
    if length == 0 {
        return Ok(None);
    }
    Ok(Some((serde_json::from_slice(&bytes[..length])?, descriptors)))
}

#[allow(unsafe_code)]
fn owned(number: RawFd) -> OwnedFd {
    // SAFETY: the kernel has just installed this descriptor for this message.
    unsafe { OwnedFd::from_raw_fd(number) }
}
