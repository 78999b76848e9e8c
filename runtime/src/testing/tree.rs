//! Spans as an indented text.

use std::collections::HashMap;
use std::fmt::Write as _;

use opentelemetry::KeyValue;
use opentelemetry::trace::SpanKind;

use super::{Span, SpanStatus};

/// What differs from edit to edit or from machine to machine.
const LEFT_OUT: [&str; 4] =
    ["code.function.name", "code.file.path", "code.line.number", "exception.stacktrace"];

pub(super) fn of(spans: &[Span]) -> String {
    let known: HashMap<_, _> = spans.iter().map(|span| (span.span_id, span)).collect();
    let mut children: HashMap<_, Vec<&Span>> = HashMap::new();
    let mut roots = Vec::new();
    for span in spans {
        match known.get(&span.parent_id) {
            Some(parent) => children.entry(parent.span_id).or_default().push(span),
            None => roots.push(span),
        }
    }
    for siblings in children.values_mut() {
        siblings.sort_by_key(|span| span.start);
    }
    roots.sort_by_key(|span| span.start);
    let mut text = String::new();
    // A stack of our own, since a trace may be deeper than the thread's.
    let mut open: Vec<(&Span, usize)> = roots.into_iter().rev().map(|span| (span, 0)).collect();
    while let Some((span, depth)) = open.pop() {
        write_span(&mut text, span, depth);
        let below = children.get(&span.span_id).into_iter().flatten();
        open.extend(below.rev().map(|child| (*child, depth + 1)));
    }
    text
}

fn write_span(text: &mut String, span: &Span, depth: usize) {
    let indent = "  ".repeat(depth);
    let _ = write!(text, "{indent}{}", span.name);
    if span.kind != SpanKind::Internal {
        let _ = write!(text, " [{}]", format!("{:?}", span.kind).to_lowercase());
    }
    write_attributes(text, &span.attributes);
    match &span.status {
        SpanStatus::Unset => {}
        SpanStatus::Ok => text.push_str(" ok"),
        SpanStatus::Error(description) => {
            let _ = write!(text, " error: {description}");
        }
    }
    text.push('\n');
    for event in &span.events {
        let _ = write!(text, "{indent}  - {}", event.name);
        write_attributes(text, &event.attributes);
        text.push('\n');
    }
    for link in &span.links {
        let _ = write!(text, "{indent}  ~ link");
        write_attributes(text, &link.attributes);
        text.push('\n');
    }
}

fn write_attributes(text: &mut String, attributes: &[KeyValue]) {
    for pair in attributes.iter().filter(|pair| !LEFT_OUT.contains(&pair.key.as_str())) {
        let _ = write!(text, " {}={}", pair.key, pair.value.as_str());
    }
}
