//! The headline as bars, readable on light and dark pages.

use std::fmt::Write as _;

use kit::Core;

use super::grouped;
use super::road::bursts;
use crate::result::Results;

const WIDTH: f64 = 760.0;
/// Where bars begin, and how long the longest is.
const LEFT: f64 = 160.0;
const LONGEST: f64 = 420.0;
const TOP: f64 = 58.0;
const STEP: f64 = 42.0;
const THICK: f64 = 24.0;

const STYLE: &str = "text { font: 14px system-ui, sans-serif; fill: #1f2328 } .small { font-size: 12px; fill: #59636e } \
     .title { font-weight: 600; font-size: 15px } .caller { fill: #57606a } .rest { fill: #afb8c1 } \
     .ours .caller { fill: #bc4c00 } .ours .rest { fill: #fb8f44 } \
     @media (prefers-color-scheme: dark) { text { fill: #f0f6fc } .small { fill: #9198a1 } \
     .caller { fill: #9198a1 } .rest { fill: #4d555e } .ours .caller { fill: #f0883e } .ours .rest { fill: #9b4215 } }";

pub(super) fn svg(results: &Results) -> String {
    let rows: Vec<_> = [
        ("traced", "traced"),
        ("otel", "OpenTelemetry SDK"),
        ("tracing-lean", "tracing, lean"),
        ("fastrace", "fastrace"),
    ]
    .into_iter()
    .filter_map(|(peer, name)| {
        let of = |what: &str| bursts(results, peer, "http", Core::Other, what);
        Some((peer, name, of("process")?, of("caller")?))
    })
    .collect();
    let most = rows.iter().map(|(_, _, process, _)| *process).fold(1.0, f64::max);
    let height = TOP + STEP * rows.len() as f64 + 34.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" role=\"img\">\n<title>CPU time of a span, made, encoded, sent and \
         acknowledged</title>\n<style>{STYLE}</style>\n\
         <text class=\"title\" x=\"10\" y=\"22\">A span, made, encoded, sent and acknowledged: CPU time of the \
         process, ns</text>\n\
         <text class=\"small\" x=\"10\" y=\"42\">OTLP http/protobuf, 3 attributes, 512 spans every 3 ms, the \
         defaults of each; less is better</text>\n"
    );
    let mut y = TOP;
    for (peer, name, process, caller) in rows {
        let [whole, part] = [process, caller].map(|it| it / most * LONGEST);
        let class = if peer == "traced" { " class=\"ours\"" } else { "" };
        let middle = y + THICK / 2.0 + 5.0;
        let _ = writeln!(
            svg,
            "<g{class}>\n<text x=\"{:.1}\" y=\"{middle:.1}\" text-anchor=\"end\">{name}</text>\n\
             <rect class=\"rest\" x=\"{LEFT}\" y=\"{y:.1}\" width=\"{whole:.1}\" height=\"{THICK}\" rx=\"2\"/>\n\
             <rect class=\"caller\" x=\"{LEFT}\" y=\"{y:.1}\" width=\"{part:.1}\" height=\"{THICK}\" rx=\"2\"/>\n\
             <text x=\"{:.1}\" y=\"{middle:.1}\">{} <tspan class=\"small\">({} of the caller)</tspan></text>\n</g>",
            LEFT - 10.0,
            LEFT + whole + 8.0,
            grouped(process),
            grouped(caller),
        );
        y += STEP;
    }
    let y = y + 14.0;
    let _ = writeln!(
        svg,
        "<rect class=\"caller\" x=\"{LEFT}\" y=\"{:.1}\" width=\"12\" height=\"12\"/>\n\
         <text class=\"small\" x=\"{:.1}\" y=\"{y:.1}\">the thread that makes the span</text>\n\
         <rect class=\"rest\" x=\"{:.1}\" y=\"{:.1}\" width=\"12\" height=\"12\"/>\n\
         <text class=\"small\" x=\"{:.1}\" y=\"{y:.1}\">encoding and sending it</text>\n</svg>",
        y - 11.0,
        LEFT + 18.0,
        LEFT + 240.0,
        y - 11.0,
        LEFT + 258.0,
    );
    svg
}
