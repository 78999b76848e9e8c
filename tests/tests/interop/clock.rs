//! Times of spans, from the first one on: how fast the processor's counter runs becomes known while they are made.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime};

use opentelemetry::trace::SpanId;
use traced::testing::{Span, capture};
use traced::traced;

/// Long enough for that.
const MADE_FOR: Duration = Duration::from_millis(300);

/// What the system's clock may be off by where a test is interrupted while it is read.
const SLACK: Duration = Duration::from_millis(500);

#[traced]
fn outer() {
    (0..3).for_each(|_| inner());
    std::thread::sleep(Duration::from_micros(200));
}

#[traced]
fn inner() {
    innermost();
}

#[traced]
fn innermost() {}

#[test]
fn a_child_is_within_its_parent_and_on_the_systems_clock() {
    let capture = capture();
    let (before, until) = (SystemTime::now() - SLACK, Instant::now() + MADE_FOR);
    while Instant::now() < until {
        outer();
    }
    let after = SystemTime::now() + SLACK;
    let spans = capture.spans();
    let by_id: HashMap<SpanId, &Span> = spans.iter().map(|span| (span.span_id, span)).collect();
    for span in &spans {
        assert!(before <= span.start && span.start <= span.end && span.end <= after, "{span:?}");
        if let Some(parent) = by_id.get(&span.parent_id) {
            assert!(parent.start <= span.start && span.end <= parent.end, "{parent:?} {span:?}");
        }
        let took = span.end.duration_since(span.start).unwrap();
        assert!(span.name != "outer" || took >= Duration::from_micros(199), "{took:?}");
    }
    assert!(spans.len() > 100, "{}", spans.len());
}
