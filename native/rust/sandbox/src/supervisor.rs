//! The supervisor: reads settings and then jobs from standard input, line by line, and writes a result for each job.
//!
//! The end of standard input ends everything, also running programs: the client closes it when it needs no more results,
//! and the kernel closes it when the client is gone.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::sync::mpsc::{sync_channel, Receiver};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::layers::{Layer, Layers};
use crate::machine::{Machine, Request};
use crate::plan::{Isolation, Settings};
use crate::probe::{probe, Probe};
use crate::results::JobResult;
use crate::slot::Slot;
use crate::sys;

/// Number of jobs for each worker that a client may send ahead of their results.
const AHEAD: usize = 2;

#[derive(Deserialize)]
struct Head<'a> {
    n: u64,
    #[serde(default)]
    function: Option<String>,
    #[serde(borrow, default)]
    calls: Vec<&'a RawValue>,
    #[serde(default)]
    stdin: String,
}

/// The first line of the answer.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Answer<'a> {
    Ready { layers: &'a Layers, missing: &'a BTreeMap<Layer, String>, version: &'a str },
    Refused(String),
}

#[derive(Serialize)]
struct Numbered<'a> {
    n: u64,
    #[serde(flatten)]
    result: &'a JobResult,
}

/// Serve one client on standard input and output.
pub fn run() -> io::Result<()> {
    let mut input = io::stdin().lock();
    let mut line = String::new();
    input.read_line(&mut line)?;
    let settings: Settings = serde_json::from_str(&line)?;
    let probe = probe();
    let layers = match chosen(&settings, &probe) {
        Ok(layers) => layers,
        Err(reason) => return write_line(&Answer::Refused(reason)),
    };
    if let Some(homes) = &probe.homes {
        homes.sweep();
    }
    let (stop, running) = sys::pipe()?;
    let machine = Machine { settings, layers, privileged: probe.privileged, homes: probe.homes, stop };
    let mut first = Slot::new(&machine, 0);
    // A worker that cannot start would be the result of every job.
    if let Err(reason) = first.start() {
        return write_line(&Answer::Refused(reason));
    }
    let layers = &machine.layers;
    let missing = Layer::ALL.iter().filter(|layer| !layers.contains(layer));
    let reasons =
        missing.map(|&layer| (layer, probe.missing.get(&layer).cloned().unwrap_or_else(|| "switched off".to_owned())));
    let answer = Answer::Ready { layers, missing: &reasons.collect(), version: env!("CARGO_PKG_VERSION") };
    write_line(&answer)?;
    // A full channel would keep this thread from noticing that the client has gone.
    let (sender, receiver) = sync_channel::<Request>(AHEAD * machine.settings.jobs);
    let receiver = Mutex::new(receiver);
    std::thread::scope(|scope| {
        let others = (1..machine.settings.jobs).map(|number| Slot::new(&machine, number));
        for mut slot in std::iter::once(first).chain(others) {
            let receiver = &receiver;
            scope.spawn(move || serve(&mut slot, receiver));
        }
        let read = read_jobs(&mut input, |request| sender.send(request).is_ok());
        drop((running, sender));
        read
    })
}

/// The layers to use; the reason if that is refused.
fn chosen(settings: &Settings, probe: &Probe) -> Result<Layers, String> {
    let layers = match settings.isolation {
        Isolation::None => Layers::new(),
        Isolation::Full | Isolation::Shared => probe.layers(&settings.without),
    };
    let why = |layer: &Layer| probe.missing.get(layer).map_or("it is switched off", String::as_str);
    let missing = settings.require.iter().filter(|layer| !layers.contains(layer));
    let reasons: Vec<String> =
        missing.map(|layer| format!("layer {layer} is required and missing: {}", why(layer))).collect();
    if !reasons.is_empty() {
        return Err(reasons.join("; "));
    }
    let isolates = [Layer::Mount, Layer::Landlock, Layer::Seccomp].iter().any(|layer| layers.contains(layer));
    if settings.isolation != Isolation::None && !isolates {
        return Err("this machine has no isolation: programs could read and change your files".to_owned());
    }
    Ok(layers)
}

fn read_jobs(input: &mut impl BufRead, mut give: impl FnMut(Request) -> bool) -> io::Result<()> {
    loop {
        let mut line = Vec::new();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let Head { n, function, calls, stdin } = serde_json::from_slice(&line)?;
        let request = Request { number: n, function, calls: calls.len(), stdin, line: line.clone() };
        if !give(request) {
            return Ok(());
        }
    }
}

/// Run jobs until there are no more.
fn serve(slot: &mut Slot<'_>, jobs: &Mutex<Receiver<Request>>) {
    loop {
        let next = jobs.lock().map(|receiver| receiver.recv());
        let Ok(Ok(request)) = next else { return };
        let result = slot.run(&request);
        if write_line(&Numbered { n: request.number, result: &result }).is_err() {
            return;
        }
    }
}

fn write_line(value: &impl Serialize) -> io::Result<()> {
    let mut bytes = serde_json::to_vec(value)?;
    bytes.push(b'\n');
    let mut output = io::stdout().lock();
    output.write_all(&bytes)?;
    output.flush()
}
