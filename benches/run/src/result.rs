//! What a run measured, as a file.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use kit::Numbers;
use serde::{Deserialize, Serialize};

use crate::{Error, process};

/// What is measured of all.
pub(crate) const RESULT: &str = "result.json";

/// What compiling costs.
pub(crate) const COMPILE: &str = "compile.json";

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Results {
    pub(crate) date: String,
    pub(crate) machine: String,
    pub(crate) compiler: String,
    /// `peer case core` → what → the rounds.
    pub(crate) numbers: BTreeMap<String, BTreeMap<String, Vec<f64>>>,
}

/// The middle of several rounds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Median {
    pub(crate) low: f64,
    pub(crate) middle: f64,
    pub(crate) high: f64,
}

impl Results {
    pub(crate) fn now() -> Self {
        let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model =
            cpu.lines().find_map(|line| line.strip_prefix("model name\t: ")).unwrap_or("?").to_owned();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            date: output("date", &["--utc", "+%Y-%m-%d %H:%M UTC"]),
            machine: format!("{model}, {cores} cores, {}", output("uname", &["-sr"])),
            compiler: output("rustc", &["--version"]),
            numbers: BTreeMap::new(),
        }
    }

    pub(crate) fn add(&mut self, key: &str, numbers: Numbers) {
        let entry = self.numbers.entry(key.to_owned()).or_default();
        for (what, number) in numbers {
            // What is behind is noise.
            entry.entry(what).or_default().push((number * 1000.0).round() / 1000.0);
        }
    }

    pub(crate) fn median(&self, key: &str, what: &str) -> Option<Median> {
        let mut rounds = self.numbers.get(key)?.get(what)?.clone();
        rounds.sort_by(f64::total_cmp);
        Some(Median { low: *rounds.first()?, middle: rounds[rounds.len() / 2], high: *rounds.last()? })
    }

    pub(crate) fn middle(&self, key: &str, what: &str) -> Option<f64> {
        self.median(key, what).map(|it| it.middle)
    }

    pub(crate) fn read(name: &str) -> Result<Self, Error> {
        let text = fs::read_to_string(path(name)).map_err(|error| format!("{name}: {error}"))?;
        Ok(serde_json::from_str(&text)?)
    }

    pub(crate) fn write(&self, name: &str) -> Result<(), Error> {
        // A line for each key: what changes is seen.
        let mut text = "{\n".to_owned();
        for (name, value) in [("date", &self.date), ("machine", &self.machine), ("compiler", &self.compiler)]
        {
            let _ = writeln!(text, "  {name:?}: {},", serde_json::to_string(value)?);
        }
        let lines = self.numbers.iter().map(|(key, numbers)| {
            Ok(format!("    {}: {}", serde_json::to_string(key)?, serde_json::to_string(numbers)?))
        });
        let lines = lines.collect::<Result<Vec<_>, serde_json::Error>>()?.join(",\n");
        let _ = writeln!(text, "  \"numbers\": {{\n{lines}\n  }}\n}}");
        Ok(fs::write(path(name), text)?)
    }
}

pub(crate) fn path(name: &str) -> PathBuf {
    process::home().join(name)
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or_else(|_| "?".to_owned(), |it| String::from_utf8_lossy(&it.stdout).trim().to_owned())
}
