//! `span!`.

use std::time::{Duration, SystemTime};

use futures_util::stream::{self, Stream, StreamExt as _};
use traced::testing::capture;
use traced::{FutureExt as _, span, traced};

#[traced]
fn leaf() {}

#[derive(Debug)]
struct Item;

#[test]
fn around_closures_and_blocks() {
    let spans = capture();
    let (bytes, customer) = (7, "a b".to_owned());
    let answer =
        span!("parse", bytes, %customer, ?Item, more = bytes + 1, "any text" = [1, 2]).in_scope(|| {
            leaf();
            bytes * 6
        });
    assert_eq!(answer, 42);
    {
        let _guard = span!("guarded"; kind = Client, leaf).guard();
        let _inner = span!("inner", customer.len = customer.len()).guard();
    }
    let panicked = std::panic::catch_unwind(|| span!("panics").in_scope(|| panic!("oh")));
    assert!(panicked.is_err());
    assert_eq!(
        spans.tree(),
        "parse bytes=7 customer=a b Item=Item more=8 any text=[1,2]\n\
         \x20 leaf\n\
         guarded [client]\n\
         inner customer.len=3\n\
         panics error.type=panic error: oh\n\
         \x20 - exception exception.type=panic exception.message=oh\n"
    );
    let parse = spans.find("parse").unwrap();
    let code = parse.attribute("code.function.name").unwrap().as_str().into_owned();
    assert_eq!(code, "interop::spans::around_closures_and_blocks");
}

#[tokio::test]
async fn around_futures() {
    let spans = capture();
    let id = 7;
    let future = span!("load", id).in_future(async {
        tokio::task::yield_now().await;
        leaf();
        1
    });
    leaf();
    // The fields are kept, so that it can be spawned.
    assert_eq!(tokio::spawn(future.in_current_span()).await.unwrap(), 1);
    drop(span!("never polled").in_future(async {}));
    let pending = span!("dropped").in_future(std::future::pending::<()>());
    assert!(tokio::time::timeout(Duration::from_millis(1), pending).await.is_err());
    assert_eq!(spans.tree(), "leaf\nload id=7\n  leaf\ndropped\n  - cancelled\n");
}

#[tokio::test]
async fn what_is_recorded_may_be_moved_into_the_work() {
    async fn publish(topic: String) -> usize {
        tokio::task::yield_now().await;
        leaf();
        topic.len()
    }
    async fn awaits(topic: String) -> usize {
        span!("awaited", %topic).in_future(publish(topic)).await
    }
    fn numbers(topic: String) -> impl Stream<Item = u8> {
        stream::iter(topic.into_bytes())
    }
    fn topic() -> String {
        "abc".to_owned()
    }
    let spans = capture();
    assert_eq!(awaits(topic()).await, 3);
    let topic_of = topic();
    let task = span!("spawned", %topic_of).in_future(async move { publish(topic_of).await });
    assert_eq!(tokio::spawn(task.in_current_span()).await.unwrap(), 3);
    let (topic_of, more) = (topic(), vec![String::from("x"), String::new()]);
    assert_eq!(span!("closure", topic_of, ?more).in_scope(move || (topic_of, more)).0, "abc");
    let topic_of = topic();
    assert_eq!(span!("stream", topic_of).in_stream(numbers(topic_of)).count().await, 3);
    let topic_of = topic();
    // Of a span that has not begun nothing is borrowed either.
    let span = span!("handle", topic_of, len = topic_of.len(); kind = Producer);
    drop(topic_of);
    span.start().in_scope(leaf);
    assert_eq!(
        spans.tree(),
        "awaited topic=abc\n\
         \x20 leaf\n\
         spawned topic_of=abc\n\
         \x20 leaf\n\
         closure topic_of=abc more=[\"x\", \"\"]\n\
         stream topic_of=abc stream.items=3\n\
         handle [producer] topic_of=abc len=3\n\
         \x20 leaf\n"
    );
}

#[test]
fn a_span_begins_when_it_is_told_what_it_is_around() {
    let spans = capture();
    let (waits, never) = (span!("waits", n = 1), span!("never", n = 2));
    drop(never);
    leaf();
    span!("around").in_scope(|| waits.in_scope(leaf));
    assert_eq!(spans.tree(), "leaf\naround\n  waits n=1\n    leaf\n");
}

#[test]
fn a_handle_goes_anywhere() {
    let spans = capture();
    let handle = span!("outer").in_scope(|| span!("job", queue = "mails").start());
    leaf();
    let handle = std::thread::spawn(move || {
        handle.set("attempts", 2).event("tried", [("again", true)]);
        handle.in_scope(leaf);
        handle
    });
    let handle = handle.join().unwrap();
    handle.error(&std::fmt::Error).rename("job 7");
    handle.end();
    assert_eq!(
        spans.tree(),
        "outer\n\
         \x20 job 7 queue=mails attempts=2 error.type=core::fmt::Error error: an error occurred when formatting an argument\n\
         \x20   - tried again=true\n\
         \x20   - exception exception.type=core::fmt::Error exception.message=an error occurred when formatting an argument\n\
         \x20   leaf\n\
         leaf\n"
    );
}

#[test]
fn a_handle_has_the_times_that_it_is_told() {
    let spans = capture();
    let (start, end) =
        (SystemTime::UNIX_EPOCH + Duration::from_secs(1), SystemTime::UNIX_EPOCH + Duration::from_secs(3));
    span!("waited"; kind = Consumer).start_at(start).end_at(end);
    drop(span!("dropped").start());
    span!("without end").start_at(start).end();
    assert_eq!(spans.tree(), "waited [consumer]\nwithout end\ndropped\n");
    let waited = spans.find("waited").unwrap();
    assert_eq!((waited.start, waited.end), (start, end));
    let ended = spans.find("without end").unwrap();
    assert!(ended.start == start && ended.end > end);
}
