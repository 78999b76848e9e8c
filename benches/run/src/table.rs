//! The table, as Markdown.

use std::fmt::Write as _;
use std::fs;

use kit::Core;

use crate::plan::{CASES, CORES, FLOODED, PEERS, ROADS, key};
use crate::result::{Median, Results, path};
use crate::{Error, plan};

pub(crate) fn print() -> Result<(), Error> {
    print!("{}", table(&Results::read("result.json")?));
    Ok(())
}

pub(crate) fn write(results: &Results) -> Result<(), Error> {
    let table = table(results);
    fs::write(path("table.md"), &table)?;
    print!("{table}");
    Ok(())
}

fn table(results: &Results) -> String {
    let Results { date, machine, compiler, .. } = results;
    let mut text = format!("{date}; {machine}; {compiler}.\n");
    for (what, title) in [
        (
            "caller",
            "CPU time of the caller per span, ns: median (min-max), and in bold ours as a share of it",
        ),
        ("process", "CPU time of the process per span, ns"),
    ] {
        let _ = writeln!(text, "\n### {title}\n");
        cases(&mut text, results, what);
    }
    for what in ["caller instructions", "all instructions"] {
        let _ = writeln!(text, "\n### Per span: {what}\n");
        instructions(&mut text, results, what);
    }
    road(&mut text, results);
    flood(&mut text, results);
    text
}

fn head(text: &mut String, first: &str, columns: &[&str]) {
    let _ = writeln!(text, "| {first} | {} |", columns.join(" | "));
    let _ = writeln!(text, "|---|{}", "---:|".repeat(columns.len()));
}

fn cases(text: &mut String, results: &Results, what: &str) {
    let columns: Vec<_> = PEERS.into_iter().chain(["floor"]).collect();
    head(text, "case, pipeline's core", &columns);
    for case in CASES {
        for core in CORES {
            let of = |peer: &str| results.median(&key(peer, &format!("{case:?}"), core), what);
            let Some(ours) = of("traced") else { continue };
            let cells: Vec<_> = columns.iter().map(|peer| cell(of(peer), ours, *peer == "traced")).collect();
            let _ = writeln!(text, "| {case:?}, {core:?} | {} |", cells.join(" | "));
        }
    }
}

fn cell(of: Option<Median>, ours: Median, is_ours: bool) -> String {
    let Some(Median { low, middle, high }) = of else { return "–".to_owned() };
    let share = if is_ours { String::new() } else { format!(" **{:.3}**", ours.middle / middle) };
    let digits = usize::from(middle < 20.0);
    format!("{middle:.digits$} ({low:.digits$}-{high:.digits$}){share}")
}

fn instructions(text: &mut String, results: &Results, what: &str) {
    head(text, "case", &PEERS);
    for case in plan::ours() {
        let of = |peer: &str| results.median(&key(peer, &format!("{case:?}"), Core::Other), what);
        let Some(ours) = of("traced") else { continue };
        let cells = PEERS.map(|peer| match of(peer) {
            None => "–".to_owned(),
            Some(it) if peer == "traced" => format!("{:.0}", it.middle),
            Some(it) => format!("{:.0} **{:.3}**", it.middle, ours.middle / it.middle),
        });
        let _ = writeln!(text, "| {case:?} | {} |", cells.join(" | "));
    }
}

fn road(text: &mut String, results: &Results) {
    let _ = writeln!(text, "\n### Made, encoded and sent, 3 attributes: CPU time per span, ns\n");
    let columns =
        ["process", "caller", "pauses (subtracted)", "lost", "ours / its process", "ours / its caller"];
    head(text, "who, by, pace, pipeline's core", &columns);
    for (pace, core) in
        [("Bursts", Core::Same), ("Bursts", Core::Other), ("Trickle", Core::Other), ("Tight", Core::Other)]
    {
        for (peer, by) in ROADS {
            let of = |peer: &str, what: &str| results.median(&key(peer, &format!("{by} {pace}"), core), what);
            let (Some(process), Some(caller)) = (of(peer, "process"), of(peer, "caller")) else { continue };
            let share = |what: &str, it: Median| {
                of("traced", what).map_or(String::new(), |ours| format!("{:.3}", ours.middle / it.middle))
            };
            let shown = |it: Median| format!("{:.0} ({:.0}-{:.0})", it.middle, it.low, it.high);
            let _ = writeln!(
                text,
                "| {peer}, {by}, {pace}, {core:?} | {} | {} | {:.0} | {:.2} % | {} | {} |",
                shown(process),
                shown(caller),
                of(peer, "pauses").map_or(0.0, |it| it.middle),
                of(peer, "lost").map_or(0.0, |it| it.middle * 100.0),
                share("process", process),
                share("caller", caller),
            );
        }
    }
}

fn flood(text: &mut String, results: &Results) {
    let _ = writeln!(text, "\n### Floods: time of a span on the clock, ns\n");
    head(text, "flood, pipeline's core, who", &["p50", "p99.9", "max", "lost", "miscounted", "memory, MB"]);
    for (flood, core) in [
        ("Fast", Core::Same),
        ("Fast", Core::Other),
        ("Steady", Core::Other),
        ("Slow", Core::Other),
        ("Crowd", Core::Other),
    ] {
        for peer in FLOODED {
            let of = |what: &str| results.median(&key(peer, flood, core), what).map(|it| it.middle);
            let plain = |what: &str| of(what).map_or("–".to_owned(), |it| format!("{it:.0}"));
            let _ = writeln!(
                text,
                "| {flood}, {core:?}, {peer} | {} | {} | {} | {:.2} % | {} | {:.1} |",
                plain("p50"),
                plain("p99.9"),
                plain("max"),
                of("lost").unwrap_or_default() * 100.0,
                plain("miscounted"),
                of("memory").unwrap_or_default() / 1e6,
            );
        }
    }
}
