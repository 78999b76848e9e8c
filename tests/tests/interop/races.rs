//! Many threads at one span, while it ends and its memory is used again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, RwLock};

use opentelemetry::trace::TraceContextExt as _;
use opentelemetry::{Context, KeyValue};
use traced::testing::capture;
use traced::traced;

/// Where the others find the span.
static SHOWN: RwLock<Option<Context>> = RwLock::new(None);

/// One race at a time.
static ALONE: Mutex<()> = Mutex::new(());

#[traced]
fn shows_itself() {
    *SHOWN.write().unwrap() = Some(Context::current());
    let id = traced::current().span_id().unwrap().to_string();
    traced::current().set("first", id.as_str());
    std::thread::yield_now();
    traced::current().set("last", id.as_str());
}

fn meddle(until: &AtomicBool, what: impl Fn(&Context, &str)) {
    while !until.load(Ordering::SeqCst) {
        let Some(context) = SHOWN.read().unwrap().clone() else { continue };
        let id = context.span().span_context().span_id().to_string();
        what(&context, &id);
        // On two cores the span's own thread would wait a time slice for each of us.
        std::thread::yield_now();
    }
}

fn race(what: impl Fn(&Context, &str) + Sync) -> Vec<traced::testing::Span> {
    const SPANS: usize = 1_000;
    let _alone = ALONE.lock().unwrap();
    let capture = capture();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| meddle(&over, &what));
        }
        for _ in 0..SPANS {
            shows_itself();
        }
        over.store(true, Ordering::SeqCst);
    });
    *SHOWN.write().unwrap() = None;
    let spans = capture.spans();
    assert_eq!(spans.len(), SPANS);
    // Whatever was said to a span is about that span, though its place belongs to the next one soon after.
    for span in &spans {
        let id = span.span_id.to_string();
        let told = span.attributes.iter().filter(|pair| !pair.key.as_str().starts_with("code."));
        let in_events = span.events.iter().flat_map(|event| &event.attributes);
        for pair in told.chain(in_events) {
            assert_eq!(pair.value.as_str(), id, "{pair:?}");
        }
    }
    spans
}

#[test]
fn what_others_say_arrives_at_the_span_they_mean() {
    let spans = race(|context, id| {
        context.span().set_attribute(KeyValue::new("theirs", id.to_owned()));
        context.span().add_event("theirs", vec![KeyValue::new("id", id.to_owned())]);
    });
    assert!(spans.iter().all(|span| span.attribute("last").is_some()));
    assert!(spans.iter().any(|span| span.attribute("theirs").is_some()), "nobody was ever in time");
}

#[test]
fn a_span_that_others_end_ends_once() {
    race(|context, _| context.span().end());
}
