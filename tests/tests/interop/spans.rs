//! `span!`.

use std::time::{Duration, SystemTime};

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
