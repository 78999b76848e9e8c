//! A span as a process recorded it, and as a backend gives it back.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::Value as Json;

/// Attributes. Each value says its type: `{"int": 1}`.
pub(crate) type Attributes = BTreeMap<String, Json>;

/// Ids are hexadecimal digits, times are nanoseconds since 1970.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Span {
    /// Of the process.
    pub(crate) resource: Attributes,
    pub(crate) trace: String,
    pub(crate) id: String,
    pub(crate) parent: String,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) status: String,
    pub(crate) description: String,
    pub(crate) attributes: Attributes,
    pub(crate) events: Vec<Event>,
    pub(crate) scope: String,
    pub(crate) scope_version: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) time: u64,
    pub(crate) attributes: Attributes,
}

impl Span {
    /// The name of the service.
    pub(crate) fn service(&self) -> &str {
        self.resource["service.name"]["string"].as_str().unwrap_or_default()
    }
}

/// In an order that does not depend on who ended, sent or answered first.
pub(crate) fn sorted(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by(|a, b| a.id.cmp(&b.id));
    spans
}

/// One by one, so that a difference can be found in what is printed.
pub(crate) fn assert_same<T: std::fmt::Debug + PartialEq>(held: &[T], expected: &[T]) {
    for (held, expected) in held.iter().zip(expected) {
        assert!(held == expected, "the backend holds\n{held:#?}\nand not\n{expected:#?}");
    }
    assert_eq!(held.len(), expected.len());
}

/// A trace under a remote parent: a line a span, with service, name, kind, events and how it ended.
pub(crate) fn tree(spans: &[Span], parent: &str) -> String {
    let mut text = String::new();
    write_below(&mut text, spans, parent, 0);
    text
}

fn write_below(text: &mut String, spans: &[Span], parent: &str, depth: usize) {
    let mut children: Vec<_> = spans.iter().filter(|span| span.parent == parent).collect();
    children.sort_by_key(|span| span.start);
    for span in children {
        let service = span.service().split('-').next().unwrap_or_default();
        let _ = write!(text, "{:indent$}{service}: {} [{}]", "", span.name, span.kind, indent = depth * 2);
        for event in &span.events {
            let _ = write!(text, " - {}", event.name);
        }
        if span.status != "unset" {
            let _ = write!(text, " {}: {}", span.status, span.description);
        }
        text.push('\n');
        write_below(text, spans, &span.id, depth + 1);
    }
}
