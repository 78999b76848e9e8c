//! The OTLP encoder by itself, beside opentelemetry-proto's transform and prost for the same spans. It is private: one
//! of the runtime's own tests measures it.

use std::process::Command;

use crate::result::Results;
use crate::{Error, process};

/// Spans in the test's request.
const SPANS: f64 = 512.0;

const ROUNDS: usize = 3;

pub(crate) fn print() -> Result<(), Error> {
    let mut results = Results::now();
    measure(&mut results)?;
    print!("{}", crate::report::encoder(&results));
    Ok(())
}

pub(crate) fn measure(results: &mut Results) -> Result<(), Error> {
    for round in 1..=ROUNDS {
        eprintln!("encoder, round {round} of {ROUNDS}");
        let test = Command::new("cargo")
            .args(["test", "--release", "--quiet", "-p", "traced", "--all-features", "--lib"])
            .args(["otlp::tests::speed", "--", "--ignored", "--nocapture"])
            .current_dir(process::home().parent().ok_or("no repository")?)
            .output()?;
        let lines = String::from_utf8(test.stdout)?;
        let mut found = false;
        for line in lines.lines() {
            // `encoder ours ns 12345`, of a request.
            if let [what @ ("encoder" | "encoder-lean"), who, unit, number] =
                line.split(' ').collect::<Vec<_>>()[..]
            {
                let number = number.parse::<f64>()? / SPANS;
                results.add(what, [(format!("{who} {unit}"), number)].into());
                found = true;
            }
        }
        if !found {
            return Err(String::from_utf8_lossy(&test.stderr).into());
        }
    }
    Ok(())
}
