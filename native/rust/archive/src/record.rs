//! Reads what an archive needs of a frontier's line, and checks the rest, without keeping it.
//!
//! A line is only taken where psynth's reader in Python certainly accepts it; that one decides about all others. The two
//! are compared in tests/psynth_elites/test_lines.py.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use memchr::memmem;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::Deserialize as Derive;

/// The figure of a program that an archive maximizes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Objective {
    /// The reward, or the score of a program without one.
    Gain,
    Reward,
    Score,
    LogLikelihood,
    LogPrior,
}

/// The only program of a frontier and its task.
#[derive(Debug)]
pub struct Line<'a> {
    pub task: Cow<'a, str>,
    pub domain: Cow<'a, str>,
    pub language: &'static str,
    pub program: Cow<'a, str>,
    /// None if it is not known, or impossible.
    pub objective: Option<f64>,
    pub descriptor: Option<Vec<f64>>,
}

/// The line's frontier, if it has a task, one program, and nothing that has to be looked at more closely.
pub fn read(line: &[u8], objective: Objective) -> Option<Line<'_>> {
    // Half a surrogate pair is an error, which serde_json does not look for in what is skipped.
    if memmem::find(line, b"\\u").is_some() {
        return None;
    }
    let frontier: Frontier<'_> = serde_json::from_slice(line).ok()?;
    let [program] = <[Program<'_>; 1]>::try_from(frontier.programs).ok()?;
    if frontier.kind != "frontier" {
        return None;
    }
    let figure = match objective {
        Objective::Gain => program.reward.or(program.score),
        Objective::Reward => program.reward,
        Objective::Score => program.score,
        Objective::LogLikelihood => program.log_likelihood,
        Objective::LogPrior => program.log_prior,
    };
    if [program.score, program.held_out].iter().flatten().any(|share| !(0.0..=1.0).contains(share)) {
        return None;
    }
    Some(Line {
        task: frontier.task.id,
        domain: frontier.task.domain,
        language: program.language.unwrap_or_default().name(),
        program: program.program,
        objective: figure,
        descriptor: program.descriptor,
    })
}

#[derive(Derive)]
struct Frontier<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    task: Task<'a>,
    #[serde(borrow)]
    programs: Vec<Program<'a>>,
    #[serde(rename = "search")]
    _search: Option<Never>,
    #[serde(rename = "weights")]
    _weights: Option<Never>,
    #[serde(rename = "elite")]
    _elite: Option<Credit>,
}

#[derive(Derive)]
struct Credit {
    #[serde(rename = "children")]
    _children: Option<i64>,
    #[serde(rename = "accepted")]
    _accepted: Option<i64>,
}

#[derive(Derive)]
struct Task<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    domain: Cow<'a, str>,
    #[serde(rename = "request", borrow)]
    _request: Option<Text<'a>>,
    #[serde(rename = "examples")]
    _examples: Option<Never>,
    #[serde(rename = "environment")]
    _environment: Option<Object>,
    #[serde(rename = "split", borrow)]
    _split: Option<Text<'a>>,
    #[serde(rename = "descriptions", borrow)]
    _descriptions: Option<Vec<Text<'a>>>,
    #[serde(rename = "origin")]
    _origin: Option<Never>,
    #[serde(rename = "meta")]
    _meta: Option<Object>,
}

#[derive(Derive)]
struct Program<'a> {
    #[serde(borrow)]
    program: Cow<'a, str>,
    language: Option<Language>,
    log_prior: Option<f64>,
    log_likelihood: Option<f64>,
    score: Option<f64>,
    held_out: Option<f64>,
    reward: Option<f64>,
    #[serde(rename = "held_out_reward")]
    _held_out_reward: Option<f64>,
    #[serde(rename = "status")]
    _status: Option<Status>,
    #[serde(rename = "message", borrow)]
    _message: Option<Text<'a>>,
    #[serde(rename = "outputs")]
    _outputs: Option<Vec<IgnoredAny>>,
    descriptor: Option<Vec<f64>>,
    #[serde(rename = "origin", borrow)]
    _origin: Option<Origin<'a>>,
    #[serde(rename = "step")]
    _step: Option<i64>,
}

#[derive(Derive)]
struct Origin<'a> {
    #[serde(rename = "by", borrow)]
    _by: Option<Text<'a>>,
    #[serde(rename = "from")]
    _from: Option<Parents>,
    #[serde(rename = "evaluations")]
    _evaluations: Option<i64>,
}

#[derive(Derive, Clone, Copy, Default)]
#[serde(rename_all = "lowercase")]
enum Language {
    #[default]
    Lambda,
    Python,
    Text,
    Json,
}

impl Language {
    fn name(self) -> &'static str {
        match self {
            Self::Lambda => "lambda",
            Self::Python => "python",
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

#[derive(Derive)]
#[serde(rename_all = "lowercase")]
enum Status {
    Ok,
    Error,
    Timeout,
    Fuel,
    Memory,
}

/// A string that is not kept.
struct Text<'a>(PhantomData<&'a str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl Visitor<'_> for Any {
            type Value = ();
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
                Ok(())
            }
        }
        deserializer.deserialize_str(Any).map(|()| Self(PhantomData))
    }
}

/// One string or several, which are not kept.
struct Parents;

impl<'de> Deserialize<'de> for Parents {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Parents;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of strings")
            }
            fn visit_str<E: Error>(self, _: &str) -> Result<Parents, E> {
                Ok(Parents)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Parents, A::Error> {
                while list.next_element::<Text<'de>>()?.is_some() {}
                Ok(Parents)
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// An object that is not kept.
struct Object;

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Object;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Object)
            }
        }
        deserializer.deserialize_map(Any)
    }
}

/// What has a structure of its own, which Python's reader checks.
struct Never;

impl<'de> Deserialize<'de> for Never {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom("not read here"))
    }
}
