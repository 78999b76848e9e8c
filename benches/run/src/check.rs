//! Whether `traced` needs more instructions than it did.

use kit::Core;

use crate::result::Results;
use crate::{Error, plan, process};

const BASELINE: &str = "baseline.json";

/// More than this times as many is a regression.
const TOLERATED: f64 = 1.10;

/// And more than so many more: a case of a handful of instructions changes by one.
const TOLERATED_MORE: f64 = 5.0;

pub(crate) fn save() -> Result<(), Error> {
    measured()?.write(BASELINE)
}

pub(crate) fn check() -> Result<(), Error> {
    let before = Results::read(BASELINE)?;
    let now = measured()?;
    let mut worse = Vec::new();
    println!("| case | instructions | before | now | |\n|---|---|---:|---:|---:|");
    for key in now.numbers.keys() {
        for what in ["caller instructions", "all instructions"] {
            let at = |results: &Results| results.median(key, what).map(|it| it.middle);
            let Some(now) = at(&now) else { continue };
            let Some(before) = at(&before) else {
                println!("| {key} | {what} | – | {now:.0} | not in {BASELINE}: `cargo run -- save` |");
                continue;
            };
            println!("| {key} | {what} | {before:.0} | {now:.0} | {:+.1} % |", (now / before - 1.0) * 100.0);
            if now > before * TOLERATED && now > before + TOLERATED_MORE {
                worse.push(format!("{key}: {what}: {before:.0} before, {now:.0} now"));
            }
        }
    }
    if worse.is_empty() {
        return Ok(());
    }
    let worse = worse.join("\n");
    Err(format!("more instructions than before; if it is worth it, `cargo run -- save`:\n{worse}").into())
}

fn measured() -> Result<Results, Error> {
    process::build(&["peer-traced"])?;
    let mut results = Results::now();
    let wanted: Vec<_> = plan::ours().map(|case| ("traced", case)).collect();
    for (peer, case, numbers) in plan::counted(&wanted)? {
        results.add(&plan::key(peer, &format!("{case:?}"), Core::Other), numbers);
    }
    Ok(results)
}
