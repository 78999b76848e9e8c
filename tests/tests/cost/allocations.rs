//! How often a span allocates on the thread that makes it. A `Context` of OpenTelemetry's with a span in it costs
//! two allocations, which is the price of third parties finding it; a span of ours adds none.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;

use opentelemetry::Context;
use opentelemetry::trace::{TraceContextExt as _, Tracer as _, TracerProvider as _};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider, SpanData, SpanExporter};
use traced::{Telemetry, traced};
use traced_tests::alone;

#[global_allocator]
static COUNTING: Counting = Counting;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // A thread that is being torn down may still allocate.
    let _ = ALLOCATIONS.try_with(|allocations| allocations.set(allocations.get() + 1));
}

// SAFETY: all is passed on to the system's allocator as it came; counting does not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as the caller promised.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: as the caller promised.
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(memory, layout) }
    }
}

const CALLS: usize = 10_000;

/// Allocations of each call, once everything that is allocated only once has been.
struct Counted(Vec<u64>);

impl Counted {
    fn of(mut work: impl FnMut()) -> Self {
        let mut counts = Vec::with_capacity(CALLS);
        for _ in 0..CALLS {
            work();
        }
        for _ in 0..CALLS {
            let before = ALLOCATIONS.get();
            work();
            counts.push(ALLOCATIONS.get() - before);
        }
        counts.sort_unstable();
        Self(counts)
    }

    fn median(&self) -> u64 {
        self.0[CALLS / 2]
    }

    fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

/// At most so many for each call; and now and then a chunk for many spans, while the pipeline has not yet handed back
/// those that it was given.
#[track_caller]
fn assert_at_most(what: &str, counted: &Counted, most: u64) {
    println!("{what}: {} each, {} for {CALLS}", counted.median(), counted.total());
    assert!(counted.median() <= most, "{what}: {} each", counted.median());
    // A chunk of 4 KB takes more spans than that.
    let rare = CALLS as u64 / 20;
    assert!(counted.total() <= most * CALLS as u64 + rare, "{what}: {} for {CALLS}", counted.total());
}

/// Exports nothing.
#[derive(Debug)]
struct Drops;

impl SpanExporter for Drops {
    async fn export(&self, _spans: Vec<SpanData>) -> OTelSdkResult {
        Ok(())
    }
}

fn install() -> Telemetry {
    traced::builder().exporter(Drops).install().unwrap()
}

#[traced]
fn plain() {
    black_box(());
}

#[traced(fields(number, text, truth))]
fn with_fields(number: i64, text: &str, truth: bool) {
    black_box((number, text, truth));
}

#[allow(clippy::unused_async, reason = "the least that a future can be")]
#[traced]
async fn asynchronous() {
    black_box(());
}

#[derive(Debug, thiserror::Error)]
#[error("reading failed")]
struct Failed(#[source] std::num::ParseIntError);

#[traced]
fn fails() -> Result<u8, Failed> {
    black_box("x").parse().map_err(Failed)
}

#[traced]
async fn never() {
    std::future::pending::<()>().await;
}

#[traced]
fn in_a_span<R>(work: impl FnOnce() -> R) -> R {
    work()
}

/// What a `Context` with a span costs, by OpenTelemetry's own means.
fn context_with_span() -> u64 {
    let provider = SdkTracerProvider::builder().with_sampler(Sampler::AlwaysOn).build();
    let tracer = provider.tracer("baseline");
    let _parent = Context::current_with_span(tracer.start("parent")).attach();
    let mut spans: Vec<_> = (0..2 * CALLS).map(|_| tracer.start("child")).collect();
    let counted = Counted::of(|| {
        let span = spans.pop().unwrap();
        drop(black_box(Context::current_with_span(span)).attach());
    });
    println!("a Context with a span: {} each", counted.median());
    counted.median()
}

#[test]
fn a_span_allocates_no_more_than_its_context_does() {
    alone!({
        let context = context_with_span();
        assert_eq!(context, 2, "if OpenTelemetry takes fewer, so should we");
        let _telemetry = install();
        in_a_span(|| {
            assert!(traced::current().is_recording());
            assert_at_most("a child", &Counted::of(plain), context);
            let fields = Counted::of(|| with_fields(42, "some text", true));
            assert_at_most("a child with three fields", &fields, context);
        });
        assert_at_most("a root", &Counted::of(plain), context);
    });
}

#[test]
fn an_error_and_a_cancellation_allocate_no_more() {
    alone!({
        let _telemetry = install();
        in_a_span(|| {
            // The median alone, since longer records fill more chunks.
            let failed = Counted::of(|| drop(black_box(fails()))).median();
            let cancelled = Counted::of(|| {
                let future = std::pin::pin!(never());
                let mut context = std::task::Context::from_waker(std::task::Waker::noop());
                assert!(future.poll(&mut context).is_pending());
            });
            assert_eq!((failed, cancelled.median()), (2, 2));
        });
    });
}

#[test]
fn a_span_of_an_asynchronous_function_allocates_no_more() {
    alone!({
        let _telemetry = install();
        let mut run = || {
            let future = std::pin::pin!(asynchronous());
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(future.poll(&mut context).is_ready());
        };
        assert_at_most("an asynchronous root", &Counted::of(&mut run), 2);
        in_a_span(|| assert_at_most("an asynchronous child", &Counted::of(&mut run), 2));
    });
}

#[test]
fn below_an_unsampled_parent_nothing_is_allocated() {
    alone!({
        let sampler = Sampler::ParentBased(Box::new(Sampler::AlwaysOff));
        let _telemetry = traced::builder().exporter(Drops).sampler(sampler).install().unwrap();
        in_a_span(|| {
            assert!(!traced::current().is_recording());
            let fields = Counted::of(|| with_fields(42, "some text", true));
            assert_at_most("an unsampled child", &fields, 0);
            assert_eq!(fields.total(), 0);
        });
    });
}

#[test]
fn with_nobody_recording_nothing_is_allocated() {
    alone!({
        let fields = Counted::of(|| with_fields(42, "some text", true));
        let mut run = || {
            let future = std::pin::pin!(asynchronous());
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(future.poll(&mut context).is_ready());
        };
        let changes = || {
            traced::current().set("key", "value").event("event", [("n", 1)]);
        };
        let all = [fields, Counted::of(plain), Counted::of(&mut run), Counted::of(changes)];
        assert_eq!(all.map(|counted| counted.total()), [0; 4]);
    });
}
