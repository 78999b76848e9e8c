//! What is said of a span below its line: fields, links, events, and how it ended.

use std::fmt::Display;

use crate::record::{EventView, LinkView, SpanView, StatusView, ValueView};

use super::style::Paint;
use super::units;

/// One thing that is said.
#[derive(Debug)]
pub(super) struct Detail {
    pub(super) paint: Paint,
    /// Before the first line; the others are indented by its width.
    pub(super) lead: String,
    /// Set one after the other.
    pub(super) items: Vec<String>,
    /// An item is cut after so many lines.
    pub(super) max_lines: usize,
}

impl Detail {
    pub(super) fn new(paint: Paint, lead: impl Into<String>, items: Vec<String>) -> Self {
        Self { paint, lead: lead.into(), items, max_lines: 3 }
    }

    fn long(self) -> Self {
        Self { max_lines: 8, ..self }
    }
}

/// How a span ended, as far as a reader is to see it at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Unset,
    Ok,
    Cancelled,
    Error,
    Panic,
}

impl Outcome {
    pub(super) fn of(span: &SpanView<'_>) -> Self {
        let status = span.status();
        let failed = matches!(status, StatusView::Error(_));
        if failed && error_type(span) == Some("panic") {
            return Self::Panic;
        }
        for event in span.events() {
            match event.name() {
                "cancelled" => return Self::Cancelled,
                "exception" if Exception::of(event).kind == "panic" => return Self::Panic,
                _ => {}
            }
        }
        match status {
            StatusView::Error(_) => Self::Error,
            StatusView::Ok => Self::Ok,
            StatusView::Unset => Self::Unset,
        }
    }

    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Unset => "",
            Self::Ok => "✓ ",
            Self::Cancelled => "⊘ ",
            Self::Error => "✗ ",
            Self::Panic => "‼ ",
        }
    }

    pub(super) fn paint(self) -> Paint {
        match self {
            Self::Unset => Paint::Plain,
            Self::Ok => Paint::Ok,
            Self::Cancelled => Paint::Cancelled,
            Self::Error => Paint::Error,
            Self::Panic => Paint::Panic,
        }
    }
}

/// Everything that is said of a span, in the order of reading. `from`: the child that the error came from, where it is
/// told.
pub(super) fn of(span: &SpanView<'_>, from: Option<&SpanView<'_>>) -> Vec<Detail> {
    let mut details = Vec::new();
    let failed = matches!(span.status(), StatusView::Error(_));
    let told = from.is_some() || exceptions(span).any(|exception| exception.tells(span));
    let fields: Vec<_> = span
        .attributes()
        .filter(|(key, _)| !key.starts_with("code.") && *key != "service.name")
        // With the error below, or below the child that it came from: unless another type is told there.
        .filter(|(key, _)| *key != "error.type" || !failed || told && !is_told_with_error(span, from))
        .map(|(key, value)| field(key, value))
        .collect();
    if !fields.is_empty() {
        details.push(Detail::new(Paint::Dim, "", fields));
    }
    details.extend(span.links().map(|link| linked(span, link)));
    let (ends, others): (Vec<_>, Vec<_>) =
        span.events().partition(|event| matches!(event.name(), "exception" | "cancelled"));
    for event in others {
        let mut items = vec![event.name().to_owned()];
        items.extend(event.attributes().map(|(key, value)| field(key, value)));
        details.push(Detail::new(Paint::Dim, format!("· {}  ", offset(span, event.time())), items));
    }
    let dropped = [
        (span.dropped_attributes(), "attribute"),
        (span.dropped_events(), "event"),
        (span.dropped_links(), "link"),
    ];
    let dropped: Vec<_> =
        dropped.iter().filter(|(n, _)| *n > 0).map(|(n, what)| count(*n as usize, what)).collect();
    if !dropped.is_empty() {
        details.push(Detail::new(Paint::Dim, "", vec![format!("over the limit: {}", dropped.join(", "))]));
    }
    for event in ends {
        if event.name() == "cancelled" {
            details.push(cancelled(span, event));
        } else {
            Exception::of(event).into_details(failed, &mut details);
        }
    }
    if let (StatusView::Error(description), false) = (span.status(), told) {
        let text = match (error_type(span), description) {
            (None, "") => return details,
            (Some(kind), "") => kind.to_owned(),
            (Some(kind), text) if kind != text => format!("{kind}: {text}"),
            (_, text) => text.to_owned(),
        };
        details.push(Detail::new(Paint::Error, "✗ ", vec![text]).long());
    }
    details
}

/// `1 span`, `2 spans`.
pub(super) fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

fn error_type<'a>(span: &SpanView<'a>) -> Option<&'a str> {
    span.attributes().find_map(|(key, value)| match value {
        ValueView::Str(text) if key == "error.type" => Some(text),
        _ => None,
    })
}

/// Whether the span's `error.type` is to be read with the error: here, or where it came from.
fn is_told_with_error(span: &SpanView<'_>, from: Option<&SpanView<'_>>) -> bool {
    let Some(kind) = error_type(span) else { return false };
    exceptions(span).chain(from.into_iter().flat_map(exceptions)).any(|exception| exception.kind == kind)
        || from.and_then(error_type) == Some(kind)
}

