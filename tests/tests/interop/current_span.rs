//! What third parties do to a span of an annotated function through `Context::current()`.

use opentelemetry::trace::{
    Span as _, SpanContext, SpanId, SpanRef, Status, TraceContextExt as _, TraceFlags, TraceId, TraceState,
    Tracer as _,
};
use opentelemetry::{Array, Context, KeyValue, StringValue, Value, global};
use traced::testing::{SpanStatus, capture, use_global_provider};
use traced::traced;

#[traced]
fn ours<R>(work: impl FnOnce() -> R) -> R {
    work()
}

fn with_current(work: impl FnOnce(&SpanRef<'_>)) {
    work(&Context::current().span());
}

#[test]
fn attributes_arrive_until_the_end() {
    let capture = capture();
    let kept = ours(|| {
        with_current(|span| {
            assert!(span.is_recording());
            span.set_attribute(KeyValue::new("text", "x"));
            span.set_attributes([KeyValue::new("number", 1), KeyValue::new("truth", true)]);
            let list = vec![StringValue::from("a"), StringValue::from("b")];
            span.set_attribute(KeyValue::new("list", Value::Array(Array::String(list))));
        });
        Context::current()
    });
    let after = kept.span();
    assert!(!after.is_recording());
    assert!(after.span_context().is_valid(), "its identity outlives it");
    after.set_attribute(KeyValue::new("late", 1));
    after.add_event("late", Vec::new());
    after.set_status(Status::Ok);
    after.update_name("late");
    after.end();
    assert_eq!(capture.tree(), "ours text=x number=1 truth=true list=[\"a\",\"b\"]\n");
}

#[test]
fn a_repeated_key_replaces() {
    let capture = capture();
    ours(|| {
        traced::current().set("key", "ours").set("other", 1);
        with_current(|span| span.set_attribute(KeyValue::new("key", 2)));
        with_current(|span| {
            span.set_attributes([KeyValue::new("other", "theirs"), KeyValue::new("other", "again")]);
        });
        traced::current().set("key", 3.5);
    });
    let span = capture.find("ours").unwrap();
    let count = |key: &str| span.attributes.iter().filter(|pair| pair.key.as_str() == key).count();
    assert_eq!((count("key"), count("other")), (1, 1));
    assert_eq!(span.attribute("key"), Some(Value::F64(3.5)));
    assert_eq!(span.attribute("other"), Some(Value::from("again")));
}

#[test]
fn ended_from_outside_ends_once() {
    let capture = capture();
    ours(|| {
        Context::current().span().end();
        with_current(|span| assert!(!span.is_recording()));
        assert!(!traced::current().is_recording());
        traced::current().set("late", 1);
        Context::current().span().end();
        assert_eq!(capture.spans().len(), 1);
    });
    assert_eq!(capture.tree(), "ours\n");
}

#[test]
fn children_of_a_span_that_was_ended_from_outside_are_still_its_children() {
    let capture = capture();
    use_global_provider();
    ours(|| {
        Context::current().span().end();
        global::tracer("third-party").in_span("child", |_| ours(|| ()));
    });
    assert_eq!(capture.tree(), "ours\n  child\n    ours\n");
}

#[test]
fn status_ok_is_final_and_a_later_error_replaces() {
    let status = |statuses: &[Status]| {
        let capture = capture();
        ours(|| statuses.iter().for_each(|status| with_current(|span| span.set_status(status.clone()))));
        capture.find("ours").unwrap().status
    };
    let error = |text: &'static str| Status::error(text);
    assert_eq!(status(&[]), SpanStatus::Unset);
    assert_eq!(status(&[error("a")]), SpanStatus::Error("a".into()));
    assert_eq!(status(&[error("z"), error("a")]), SpanStatus::Error("a".into()));
    assert_eq!(status(&[error("a"), error("z")]), SpanStatus::Error("z".into()));
    assert_eq!(status(&[error("a"), Status::Unset]), SpanStatus::Error("a".into()));
    assert_eq!(status(&[error("a"), Status::Ok]), SpanStatus::Ok);
    assert_eq!(status(&[Status::Ok, error("a")]), SpanStatus::Ok);
    assert_eq!(status(&[Status::Ok, Status::Unset]), SpanStatus::Ok);
}

#[test]
fn status_ok_stays_when_the_function_returns_an_error() {
    #[traced]
    fn refused() -> Result<(), String> {
        traced::current().status(traced::Status::Ok);
        Err("no".to_owned())
    }
    let capture = capture();
    let _ = refused();
    assert_eq!(capture.find("refused").unwrap().status, SpanStatus::Ok);
}

#[test]
fn events_links_and_names_arrive_from_both_sides() {
    let linked = |id: u64| {
        SpanContext::new(
            TraceId::from(9),
            SpanId::from(id),
            TraceFlags::SAMPLED,
            false,
            TraceState::default(),
        )
    };
    let capture = capture();
    ours(|| {
        with_current(|span| {
            span.add_event("theirs", vec![KeyValue::new("n", 1)]);
            span.add_link(linked(1), vec![KeyValue::new("why", "theirs")]);
            span.update_name("renamed");
        });
        traced::current().event("ours", [("n", 2)]);
        traced::current().link(&Context::new().with_remote_span_context(linked(2)));
    });
    assert_eq!(
        capture.tree(),
        "\
renamed
  - theirs n=1
  - ours n=2
  ~ link why=theirs
  ~ link
"
    );
    let span = capture.find("renamed").unwrap();
    assert_eq!(span.links.iter().map(|link| link.span_id).collect::<Vec<_>>(), [1, 2].map(SpanId::from));
}

#[test]
fn limits_hold_and_what_they_leave_out_is_counted() {
    const MANY: i64 = 200;
    const LIMIT: usize = 128;
    let capture = capture();
    ours(|| {
        let span = traced::current();
        for n in 0..MANY {
            with_current(|span| span.set_attribute(KeyValue::new(format!("key {n}"), n)));
            span.event("event", [("n", n)]);
            let to = SpanContext::new(
                TraceId::from(1),
                SpanId::from(n.unsigned_abs() + 1),
                TraceFlags::default(),
                true,
                TraceState::default(),
            );
            with_current(|span| span.add_link(to, Vec::new()));
        }
        // A key that is there may still change.
        span.set("key 0", "changed");
    });
    let span = capture.find("ours").unwrap();
    let own = span.attributes.iter().filter(|pair| pair.key.as_str().starts_with("key")).count();
    let kept = (own, span.events.len(), span.links.len());
    assert_eq!(kept, (LIMIT, LIMIT, LIMIT));
    let dropped = (span.dropped_attributes, span.dropped_events, span.dropped_links);
    assert_eq!(dropped, (72, 72, 72));
    assert_eq!(span.attribute("key 0"), Some(Value::from("changed")));
}

#[test]
fn our_calls_reach_a_third_partys_current_span() {
    use_global_provider();
    let capture = capture();
    global::tracer("third-party").in_span("theirs", |_| {
        traced::current().set("ours", 1).event("ours", [("n", 1)]).rename("renamed");
        let error = "x".parse::<u8>().unwrap_err();
        traced::current().error(&error);
    });
    assert_eq!(
        capture.tree(),
        "\
renamed ours=1 error.type=core::num::error::ParseIntError error: invalid digit found in string
  - ours n=1
  - exception exception.type=core::num::error::ParseIntError exception.message=invalid digit found in string
"
    );
}

#[test]
fn the_innermost_span_is_the_current_one_whoever_made_it() {
    use_global_provider();
    let capture = capture();
    ours(|| {
        traced::current().set("at", 1);
        global::tracer("third-party").in_span("theirs", |_| {
            traced::current().set("at", 2);
            ours(|| {
                traced::current().set("at", 3).event("event", [("at", 3)]);
            });
            traced::current().set("still.at", 2).event("event", [("at", 2)]);
        });
        traced::current().set("still.at", 1).status(traced::Status::Ok);
    });
    assert_eq!(
        capture.tree(),
        "\
ours at=1 still.at=1 ok
  theirs at=2 still.at=2
    - event at=2
    ours at=3
      - event at=3
"
    );
}

#[test]
fn a_span_that_a_third_party_holds_beyond_its_capture_is_harmless() {
    use_global_provider();
    let mut held = {
        let _capture = capture();
        global::tracer("third-party").start("held")
    };
    held.set_attribute(KeyValue::new("late", 1));
    held.end();
}
