//! Trees compared with what a reader would write.

mod cases;
mod sample;
mod terminal;

use std::sync::Arc;
use std::time::{Duration, Instant};

use opentelemetry::{InstrumentationScope, KeyValue};
use traced_core::{Fields as _, Status, Value};

use super::exporter::View;
use super::style::Style;
use super::traces::{Bounds, QUIET};
use crate::record::{Batch, Body, Flags, Header, LinkTo, OriginId, Origins, encode_event};

/// 2026-11-03 10:15:30.120 UTC.
const START: u64 = 1_793_700_930_120_000_000;
const MS: u64 = 1_000_000;
const TRACE: u128 = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;

/// A span in the making.
struct Span {
    header: Header,
    body: Body,
}

/// A span with this id and parent, from and to so many milliseconds after [`START`].
fn span(id: u64, parent: u64, name: &str, from: u64, to: u64) -> Span {
    let mut span = Span {
        header: Header {
            flags: Flags::new(1, 1),
            trace_id: TRACE,
            span_id: id,
            parent_id: parent,
            start: START + from * MS,
            end: START + to * MS,
            origin: OriginId::of_scope(&InstrumentationScope::builder("test").build()),
        },
        body: Body::default(),
    };
    span.body.reset(&crate::record::Limits::default());
    span.body.rename(name);
    span
}

impl Span {
    fn kind(mut self, kind: u8) -> Self {
        let remote = self.header.flags.parent_remote();
        self.header.flags = Flags::new(1, kind);
        self.header.flags.set_parent_remote(remote);
        self
    }

    fn remote(mut self) -> Self {
        self.header.flags.set_parent_remote(true);
        self
    }

    fn trace(mut self, trace_id: u128) -> Self {
        self.header.trace_id = trace_id;
        self
    }

    fn field<'v>(mut self, key: &str, value: impl Into<Text<'v>>) -> Self {
        self.body.field(key, value.into().0);
        self
    }

    fn service(self, name: &str) -> Self {
        self.field("service.name", name)
    }

    fn event(mut self, name: &str, at: u64, attributes: &[(&str, Value<'_>)]) -> Self {
        let time = self.header.start + at * MS;
        let event = encode_event(name, time, &self.body.limits(), &mut |fields| {
            for (key, value) in attributes {
                fields.field(key, *value);
            }
        });
        self.body.encoded_event(&event);
        self
    }

    fn failed(mut self, kind: &str, message: &str) -> Self {
        self.body.field("error.type", Value::Str(kind));
        self.body.status(&Status::Error(message));
        self
    }

    fn exception(self, kind: &str, message: &str, stacktrace: &str) -> Self {
        let at = (self.header.end - self.header.start) / MS;
        let attributes = [
            ("exception.type", Value::Str(kind)),
            ("exception.message", Value::Str(message)),
            ("exception.stacktrace", Value::Str(stacktrace)),
        ];
        self.event("exception", at, &attributes).failed(kind, message)
    }

    fn link(mut self, trace_id: u128, span_id: u64) -> Self {
        let to = LinkTo { trace_id, span_id, trace_flags: 1, remote: true, trace_state: None };
        self.body.link(&to, &[KeyValue::new("messaging.message.id", "m-17")]);
        self
    }
}

/// Lets fields be written as they are in code.
struct Text<'v>(Value<'v>);

impl<'v> From<&'v str> for Text<'v> {
    fn from(text: &'v str) -> Self {
        Self(Value::Str(text))
    }
}

impl From<i32> for Text<'_> {
    fn from(number: i32) -> Self {
        Self(Value::Int(number.into()))
    }
}

fn batch(spans: impl IntoIterator<Item = Span>) -> Arc<Batch> {
    let (mut batch, mut origins) = (Batch::default(), Origins::default());
    for Span { mut header, mut body } in spans {
        header.flags.set_own_name(true);
        let body = body.finish(&mut header.flags);
        batch.push(header, body, &mut origins);
    }
    batch.into()
}

/// A console whose clock the test holds.
struct Screen {
    view: View,
    now: Instant,
}

impl Screen {
    fn new(style: Style, bounds: Bounds) -> Self {
        Self { view: View::new(style, "orders".to_owned(), bounds), now: Instant::now() }
    }

    fn plain() -> Self {
        Self::new(Style { color: false, width: 100 }, Bounds::default())
    }

    fn add(&mut self, spans: impl IntoIterator<Item = Span>) -> String {
        let batch = batch(spans);
        let shown = (0..batch.len()).filter_map(|index| {
            let due = self.view.add(&batch, index, self.now)?;
            Some(self.view.show(&due))
        });
        shown.collect()
    }

    /// What is shown after this time.
    fn after(&mut self, time: Duration) -> String {
        self.now += time;
        let due = self.view.traces.due(self.now);
        due.iter().map(|due| self.view.show(due)).collect()
    }

    fn quiet(&mut self) -> String {
        self.after(QUIET)
    }

    fn flush(&mut self) -> String {
        let due = self.view.traces.all();
        due.iter().map(|due| self.view.show(due)).collect()
    }
}

/// What is shown of these spans, in 100 columns.
fn shown(spans: impl IntoIterator<Item = Span>) -> String {
    let mut screen = Screen::plain();
    screen.add(spans);
    screen.quiet()
}

#[track_caller]
fn assert_shown(shown: &str, expected: &str) {
    assert!(shown.trim_end() == expected.trim_end(), "expected:\n{expected}\nshown:\n{shown}");
}
