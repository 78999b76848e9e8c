//! What was measured, for people: tables in Markdown, and a chart.
//!
//! The README's section on performance is written here, between two comments.

mod cases;
mod chart;
mod rest;
mod road;

use std::fmt::Write as _;
use std::fs;

use crate::Error;
use crate::process::home;
use crate::result::{COMPILE, Median, RESULT, Results};

pub(crate) use rest::{compile, encoder};
pub(crate) use road::bursts;

const BEGIN: &str = "<!-- performance: written by `cargo run --release -- table` in benches/ -->";
const END: &str = "<!-- /performance -->";

/// Prints the section, and puts it into the README, with its chart.
pub(crate) fn write() -> Result<(), Error> {
    let results = Results::read(RESULT)?;
    let section = section(&results, Results::read(COMPILE).ok().as_ref());
    fs::write(home().join("chart.svg"), chart::svg(&results))?;
    let readme = home().join("../README.md");
    let text = fs::read_to_string(&readme)?;
    let (before, rest) = text.split_once(BEGIN).ok_or("the README has no place for it")?;
    let (_, after) = rest.split_once(END).ok_or("the README's place for it has no end")?;
    fs::write(&readme, format!("{before}{BEGIN}\n{section}{END}{after}"))?;
    print!("{section}");
    Ok(())
}

fn section(results: &Results, compiled: Option<&Results>) -> String {
    let Results { date, machine, compiler, .. } = results;
    let mut text = format!("## Performance\n\n{}\n", road::headline(results));
    let _ = writeln!(
        text,
        "![The cost of a span on the whole road, as bars](benches/chart.svg)\n\n{}\n\
         Measured {date} on {machine}, with {compiler}, all in one run, by `cargo run --release -- all` in\n\
         [`benches/`](benches/run/src/main.rs), which says how. CPU time in nanoseconds: the median of interleaved \
         rounds\n(their minimum and maximum), and in bold ours as a share of it. *Lean* is without attributes of code \
         location and\nthread.\n\n\
         ### A span, without the sending\n\n\
         CPU time of the thread that makes it, with the pipeline on the same core and on another:\n\n{}",
        road::main(results),
        cases::times(results, "caller"),
    );
    let mut more = |title: &str, table: &str| {
        let _ = writeln!(text, "<details><summary>{title}</summary>\n\n{table}\n</details>\n");
    };
    more("CPU time of the process for a span, without the sending", &cases::times(results, "process"));
    more("Instructions of the caller", &cases::instructions(results, "caller instructions"));
    more("Instructions of the process", &cases::instructions(results, "all instructions"));
    more("The whole road, at other paces, and compressed", &road::all(results));
    more("The OTLP encoder by itself", &encoder(results));
    more("More than can be exported", &rest::floods(results));
    if let Some(compiled) = compiled {
        more("Compile time", &compile(compiled));
    }
    text
}

/// The head of a table.
pub(crate) fn head(first: &str, columns: &[&str]) -> String {
    format!("| {first} | {} |\n|---|{}\n", columns.join(" | "), "---:|".repeat(columns.len()))
}

/// A median between its extremes.
fn shown(Median { low, middle, high }: Median) -> String {
    let digits = usize::from(middle < 20.0);
    format!("{middle:.digits$} ({low:.digits$}-{high:.digits$})")
}

/// A whole number, its thousands apart.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Who it is, for people.
fn name(peer: &str) -> &str {
    match peer {
        "traced-lean" => "`traced`, lean",
        "traced" => "`traced`",
        "otel" => "OpenTelemetry SDK",
        "otel-global" => "the same, `global::tracer`",
        "tracing-lean" => "`tracing`, lean",
        "tracing" => "`tracing`",
        "apollo" => "apollo-opentelemetry",
        other => other,
    }
}
