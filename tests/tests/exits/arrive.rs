//! With a receiver that works.

use std::collections::{HashMap, HashSet};

use opentelemetry_proto::tonic::trace::v1::Span;
use traced_tests::sink::Sink;

use crate::{MADE, PROGRAMS, Protocol, every_program, subject};

impl Protocol {
    fn sink(self) -> Sink {
        match self {
            Self::Http => Sink::http(),
            Self::Grpc => Sink::grpc(),
        }
    }
}

/// All of them, once each, with their parents.
fn assert_all_arrived(spans: &[Span], context: &dyn std::fmt::Debug) {
    assert_eq!(spans.len(), 1_000, "{context:#?}");
    let by_id: HashMap<_, _> = spans.iter().map(|span| (span.span_id.as_slice(), span)).collect();
    assert_eq!(by_id.len(), spans.len(), "each once");
    let traces: HashSet<_> = spans.iter().map(|span| span.trace_id.as_slice()).collect();
    assert_eq!(traces.len(), 500, "{context:#?}");
    let mut count = HashMap::<_, usize>::new();
    for span in spans {
        *count.entry(span.name.as_str()).or_default() += 1;
        let parent = by_id.get(span.parent_span_id.as_slice());
        assert_eq!(parent.map(|parent| &parent.trace_id), parent.map(|_| &span.trace_id));
        let expected = match span.name.as_str() {
            "inner" => Some("outer"),
            "inner_async" => Some("outer_async"),
            _ => None,
        };
        assert_eq!(parent.map(|parent| parent.name.as_str()), expected);
    }
    let expected = [("outer", 200), ("inner", 200), ("outer_async", 300), ("inner_async", 300)];
    assert_eq!(count, HashMap::from(expected));
}

#[test]
fn a_thousand_spans_arrive_when_main_returns() {
    every_program(|program, protocol| {
        let sink = protocol.sink();
        let finished = subject(program, "return", protocol, &sink.url());
        assert_eq!(finished.status.code(), Some(0), "{finished:#?}");
        assert_eq!(finished.stderr, "", "nothing to complain about");
        assert_all_arrived(&sink.spans(), &finished);
    });
}

#[test]
fn a_thousand_spans_arrive_at_shutdown_and_are_counted() {
    every_program(|program, protocol| {
        let sink = protocol.sink();
        let finished = subject(program, "report", protocol, &sink.url());
        assert_eq!(finished.status.code(), Some(0), "{finished:#?}");
        assert_eq!(finished.value("shutdown.error"), None);
        assert_eq!(finished.number("shutdown.made"), MADE);
        assert_eq!(finished.number("shutdown.exported"), MADE);
        for none in ["failed", "dropped", "queued", "sampled_out"] {
            assert_eq!(finished.number(&format!("shutdown.{none}")), 0, "{none}: {finished:#?}");
        }
        assert_all_arrived(&sink.spans(), &finished);
    });
}

#[test]
fn a_thousand_spans_arrive_at_an_asynchronous_shutdown() {
    for protocol in Protocol::ALL {
        for program in PROGRAMS.into_iter().filter(|(_, guard)| *guard == "inside") {
            let sink = protocol.sink();
            let finished = subject(program, "report_async", protocol, &sink.url());
            assert_eq!(finished.status.code(), Some(0), "{finished:#?}");
            assert_eq!(finished.number("shutdown.exported"), MADE);
            assert_all_arrived(&sink.spans(), &finished);
        }
    }
}

#[test]
fn a_flush_sends_all_and_leaves_nothing_for_shutdown() {
    for protocol in Protocol::ALL {
        let sink = protocol.sink();
        let finished = subject(("current_thread", "inside"), "flush", protocol, &sink.url());
        assert_eq!(finished.number("flush.exported"), MADE, "{finished:#?}");
        assert_eq!(finished.number("shutdown.exported"), MADE, "since the start, not since the flush");
        assert_all_arrived(&sink.spans(), &finished);
    }
}

#[test]
fn a_panic_in_main_keeps_the_spans() {
    every_program(|program, protocol| {
        let sink = protocol.sink();
        let finished = subject(program, "panic", protocol, &sink.url());
        assert_eq!(finished.status.code(), Some(101), "{finished:#?}");
        assert!(finished.stderr.contains("the end that was asked for"), "{finished:#?}");
        let mut spans = sink.spans();
        let doomed = spans.iter().position(|span| span.name == "doomed").expect("the span that has panicked");
        let doomed = spans.remove(doomed);
        assert_eq!(doomed.events[0].name, "exception");
        assert_eq!(doomed.status.unwrap().message, "the end that was asked for");
        assert_all_arrived(&spans, &finished);
    });
}
