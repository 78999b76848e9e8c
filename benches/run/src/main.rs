//! `traced` and its peers, measured side by side on this machine, in one run.
//!
//! | in `benches/` | what it does |
//! |---|---|
//! | `cargo run -- all` | builds and measures everything but compile time (under 10 minutes once built): `result.json`; and then `table` |
//! | `cargo run -- compile` | what annotated functions cost the compiler, and the binary's size: `compile.json` |
//! | `cargo run -- table` | prints the tables of these files, and writes them to the README, with `chart.svg` |
//! | `cargo run -- goals` | prints what was to be reached beside what was |
//! | `cargo run -- check` | counts the instructions of `traced` alone; fails where they are 10 % more than `baseline.json` says |
//! | `cargo run -- save` | writes `baseline.json` |
//! | `cargo run -- profile Attributes` | where the instructions of a case go (`road`: of the whole road) |
//! | `cargo run -- encoder` | the OTLP encoder by itself |
//!
//! A process measures one case of one peer ([`kit`]); rounds are interleaved, so that what else the machine does
//! hits all peers alike. Every peer is written as its users would, with its defaults, and exports to the same
//! `SpanExporter`, which drops its batch, or over OTLP to the same `sink`, in another process. The caller is pinned to
//! one core, and everything else to the same core, or to another. Shown are medians, with minimum and maximum.
//!
//! *Caller* is the CPU time of the thread that makes the spans (`CLOCK_THREAD_CPUTIME_ID`), in bursts of three groups of a root
//! and 511 children, which all peers' queues hold; *process* that of all threads (`CLOCK_PROCESS_CPUTIME_ID`), without
//! the caller's waiting between bursts. *Lean* is without attributes of code location and thread, which `traced` and
//! `tracing` record by default and the others do not. Instructions are counted by callgrind, as the difference of two lengths.

mod check;
mod compile;
mod count;
mod encoder;
mod goals;
mod gzip;
mod plan;
mod process;
mod profile;
mod report;
mod result;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["all"] => plan::all(),
        ["table"] => report::write(),
        ["goals"] => goals::print(),
        ["check"] => check::check(),
        ["save"] => check::save(),
        ["profile", case] => profile::profile(case),
        ["encoder"] => encoder::print(),
        ["compile"] => compile::compile(),
        _ => Err("one of: all, compile, table, goals, check, save, profile CASE, encoder".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// What went wrong, for whoever runs this.
type Error = Box<dyn std::error::Error>;
