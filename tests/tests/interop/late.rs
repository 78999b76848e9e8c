//! Late fields and returned values with the real recorder: they find the function's own span wherever they are told.

use std::thread;

use traced::testing::capture;
use traced::traced;
use traced::{FutureExt as _, Redacted};

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
