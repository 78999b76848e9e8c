//! Late fields and returned values with the real recorder: they find the function's own span wherever they are told.

use std::pin::Pin;
use std::thread;

use futures_util::FutureExt as _;
use futures_util::stream::{self, Stream, StreamExt as _};
use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, TraceContextExt as _, TraceFlags, TraceState};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use traced::testing::capture;
use traced::traced;
use traced::{FutureExt as _, Redacted};
use traced_tests::alone;

#[traced(leaf, ret, fields(sum = Empty, len = Empty))]
fn leaf(values: &[u64]) -> u64 {
    traced::record!(len = values.len());
    // What is current is the span around.
    traced::current().set("seen by", "caller");
    let sum = values.iter().sum();
    traced::record!(sum);
    sum
}

#[traced(args, ret, fields(big = Empty))]
fn caller(values: &[u64], secret: Redacted<u8>) -> Option<u64> {
    let big = leaf(values);
    traced::record!(big = u64::MAX);
    traced::record!(big);
    (big > u64::from(*secret)).then_some(big)
}

#[test]
fn a_leafs_own_span_is_not_the_current_one() {
    let capture = capture();
    caller(&[1, 2], Redacted(9));
    caller(&[8, 2], Redacted(9));
    assert_eq!(
        capture.tree(),
        "\
caller values=[1,2] secret=[redacted] seen by=caller big=3
  leaf len=2 sum=3 return=3
caller values=[8,2] secret=[redacted] seen by=caller big=10 return=10
  leaf len=2 sum=10 return=10
"
    );
}

#[traced(fields(before = Empty, between = Empty, after = Empty))]
async fn later() -> u8 {
    traced::record!(before = format!("{:?}", thread::current().name()));
    tokio::task::yield_now().await;
    inner().await;
    traced::record!(between = 1);
    tokio::task::yield_now().await;
    traced::record!(after = format!("{:?}", thread::current().name()));
    1
}

#[traced(fields(n = Empty))]
async fn inner() {
    tokio::task::yield_now().await;
    traced::record!(n = 1);
}

#[test]
fn a_future_that_moves_to_another_thread_keeps_its_span() {
    let capture = capture();
    let mut future = Box::pin(later().in_current_span());
    let mut threads = 0;
    loop {
        threads += 1;
        let poll = || future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
        let polled = thread::scope(|scope| {
            thread::Builder::new()
                .name(format!("t{threads}"))
                .spawn_scoped(scope, poll)
                .unwrap()
                .join()
                .unwrap()
        });
        if polled.is_ready() {
            break;
        }
    }
    assert_eq!(threads, 4);
    assert_eq!(
        capture.tree(),
        "\
later before=Some(\"t1\") between=1 after=Some(\"t4\")
  inner n=1
"
    );
}

#[traced(fields(there = Empty))]
fn ended() -> impl Fn() {
    fn evaluated() -> u8 {
        unreachable!("the span has ended")
    }
    move || traced::record!(there = evaluated())
}

#[test]
fn a_span_that_has_ended_takes_nothing() {
    let capture = capture();
    let told = ended();
    told();
    drop(told);
    assert_eq!(capture.tree(), "ended\n");
}

#[test]
fn another_thread_finds_the_span() {
    #[traced(fields(there = Empty))]
    fn spawns() {
        thread::spawn(move || traced::record!(there = true)).join().unwrap();
    }
    let capture = capture();
    spawns();
    assert_eq!(capture.tree(), "spawns there=true\n");
}

struct Panics;

impl std::fmt::Debug for Panics {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("while it prints")
    }
}

#[traced(args, ret, fields(late = Empty, after = Empty))]
fn prints_badly(given: Panics) -> Panics {
    traced::record!(late = ?given, after = 1);
    given
}

#[test]
fn a_value_that_panics_while_it_prints_is_the_only_loss() {
    let capture = capture();
    prints_badly(Panics);
    let span = capture.find("prints_badly").unwrap();
    assert_eq!(span.attribute("after").unwrap().as_str(), "1");
    assert_eq!(span.attribute("late").unwrap().as_str(), span.attribute("return").unwrap().as_str());
}

/// What is polled, with everything that is recorded of it where that happens.
fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

#[traced(leaf)]
fn deeper(record: impl FnOnce()) {
    record();
}

