//! What was to be reached, beside what was.

use std::fmt::Write as _;

use kit::{Case, Core, Flood};

use crate::plan::{CORES, FLOODED, FLOODS, PEERS, key};
use crate::report::{bursts, head};
use crate::result::{COMPILE, RESULT, Results};
use crate::{Error, plan};

/// Ours as a share of the caller's CPU time of others; and of the process's with fastrace.
struct Share {
    case: Case,
    otel: f64,
    tracing: f64,
    fastrace: f64,
    process: Option<f64>,
}

const fn share(case: Case, [otel, tracing, fastrace]: [f64; 3], process: Option<f64>) -> Share {
    Share { case, otel, tracing, fastrace, process }
}

const SHARES: [Share; 11] = [
    share(Case::Child, [0.42, 0.15, 1.4], Some(0.58)),
    share(Case::Leaf, [0.18, 0.07, 0.70], None),
    share(Case::Attributes, [0.35, 0.14, 0.50], Some(0.30)),
    share(Case::Async, [0.55, 0.15, 0.44], None),
    share(Case::Error, [0.38, 0.15, 0.60], None),
    share(Case::Tree, [0.45, 0.16, 1.0], Some(0.45)),
    share(Case::Root, [0.40, 0.16, 0.34], None),
    share(Case::UnsampledParent, [0.03, 0.006, 0.40], None),
    share(Case::UnsampledRoot, [0.55, 0.12, 0.80], None),
    share(Case::Ratio, [0.55, 0.12, 0.80], None),
    share(Case::Nothing, [0.03, 1.5, 0.25], None),
];

/// Of the whole road: who, by what, whose CPU time, and the share of it.
const ROADS: [(&str, &str, &str, f64); 6] = [
    ("otel", "http", "process", 0.15),
    ("tracing-lean", "http", "process", 0.13),
    ("fastrace", "http", "process", 0.13),
    ("otel", "http", "caller", 0.15),
    ("fastrace", "http", "caller", 0.40),
    ("otel", "grpc", "process", 0.20),
];

/// For everything that is not yet sent.
const BUDGET: f64 = 16.0 * 1024.0 * 1024.0;

pub(crate) fn print() -> Result<(), Error> {
    let results = Results::read(RESULT)?;
    println!("{}; {}; {}.\n", results.date, results.machine, results.compiler);
    println!("{}", shares(&results));
    let mut rest = String::new();
    for Goal { what, reached, most, digits } in
        [single(&results), sent(&results), flooded(&results), compiled()].into_iter().flatten()
    {
        let shown = |it: f64| format!("{it:.digits$}");
        let reached_shown = reached.map_or("–".to_owned(), shown);
        let _ = writeln!(rest, "| {what} | {} | {reached_shown} | {} |", shown(most), held(&[reached], most));
    }
    println!("{}{rest}", head("goal", &["at most", "reached", "held"]));
    Ok(())
}

/// A number that is not to be passed.
struct Goal {
    what: String,
    reached: Option<f64>,
    most: f64,
    digits: usize,
}

fn goal(what: impl Into<String>, reached: Option<f64>, most: f64, digits: usize) -> Goal {
    Goal { what: what.into(), reached, most, digits }
}

fn held(reached: &[Option<f64>], most: f64) -> &'static str {
    match reached.iter().copied().collect::<Option<Vec<_>>>() {
        None => "not measured",
        Some(all) if all.iter().all(|it| *it <= most) => "yes",
        Some(_) => "**no**",
    }
}

fn shares(results: &Results) -> String {
    let mut text = head(
        "ours, as a share of",
        &["at most", "same core", "other core", "lean, same", "lean, other", "held"],
    );
    let mut line = |what: &str, case: Case, peer: &str, most: f64| {
        // Nobody else can promise anything.
        let theirs = if case == Case::Leaf { Case::Child } else { case };
        let of = |peer: &str, case: Case, core| results.middle(&key(peer, &format!("{case:?}"), core), what);
        let reached = |ours: &str| CORES.map(|core| Some(of(ours, case, core)? / of(peer, theirs, core)?));
        let (default, lean) = (reached("traced"), reached("traced-lean"));
        // Who records no code location is to be compared so; the caller's goals hold for both.
        let judged = if what == "caller" { [default, lean].concat() } else { lean.to_vec() };
        let cells: Vec<_> = [default, lean]
            .concat()
            .into_iter()
            .map(|it| it.map_or("–".to_owned(), |it| format!("{it:.3}")))
            .collect();
        let verdict = held(&judged, most);
        let _ = writeln!(text, "| {case:?}, {what}, {peer} | {most} | {} | {verdict} |", cells.join(" | "));
    };
    for it in &SHARES {
        line("caller", it.case, "otel", it.otel);
        line("caller", it.case, "tracing-lean", it.tracing);
        line("caller", it.case, "fastrace", it.fastrace);
        if let Some(most) = it.process {
            line("process", it.case, "fastrace", most);
        }
    }
    line("caller", Case::Child, "floor", 1.15);
    text
}