fn exceptions<'a>(span: &SpanView<'a>) -> impl Iterator<Item = Exception<'a>> {
    span.events().filter(|event| event.name() == "exception").map(Exception::of)
}

fn field(key: &str, value: ValueView<'_>) -> String {
    match value {
        ValueView::Str(text) => format!("{key}={}", quoted(text)),
        other => format!("{key}={other}"),
    }
}

/// In quotes where the end of the value would not be seen otherwise.
fn quoted(text: &str) -> impl Display {
    if text.is_empty() || text.contains([' ', '"']) { format!("\"{text}\"") } else { text.to_owned() }
}

fn offset(span: &SpanView<'_>, time: u64) -> String {
    match time.checked_sub(span.header.start) {
        Some(after) => format!("+{}", units::short(after)),
        None => format!("-{}", units::short(span.header.start - time)),
    }
}

fn linked(span: &SpanView<'_>, link: LinkView<'_>) -> Detail {
    let here = link.trace_id() == span.trace_id();
    let place = if here { "this trace".to_owned() } else { format!("trace {}", link.trace_id()) };
    let mut items = vec![format!("{place}, span {}", link.span_id())];
    items.extend(link.attributes().map(|(key, value)| field(key, value)));
    Detail::new(Paint::Dim, "⇢ ", items)
}

fn cancelled(span: &SpanView<'_>, event: EventView<'_>) -> Detail {
    let mut items = vec![format!("cancelled at {}", offset(span, event.time()))];
    items.extend(event.attributes().map(|(key, value)| field(key, value)));
    Detail::new(Paint::Cancelled, "⊘ ", items)
}

/// <https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-spans/>
#[derive(Debug, Default)]
struct Exception<'a> {
    kind: &'a str,
    message: &'a str,
    stacktrace: &'a str,
    others: Vec<(&'a str, ValueView<'a>)>,
}

impl<'a> Exception<'a> {
    fn of(event: EventView<'a>) -> Self {
        let mut exception = Self::default();
        for (key, value) in event.attributes() {
            match (key, value) {
                ("exception.type", ValueView::Str(text)) => exception.kind = text,
                ("exception.message", ValueView::Str(text)) => exception.message = text,
                ("exception.stacktrace", ValueView::Str(text)) => exception.stacktrace = text,
                _ => exception.others.push((key, value)),
            }
        }
        exception
    }

    /// Whether the span's status would say the same again.
    fn tells(&self, span: &SpanView<'_>) -> bool {
        matches!(span.status(), StatusView::Error(text) if text == self.message || text.is_empty() || self.kind == "panic")
    }

    fn into_details(self, failed: bool, details: &mut Vec<Detail>) {
        let (paint, lead) = match self.kind {
            "panic" => (Paint::Panic, "‼ "),
            _ if failed => (Paint::Error, "✗ "),
            // An error that the span recovered from.
            _ => (Paint::Dim, "✗ "),
        };
        let text = match (self.kind, self.message) {
            ("panic", message) => format!("panicked: {message}"),
            ("", message) => message.to_owned(),
            (kind, "") => kind.to_owned(),
            (kind, message) => format!("{kind}: {message}"),
        };
        let mut items = vec![text];
        items.extend(self.others.iter().map(|(key, value)| field(key, *value)));
        details.push(Detail::new(paint, lead, items).long());
        let paint = if paint == Paint::Panic { Paint::Error } else { paint };
        let causes = causes(self.stacktrace);
        details.extend(
            causes.map(|cause| Detail::new(paint, "  ↳ ", vec![format!("caused by {cause}")]).long()),
        );
    }
}

/// The sources of an error: lines `Caused by: …`, or those indented under one `Caused by:`.
fn causes(stacktrace: &str) -> impl Iterator<Item = &str> {
    /// A chain in a circle, or as long as one.
    const MOST: usize = 32;
    let mut under = false;
    stacktrace
        .lines()
        .filter_map(move |line| {
            if let Some(cause) = line.trim_start().strip_prefix("Caused by:") {
                under = cause.trim().is_empty();
                return Some(cause.trim()).filter(|cause| !cause.is_empty());
            }
            under &= line.starts_with([' ', '\t']);
            let cause = line.trim();
            // `0: ` where they are numbered.
            let numberless = cause.trim_start_matches(|char: char| char.is_ascii_digit()).strip_prefix(": ");
            under.then_some(numberless.unwrap_or(cause)).filter(|cause| !cause.is_empty())
        })
        .take(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_found_in_either_form() {
        let chain = "Outer: no\nCaused by: Middle: not\nCaused by: Inner: never\n   0: main\n";
        assert_eq!(causes(chain).collect::<Vec<_>>(), ["Middle: not", "Inner: never"]);
        let numbered = "no\n\nCaused by:\n    0: not\n    1: never\n\nStack backtrace:\n   0: main\n";
        assert_eq!(causes(numbered).collect::<Vec<_>>(), ["not", "never"]);
        assert_eq!(causes("").count(), 0);
        assert_eq!(causes(&"Caused by: x\n".repeat(100)).count(), 32);
    }
}
