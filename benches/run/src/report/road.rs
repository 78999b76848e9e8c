//! The whole road: made, encoded, sent and acknowledged.

use std::fmt::Write as _;

use kit::{Core, Pace};

use super::{grouped, head, name, shown};
use crate::plan::{PACES, ROADS, key};
use crate::result::{Median, Results};

const COLUMNS: [&str; 6] = ["process", "ours / its", "caller", "ours / its", "pauses (subtracted)", "lost"];

/// What was measured of a road, at the pace that is judged.
pub(crate) fn bursts(results: &Results, peer: &str, by: &str, core: Core, what: &str) -> Option<f64> {
    results.middle(&key(peer, &format!("{by} {:?}", Pace::Bursts), core), what)
}

pub(super) fn headline(results: &Results) -> String {
    let of = |peer: &str, what: &str| {
        bursts(results, peer, "http", Core::Other, what).map_or("?".to_owned(), grouped)
    };
    format!(
        "A span that is made, encoded, sent and acknowledged costs the process **{} ns** of CPU, and the thread that \
         makes it\n{} ns of these. With the OpenTelemetry SDK and its exporter it is {} ns ({}), with `tracing`, lean, {} \
         ({}), with fastrace\n{} ({}): spans with three attributes in bursts of 512 every 3 ms, over OTLP \
         http/protobuf, each otherwise with its defaults.\n",
        of("traced", "process"),
        of("traced", "caller"),
        of("otel", "process"),
        of("otel", "caller"),
        of("tracing-lean", "process"),
        of("tracing-lean", "caller"),
        of("fastrace", "process"),
        of("fastrace", "caller"),
    )
}

/// At the pace of the headline.
pub(super) fn main(results: &Results) -> String {
    let mut text = head("who, by", &COLUMNS);
    for (peer, by) in ROADS.into_iter().filter(|(_, by)| !by.ends_with("gzip")) {
        line(&mut text, results, &format!("{}, {by}", name(peer)), (peer, by), (Pace::Bursts, Core::Other));
    }
    text
}

pub(super) fn all(results: &Results) -> String {
    let mut text =
        "512 spans every 3 ms, 100 every 10 ms, and as fast as nobody loses any; what waking up for pauses \
                    costs by itself is\nsubtracted.\n\n"
            .to_owned();
    text += &head("who, by, pace, pipeline's core", &COLUMNS);
    for (pace, core) in PACES {
        for (peer, by) in ROADS {
            let spans = match pace {
                Pace::Bursts => "512 / 3 ms",
                Pace::Trickle => "100 / 10 ms",
                Pace::Tight => "tight",
            };
            let place = if core == Core::Same { "same" } else { "other" };
            let first = format!("{}, {by}, {spans}, {place}", name(peer));
            line(&mut text, results, &first, (peer, by), (pace, core));
        }
    }
    for by in ["http", "grpc"] {
        let of = |by: &str, what: &str| bursts(results, "traced", by, Core::Other, what);
        let gzip = format!("{by} gzip");
        if let (Some(plain), Some(alone), Some(gzip)) =
            (of(by, "process"), of(&gzip, "gzip alone"), of(&gzip, "process"))
        {
            let _ = writeln!(
                text,
                "\nAs gzip over {by} {gzip:.0} ns: {plain:.0} without, and {alone:.0} for compressing the same bytes by \
                 itself (zlib-rs at level 1)."
            );
        }
    }
    text
}

/// Of a peer that has been measured so.
fn line(
    text: &mut String,
    results: &Results,
    first: &str,
    (peer, by): (&str, &str),
    (pace, core): (Pace, Core),
) {
    let of = |peer: &str, what: &str| results.median(&key(peer, &format!("{by} {pace:?}"), core), what);
    let (Some(process), Some(caller)) = (of(peer, "process"), of(peer, "caller")) else { return };
    let share = |what: &str, it: Median| match of("traced", what) {
        Some(ours) if !peer.starts_with("traced") => format!("**{:.3}**", ours.middle / it.middle),
        _ => String::new(),
    };
    let middle = |what: &str| of(peer, what).map_or(0.0, |it| it.middle);
    let _ = writeln!(
        text,
        "| {first} | {} | {} | {} | {} | {:.0} | {:.2} % |",
        shown(process),
        share("process", process),
        shown(caller),
        share("caller", caller),
        middle("pauses"),
        middle("lost") * 100.0,
    );
}