/// Of one span.
fn single(results: &Results) -> Vec<Goal> {
    let child = |what: &str| results.middle(&key("traced", "Child", Core::Other), what);
    let two = |what: &str| results.middle(&key("traced", "Threads", Core::Same), what);
    let together = two("caller").zip(two("alone")).map(|(together, alone)| together / alone);
    vec![
        goal("instructions of the caller, child", child("caller instructions"), 950.0, 0),
        goal("instructions of the process, child", child("all instructions"), 1600.0, 0),
        goal("a span in two threads at once, of one in one", together, 1.05, 3),
    ]
}

/// The whole road, and the encoder by itself.
fn sent(results: &Results) -> Vec<Goal> {
    let mut goals = Vec::new();
    for core in CORES {
        for (peer, by, what, most) in ROADS {
            let of = |peer: &str| bursts(results, peer, by, core, what);
            let reached = of("traced").zip(of(peer)).map(|(ours, its)| ours / its);
            goals.push(goal(format!("whole road, {by}, {core:?}, {what} of {peer}'s"), reached, most, 3));
        }
    }
    for (peer, by) in plan::ROADS.into_iter().filter(|(peer, _)| *peer == "traced") {
        let lost = bursts(results, peer, by, Core::Other, "lost");
        goals.push(goal(format!("whole road, {by}: lost"), lost, 0.0, 4));
    }
    for by in ["http", "grpc"] {
        let gzip = format!("{by} gzip");
        let of = |by: &str, what: &str| bursts(results, "traced", by, Core::Other, what);
        let sum = of(by, "process").zip(of(&gzip, "gzip alone")).map(|(plain, alone)| plain + alone);
        let reached = of(&gzip, "process");
        goals.push(goal(
            format!("whole road, {gzip}, ns of the process"),
            reached,
            sum.unwrap_or(f64::NAN),
            0,
        ));
    }
    for what in ["encoder", "encoder-lean"] {
        let of = |unit: &str| {
            let who = |who: &str| results.middle(what, &format!("{who} {unit}"));
            who("ours").zip(who("prost")).map(|(ours, prost)| ours / prost)
        };
        goals.push(goal(format!("{what}, time of prost's"), of("ns"), 0.10, 3));
        goals.push(goal(format!("{what}, bytes of prost's"), of("bytes"), 1.04, 3));
        goals.push(goal(
            format!("{what}, allocations of a span"),
            results.middle(what, "ours allocations"),
            0.0,
            3,
        ));
    }
    goals
}

fn flooded(results: &Results) -> Vec<Goal> {
    let mut goals = Vec::new();
    for (flood, core) in FLOODS {
        let of = |peer: &str, what: &str| results.middle(&key(peer, &format!("{flood:?}"), core), what);
        let name = format!("{flood:?}, {core:?}");
        if flood != Flood::Crowd && flood != Flood::Steady {
            let others = FLOODED.into_iter().filter(|peer| *peer != PEERS[0]);
            let best = others.filter_map(|peer| of(peer, "p99.9")).fold(f64::INFINITY, f64::min);
            goals.push(goal(
                format!("{name}: p99.9, ns, of the best peer's"),
                of("traced", "p99.9"),
                best,
                0,
            ));
        }
        goals.push(goal(format!("{name}: miscounted"), of("traced", "miscounted"), 0.0, 0));
        goals.push(goal(
            format!("{name}: memory, MB"),
            of("traced", "memory").map(|it| it / 1e6),
            BUDGET / 1e6,
            1,
        ));
        if flood == Flood::Steady {
            goals.push(goal(format!("{name}: lost"), of("traced", "lost"), 0.0, 4));
        }
    }
    goals
}

/// A thousand functions.
fn compiled() -> Vec<Goal> {
    let Ok(results) = Results::read(COMPILE) else { return Vec::new() };
    let over = |peer: &str, what: &str| Some(results.middle(peer, what)? - results.middle("none", what)?);
    let of_fastrace =
        |what: &str| over("traced", what).zip(over("fastrace", what)).map(|(ours, its)| ours / its);
    let text = |peer: &str| results.middle(peer, "text");
    vec![
        goal("1,000 functions, check over none, of fastrace's", of_fastrace("check"), 0.9, 3),
        goal("1,000 functions, release over none, of fastrace's", of_fastrace("release"), 0.9, 3),
        goal(
            "1,000 functions, code of fastrace's",
            text("traced").zip(text("fastrace")).map(|(a, b)| a / b),
            1.0,
            3,
        ),
    ]
}
