//! Values between Python and JSON.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use serde_json::Value;

/// The deepest nesting of lists and dicts in a value that is returned.
const DEEPEST: usize = 100;

/// A JSON value as Python has it.
pub fn decode<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(flag) => PyBool::new(py, *flag).to_owned().into_any(),
        Value::Number(number) => match number.as_i64() {
            Some(small) => small.into_pyobject(py)?.into_any(),
            None if number.as_str().contains(['.', 'e', 'E']) => {
                let float = number.as_str().parse::<f64>().map_err(|error| PyValueError::new_err(error.to_string()))?;
                PyFloat::new(py, float).into_any()
            }
            None => py.get_type::<PyInt>().call1((number.as_str(),))?,
        },
        Value::String(text) => PyString::new(py, text).into_any(),
        Value::Array(items) => {
            let items: PyResult<Vec<_>> = items.iter().map(|item| decode(py, item)).collect();
            PyList::new(py, items?)?.into_any()
        }
        Value::Object(entries) => {
            let dict = PyDict::new(py);
            for (key, item) in entries {
                dict.set_item(key, decode(py, item)?)?;
            }
            dict.into_any()
        }
    })
}

/// Why a value cannot be returned.
pub enum Unsayable {
    /// It is longer than the limit.
    TooLong,
    /// It is, or contains, something that JSON cannot say: a description.
    NotJson(String),
    /// Converting it raised an exception.
    Raised(PyErr),
}

impl From<PyErr> for Unsayable {
    fn from(error: PyErr) -> Unsayable {
        Unsayable::Raised(error)
    }
}

/// A value as JSON text of at most `limit` bytes: tuples become lists, arrays and scalars of numpy lists and numbers.
pub fn encode(value: &Bound<'_, PyAny>, limit: usize) -> Result<String, Unsayable> {
    let mut encoder = Encoder { text: String::new(), limit };
    encoder.add(value, 0)?;
    Ok(encoder.text)
}

struct Encoder {
    text: String,
    limit: usize,
}

impl Encoder {
    fn push(&mut self, text: &str) -> Result<(), Unsayable> {
        if self.text.len() + text.len() > self.limit {
            return Err(Unsayable::TooLong);
        }
        self.text.push_str(text);
        Ok(())
    }

    fn add(&mut self, value: &Bound<'_, PyAny>, depth: usize) -> Result<(), Unsayable> {
        if depth > DEEPEST {
            return Err(Unsayable::NotJson(format!("a value nested more than {DEEPEST} levels deep")));
        }
        if value.is_none() {
            self.push("null")
        } else if let Ok(flag) = value.cast::<PyBool>() {
            self.push(if flag.is_true() { "true" } else { "false" })
        } else if let Ok(number) = value.cast::<PyInt>() {
            self.add_integer(number)
        } else if let Ok(number) = value.cast::<PyFloat>() {
            self.add_float(number.value())
        } else if let Ok(text) = value.cast::<PyString>() {
            self.add_text(text)
        } else if let Ok(list) = value.cast::<PyList>() {
            self.add_items(list.iter(), depth)
        } else if let Ok(tuple) = value.cast::<PyTuple>() {
            self.add_items(tuple.iter(), depth)
        } else if let Ok(dict) = value.cast::<PyDict>() {
            self.add_entries(dict, depth)
        } else if let Ok(listed) = value.getattr("tolist") {
            self.add(&listed.call0()?, depth + 1)
        } else {
            let name = value.get_type().name()?.to_string();
            let article = if name.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', 'U']) { "an" } else { "a" };
            Err(Unsayable::NotJson(format!("{article} {name}")))
        }
    }

    fn add_integer(&mut self, number: &Bound<'_, PyInt>) -> Result<(), Unsayable> {
        match number.extract::<i64>() {
            Ok(small) => self.push(&small.to_string()),
            // Of a subclass, which may print itself as it likes, the value counts.
            Err(_) => {
                let plain = number.call_method1("__add__", (0,))?;
                let text = plain.str()?;
                self.push(text.to_str()?)
            }
        }
    }

    fn add_float(&mut self, number: f64) -> Result<(), Unsayable> {
        match serde_json::Number::from_f64(number) {
            Some(finite) => self.push(&finite.to_string()),
            None => Err(Unsayable::NotJson(format!("the number {}", if number.is_nan() { "nan" } else { "inf" }))),
        }
    }

    fn add_text(&mut self, text: &Bound<'_, PyString>) -> Result<(), Unsayable> {
        let Ok(text) = text.to_str() else {
            return Err(Unsayable::NotJson("a string with a lone surrogate".to_owned()));
        };
        if text.len() > self.limit {
            return Err(Unsayable::TooLong);
        }
        match serde_json::to_string(text) {
            Ok(quoted) => self.push(&quoted),
            Err(error) => Err(Unsayable::NotJson(error.to_string())),
        }
    }

    fn add_items<'py>(
        &mut self,
        items: impl Iterator<Item = Bound<'py, PyAny>>,
        depth: usize,
    ) -> Result<(), Unsayable> {
        self.push("[")?;
        for (place, item) in items.enumerate() {
            if place > 0 {
                self.push(",")?;
            }
            self.add(&item, depth + 1)?;
        }
        self.push("]")
    }

    fn add_entries(&mut self, dict: &Bound<'_, PyDict>, depth: usize) -> Result<(), Unsayable> {
        self.push("{")?;
        for (place, (key, item)) in dict.iter().enumerate() {
            let Ok(key) = key.cast::<PyString>() else {
                return Err(Unsayable::NotJson(format!("a dict with a key of type {}", key.get_type().name()?)));
            };
            if place > 0 {
                self.push(",")?;
            }
            self.add_text(key)?;
            self.push(":")?;
            self.add(&item, depth + 1)?;
        }
        self.push("}")
    }
}
