//! The encoder by itself, floods, and what annotated functions cost the compiler.

use std::fmt::Write as _;

use super::{head, name};
use crate::compile::{ANNOTATED, FUNCTIONS};
use crate::plan::{FLOODED, FLOODS, key};
use crate::result::Results;

pub(crate) fn encoder(results: &Results) -> String {
    let mut text =
        "From what was recorded to the bytes of a request of 512 spans, beside opentelemetry-proto's \
                    transform and prost for\nthe same spans; for each span:\n\n"
            .to_owned();
    text += &head("spans with", &["ns", "of prost's", "bytes", "of prost's", "allocations", "prost's"]);
    for (what, title) in [
        ("encoder", "3 attributes and code location"),
        ("encoder-lean", "3 attributes, of a tracer of OpenTelemetry's"),
    ] {
        let of = |who: &str, unit: &str| results.middle(what, &format!("{who} {unit}")).unwrap_or(f64::NAN);
        let share = |unit: &str| of("ours", unit) / of("prost", unit);
        let _ = writeln!(
            text,
            "| {title} | {:.0} | **{:.3}** | {:.0} | **{:.3}** | {:.2} | {:.0} |",
            of("ours", "ns"),
            share("ns"),
            of("ours", "bytes"),
            share("bytes"),
            of("ours", "allocations"),
            of("prost", "allocations"),
        );
    }
    text
}

pub(super) fn floods(results: &Results) -> String {
    let mut text = "Time of a span on the clock, in nanoseconds, of 1,000,000 as fast as possible; of 1,000 each \
                    millisecond; of 300,000\nto an exporter that takes 100 ms for a batch; and of 512 threads \
                    together to that exporter. *Miscounted* is how far the\npeer's own count of lost spans is off.\n\n"
        .to_owned();
    text +=
        &head("flood, pipeline's core, who", &["p50", "p99.9", "max", "lost", "miscounted", "memory, MB"]);
    for (flood, core) in FLOODS {
        for peer in FLOODED {
            let of = |what: &str| results.middle(&key(peer, &format!("{flood:?}"), core), what);
            let plain = |what: &str| of(what).map_or("–".to_owned(), |it| format!("{it:.0}"));
            let _ = writeln!(
                text,
                "| {}, {}, {} | {} | {} | {} | {:.2} % | {} | {:.1} |",
                format!("{flood:?}").to_lowercase(),
                format!("{core:?}").to_lowercase(),
                name(peer),
                plain("p50"),
                plain("p99.9"),
                plain("max"),
                of("lost").unwrap_or_default() * 100.0,
                plain("miscounted"),
                of("memory").unwrap_or_default() / 1e6,
            );
        }
    }
    text
}

pub(crate) fn compile(results: &Results) -> String {
    let Results { date, machine, compiler, .. } = results;
    let mut text = format!(
        "{} annotated functions that return a `Result` whose error is recorded, half of them async: CPU seconds for \
         their crate\nalone. {date}; {machine}; {compiler}.\n\n",
        2 * FUNCTIONS
    );
    text += &head("", &["`cargo check`", "over none", "`cargo build --release`", "over none", "code, KB"]);
    for peer in &ANNOTATED {
        let of = |what: &str| results.middle(peer.0, what).unwrap_or(f64::NAN);
        let over = |what: &str| of(what) - results.middle("none", what).unwrap_or(f64::NAN);
        let _ = writeln!(
            text,
            "| {} | {:.2} | {:.2} | {:.2} | {:.2} | {:.0} |",
            name(peer.0),
            of("check"),
            over("check"),
            of("release"),
            over("release"),
            of("text") / 1000.0,
        );
    }
    text
}
