//! What the workers of a supervisor share, and the jobs that they get.

use std::fs::File;

use crate::cgroups::Homes;
use crate::layers::Layers;
use crate::plan::Settings;

/// What all workers share.
pub struct Machine {
    pub settings: Settings,
    pub layers: Layers,
    pub privileged: bool,
    pub homes: Option<Homes>,
    /// Ends when all work is to stop.
    pub stop: File,
}

/// A job, of which the supervisor reads only what it needs.
pub struct Request {
    pub number: u64,
    pub line: Vec<u8>,
    pub function: Option<String>,
    pub calls: usize,
    pub stdin: String,
}