/// Recorded before the first poll, in a poll, in a span inside, and when it is dropped.
#[traced(fields(before = Empty, sum = Empty, inside = Empty, dropped = Empty))]
fn rows(rows: u64) -> impl Stream<Item = u64> + Send {
    struct Dropped<F: FnMut()>(F);
    impl<F: FnMut()> Drop for Dropped<F> {
        fn drop(&mut self) {
            self.0();
        }
    }
    traced::record!(before = rows);
    let dropped = Dropped(|| traced::record!(dropped = true));
    let mut sum = 0;
    stream::iter(0..rows).map(move |row| {
        let _ = &dropped;
        sum += row;
        traced::record!(sum);
        traced::span!("inside").in_scope(|| deeper(|| traced::record!(inside = row)));
        row
    })
}

#[test]
fn a_stream_s_span_is_found_where_it_is_polled() {
    let spans = capture();
    block_on(async {
        let mut both = (std::pin::pin!(rows(2)), std::pin::pin!(rows(3)));
        while let (Some(_), Some(_)) = (both.0.next().await, both.1.next().await) {}
    });
    drop(rows(7));
    assert_eq!(
        spans.tree(),
        "\
rows before=2 sum=1 inside=1 dropped=true stream.items=2
  inside
    deeper
  inside
    deeper
rows before=3 sum=3 inside=2 dropped=true stream.items=3
  - cancelled
  inside
    deeper
  inside
    deeper
  inside
    deeper
"
    );
}

/// Before and in the block that it ends with.
#[traced(fields(before = Empty, inside = Empty))]
fn in_a_block(n: u8) -> impl Future<Output = u8> {
    traced::record!(before = n);
    async move {
        traced::record!(inside = n);
        n
    }
}

/// As boxed as can be, and called inside of itself.
#[traced(fields(at_once = Empty, later = Empty, n), leaf)]
fn nested(n: u8) -> Pin<Box<dyn Future<Output = u8> + Send>> {
    traced::record!(at_once = ?Some(n));
    let inside = async move {
        traced::record!(later = n);
        tokio::task::yield_now().await;
        if n == 0 { 0 } else { nested(n - 1).await + 1 }
    };
    if n == 9 { Box::pin(std::future::ready(n)) } else { Box::pin(inside) }
}

#[traced(root, ret, fields(kept = Empty, polled = Empty))]
#[track_caller]
fn somewhere_else(n: u8) -> impl Future<Output = u8> {
    traced::record!(kept = n);
    std::future::ready(n).map(|n| {
        traced::record!(polled = n);
        n
    })
}

#[test]
fn a_returned_future_s_span_is_found_where_it_is_polled() {
    let spans = capture();
    assert_eq!(block_on(nested(1)), 1);
    assert_eq!(block_on(somewhere_else(3)), 3);
    assert_eq!(block_on(in_a_block(4)), 4);
    assert_eq!(
        spans.tree(),
        "\
nested n=1 at_once=Some(1) later=1
nested n=0 at_once=Some(0) later=0
somewhere_else kept=3 polled=3 return=3
in_a_block before=4 inside=4
"
    );
}

/// In itself, where it is not recorded.
#[traced(parent = cx, fields(outside = Empty, told = Empty))]
fn under(cx: &Context, inside: Option<Context>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    traced::record!(outside = inside.is_some());
    Box::pin(std::future::ready(inside).then(|inside| async move {
        match inside {
            Some(cx) => under(&cx, None).await,
            None => traced::record!(told = "by one that is not recorded"),
        }
        traced::record!(told = true);
    }))
}

fn runs_under(builder: traced::Builder, exporter: &InMemorySpanExporter) {
    let remote = |sampled: bool| {
        let flags = if sampled { TraceFlags::SAMPLED } else { TraceFlags::default() };
        let remote = SpanContext::new(7.into(), 8.into(), flags, true, TraceState::default());
        Context::new().with_remote_span_context(remote)
    };
    let telemetry = builder.install().unwrap();
    block_on(under(&remote(true), Some(remote(false))));
    let _ = telemetry.flush(std::time::Duration::from_secs(10)).unwrap();
    let spans = exporter.get_finished_spans().unwrap();
    assert_eq!(spans.len(), 1);
    let attributes = &spans[0].attributes;
    let value = |key: &str| attributes.iter().find(|kv| kv.key.as_str() == key).unwrap().value.clone();
    assert_eq!([value("outside"), value("told")], [true.into(), true.into()]);
}

#[test]
fn what_one_that_is_not_recorded_is_told_is_told_to_no_other() {
    alone!({
        let exporter = InMemorySpanExporter::default();
        runs_under(traced::builder().exporter(exporter.clone()), &exporter);
    });
}

#[test]
fn with_another_provider_neither() {
    alone!({
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        runs_under(traced::builder().provider(provider), &exporter);
    });
}
