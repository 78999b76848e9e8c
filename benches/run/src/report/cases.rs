//! The cases of the recorder.

use std::fmt::Write as _;

use kit::{Case, Core};

use super::{head, name, shown};
use crate::plan::{self, CASES, CORES, PEERS, key};
use crate::result::{Median, Results};

pub(super) fn times(results: &Results, what: &str) -> String {
    let columns: Vec<_> = PEERS.into_iter().chain(["floor"]).collect();
    let mut text = head("case, pipeline's core", &columns.iter().map(|it| name(it)).collect::<Vec<_>>());
    for case in CASES {
        for core in CORES {
            let of = |peer: &str| results.median(&key(peer, &format!("{case:?}"), core), what);
            let Some(ours) = of("traced") else { continue };
            let cells: Vec<_> = columns.iter().map(|peer| cell(peer, of(peer), ours)).collect();
            let core = if core == Core::Same { "same" } else { "other" };
            let _ = writeln!(text, "| {}, {core} | {} |", title(case), cells.join(" | "));
        }
    }
    text
}

fn cell(peer: &str, of: Option<Median>, ours: Median) -> String {
    let Some(it) = of else { return "–".to_owned() };
    if peer.starts_with("traced") {
        return shown(it);
    }
    format!("{} **{:.3}**", shown(it), ours.middle / it.middle)
}

pub(super) fn instructions(results: &Results, what: &str) -> String {
    let mut text = head("case", &PEERS.map(name));
    for case in plan::ours() {
        let of = |peer: &str| results.middle(&key(peer, &format!("{case:?}"), Core::Other), what);
        let Some(ours) = of("traced") else { continue };
        let cells = PEERS.map(|peer| match of(peer) {
            None => "–".to_owned(),
            Some(it) if peer.starts_with("traced") => format!("{it:.0}"),
            Some(it) => format!("{it:.0} **{:.3}**", ours / it),
        });
        let _ = writeln!(text, "| {} | {} |", title(case), cells.join(" | "));
    }
    text
}

fn title(case: Case) -> &'static str {
    match case {
        Case::Child => "child",
        Case::Leaf => "child, `leaf`",
        Case::Attributes => "child, 3 attributes",
        Case::Async => "child, async, two yields",
        Case::Error => "child, an error recorded",
        Case::Tree => "tree, ten deep",
        Case::Root => "root",
        Case::UnsampledParent => "child of an unsampled parent",
        Case::UnsampledRoot => "root, not sampled",
        Case::Ratio => "root, 1 % sampled",
        Case::Nothing => "nothing installed",
        Case::Threads => "child, in two threads at once",
    }
}
