//! The sandbox where there is no Linux: every layer is missing, and it refuses to run.

use std::collections::BTreeMap;

use serde_json::{json, Value};

use crate::layers::Layer;

const REASON: &str = "needs Linux";

/// What `psynth-sandbox probe` answers.
pub fn layers() -> Value {
    let missing: BTreeMap<Layer, &str> = Layer::ALL.iter().map(|&layer| (layer, REASON)).collect();
    json!({ "present": {}, "missing": missing })
}

/// What the supervisor answers to any settings.
pub fn refusal() -> Value {
    let names: Vec<&str> = Layer::ALL.iter().map(|layer| layer.name()).collect();
    json!({ "refused": format!("it {REASON}; missing layers: {}", names.join(", ")) })
}

/// In the place of the probe.
pub mod probe {
    use std::io;

    /// Write the layers as JSON.
    pub fn print() -> io::Result<()> {
        println!("{}", super::layers());
        Ok(())
    }
}

/// In the place of the supervisor.
pub mod supervisor {
    use std::io;

    /// Read the settings of a client, and refuse.
    pub fn run() -> io::Result<()> {
        io::stdin().lines().next().transpose()?;
        println!("{}", super::refusal());
        Ok(())
    }
}

/// In the place of the keeper, which no supervisor starts here.
pub mod keeper {
    use std::io;

    /// Refuse.
    pub fn run() -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::Unsupported, super::REASON))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layer_is_named_as_missing() {
        let answer = layers();
        assert_eq!(answer["present"], json!({}));
        for layer in Layer::ALL {
            assert_eq!(answer["missing"][layer.name()], REASON);
            assert!(refusal()["refused"].as_str().is_some_and(|said| said.contains(layer.name())));
        }
    }
}
