//! Instructions, counted by callgrind: the difference of two lengths is what a span costs, without the start.

use std::fs;
use std::path::{Path, PathBuf};

use kit::{Case, Core, Numbers, Order, To, What};

use crate::{Error, process};

/// Bursts of the two lengths.
const SHORT: u32 = 2;
const LONG: u32 = 10;

/// Instructions per span of the caller's thread, and of all.
pub(crate) fn instructions(peer: &str, case: Case) -> Result<Numbers, Error> {
    let run = |bursts| {
        let output = output(&format!("{peer}-{case:?}-{bursts}"))?;
        let calls = callgrind(peer, What::Count { case, bursts }, &output)?;
        let (caller, all) = totals(&output)?;
        Ok::<_, Error>((calls, caller, all))
    };
    let (short, long) = (run(SHORT)?, run(LONG)?);
    let calls = long.0 - short.0;
    Ok([
        ("caller instructions".into(), (long.1 - short.1) / calls),
        ("all instructions".into(), (long.2 - short.2) / calls),
    ]
    .into())
}

/// Spans of a profile: bursts of three groups of 512.
pub(crate) const PROFILED: f64 = 20.0 * 3.0 * 512.0;

/// Where the instructions go.
pub(crate) fn profile(what: What, name: &str) -> Result<PathBuf, Error> {
    let output = output(name)?;
    callgrind("traced", what, &output)?;
    Ok(output)
}

/// What [`profile`] counts of the whole road.
pub(crate) fn road(to: To) -> What {
    What::CountRoad { to, bursts: 20 }
}

/// What [`profile`] counts of a case.
pub(crate) fn bursts(case: Case) -> What {
    What::Count { case, bursts: 20 }
}

/// Where callgrind writes, with a number for each thread: nothing is there yet.
fn output(name: &str) -> Result<PathBuf, Error> {
    let folder = process::home().join("target/callgrind").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    Ok(folder.join("out"))
}

fn callgrind(peer: &str, what: What, output: &Path) -> Result<f64, Error> {
    let order = Order { peer: peer.to_owned(), what, core: Core::Other };
    let run = process::command("valgrind")
        .args(["--quiet", "--tool=callgrind", "--separate-threads=yes"])
        .arg(format!("--callgrind-out-file={}", output.display()))
        .arg(process::program(peer))
        .arg(serde_json::to_string(&order)?)
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    let numbers: Numbers = serde_json::from_slice(&run.stdout)
        .map_err(|_| format!("{order:?}: {}", String::from_utf8_lossy(&run.stderr)))?;
    numbers.get("calls").copied().ok_or_else(|| "no calls".into())
}

/// Of the bursts, and of all that is done by other threads as well.
///
/// Of the caller's thread only what the bursts call: the calibration of a peer's clock, which comes before, takes as many
/// instructions as there is time for.
fn totals(output: &Path) -> Result<(f64, f64), Error> {
    let (mut caller, mut others) = (0.0, 0.0);
    for file in fs::read_dir(output.parent().ok_or("no folder")?)? {
        let path = file?.path();
        // Without a number: nothing is in it.
        if path == output {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        if path.to_string_lossy().ends_with("-01") {
            caller = inside(&text, "Made::burst").ok_or("no bursts")?;
        } else {
            let total = text.lines().rev().find_map(|line| line.strip_prefix("totals: "));
            others += total.ok_or("no totals")?.trim().parse::<f64>()?;
        }
    }
    Ok((caller, caller + others))
}

/// The costs of the calls of a function, from callgrind's format: `cfn=(number) name`, of which the name is there once
/// only; then `calls=`, and a line with the place and the cost.
fn inside(text: &str, function: &str) -> Option<f64> {
    let named = text.lines().filter(|line| line.contains(function));
    let number = named
        .filter_map(|line| line.split_once("fn=(")?.1.split_once(')'))
        .map(|(number, _)| number)
        .next()?;
    let called = format!("cfn=({number})");
    let mut sum = 0.0;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.starts_with(&called) {
            let cost = lines.find(|line| !line.starts_with("calls="))?;
            sum += cost.split(' ').nth(1)?.parse::<f64>().ok()?;
        }
    }
    Some(sum)
}
