//! Who is the parent where the current span has to be taken along: tasks, threads, dropped futures.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tokio::sync::oneshot;
use traced::testing::capture;
use traced::{FutureExt as _, span, traced};

#[traced]
fn leaf() {}

#[traced]
async fn child() {
    tokio::task::yield_now().await;
    leaf();
}

#[traced]
async fn parent_of_a_task(go: oneshot::Receiver<()>, task: &mut Option<tokio::task::JoinHandle<()>>) {
    tokio::task::yield_now().await;
    *task = Some(traced::spawn(async {
        go.await.unwrap();
        child().await;
    }));
}

#[tokio::test]
async fn a_task_is_a_child_of_a_parent_that_has_ended() {
    let capture = capture();
    let (go, gone) = oneshot::channel();
    let mut task = None;
    parent_of_a_task(gone, &mut task).await;
    assert_eq!(capture.tree(), "parent_of_a_task\n");
    go.send(()).unwrap();
    task.unwrap().await.unwrap();
    assert_eq!(capture.tree(), "parent_of_a_task\n  child\n    leaf\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tasks_on_many_workers_keep_their_parents() {
    #[traced]
    async fn parent() {
        let tasks: Vec<_> = (0..20).map(|_| traced::spawn(child())).collect();
        for task in tasks {
            task.await.unwrap();
        }
    }
    let capture = capture();
    let parents: Vec<_> = (0..20).map(|_| traced::spawn(parent())).collect();
    for parent in parents {
        parent.await.unwrap();
    }
    let one = format!("parent\n{}", "  child\n    leaf\n".repeat(20));
    assert_eq!(capture.tree(), one.repeat(20));
}

#[tokio::test]
async fn an_error_that_comes_out_of_a_task_is_told_once() {
    #[traced]
    async fn parse(text: &str) -> Result<u8, std::num::ParseIntError> {
        tokio::task::yield_now().await;
        text.parse()
    }
    #[traced]
    async fn parent() -> Result<u8, std::num::ParseIntError> {
        traced::spawn(parse("x")).await.unwrap()
    }
    let capture = capture();
    assert!(parent().await.is_err());
    let failed = "error.type=core::num::error::ParseIntError error: invalid digit found in string".to_owned();
    let event = "exception exception.type=core::num::error::ParseIntError exception.message=invalid digit found in string";
    assert_eq!(capture.tree(), format!("parent {failed}\n  parse {failed}\n    - {event}\n"));
}

#[test]
fn a_future_keeps_its_parent_on_another_thread() {
    let capture = capture();
    let future = span!("start").in_scope(|| child().in_current_span());
    std::thread::spawn(|| block_on(future)).join().unwrap();
    assert_eq!(capture.tree(), "start\n  child\n    leaf\n");
}

#[test]
fn a_future_that_moves_between_threads_leaves_nothing_behind() {
    #[traced]
    async fn wandering() {
        for _ in 0..4 {
            leaf();
            tokio::task::yield_now().await;
        }
    }
    let capture = capture();
    let carried = traced::opentelemetry::Context::current();
    let mut future = Box::pin(wandering().in_context(carried));
    loop {
        let polled = std::thread::spawn(move || {
            let ready = future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready();
            assert!(!traced::current().is_recording(), "nothing is current between polls");
            (future, ready)
        });
        let ready;
        (future, ready) = polled.join().unwrap();
        assert!(!traced::current().is_recording());
        if ready {
            break;
        }
    }
    assert_eq!(capture.tree(), format!("wandering\n{}", "  leaf\n".repeat(4)));
}

#[test]
fn a_context_is_carried_to_a_thread() {
    #[traced]
    fn start() -> traced::opentelemetry::Context {
        traced::current().context()
    }
    let capture = capture();
    let context = start();
    std::thread::spawn(|| block_on(child().in_context(context))).join().unwrap();
    assert_eq!(capture.tree(), "start\n  child\n    leaf\n");
}

#[tokio::test]
async fn interleaved_futures_keep_their_own_children() {
    #[traced]
    async fn left() {
        child().await;
        child().await;
    }
    #[traced]
    async fn right() {
        leaf();
        child().await;
    }
    #[traced]
    async fn both() {
        tokio::join!(left(), right());
    }
    let capture = capture();
    both().await;
    assert_eq!(
        capture.tree(),
        "\
both
  left
    child
      leaf
    child
      leaf
  right
    leaf
    child
      leaf
"
    );
}

struct CleansUp;

impl Drop for CleansUp {
    fn drop(&mut self) {
        #[traced]
        fn clean_up() {}
        clean_up();
    }
}

#[traced]
async fn never_ends() {
    let _cleans_up = CleansUp;
    leaf();
    std::future::pending::<()>().await;
}

const CANCELLED: &str = "\
never_ends
  - cancelled
  leaf
  clean_up
";

#[test]
fn a_destructor_of_a_cancelled_future_makes_children() {
    let capture = capture();
    poll_once(never_ends());
    assert_eq!(capture.tree(), CANCELLED);
}

#[tokio::test]
async fn an_aborted_task_makes_children_too() {
    let capture = capture();
    let task = traced::spawn(never_ends());
    assert!(capture.wait_for_started("leaf").await);
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_eq!(capture.tree(), CANCELLED);
}

#[test]
fn what_a_dropped_future_carries_is_current_in_its_destructors() {
    let never_ends = async {
        let _cleans_up = CleansUp;
        std::future::pending::<()>().await;
    };
    let capture = capture();
    poll_once(span!("start").in_scope(|| never_ends.in_current_span()));
    assert_eq!(capture.tree(), "start\n  clean_up\n");
}

#[test]
fn a_future_that_is_never_polled_makes_no_span() {
    let capture = capture();
    drop(child());
    drop(child().in_current_span());
    drop(Box::pin(child()));
    assert_eq!(capture.tree(), "");
}

#[test]
fn a_future_that_panics_leaves_nothing_current() {
    #[traced]
    async fn panics() {
        leaf();
        panic!("expected");
    }
    let capture = capture();
    let caught = std::panic::catch_unwind(|| block_on(panics()));
    assert!(caught.is_err());
    assert!(!traced::current().is_recording());
    leaf();
    assert_eq!(
        capture.tree(),
        "\
panics error.type=panic error: expected
  - exception exception.type=panic exception.message=expected
  leaf
leaf
"
    );
}

trait Started {
    async fn wait_for_started(&self, name: &str) -> bool;
}

impl Started for traced::testing::Capture {
    /// Lets the tasks of this thread run until a span has ended.
    async fn wait_for_started(&self, name: &str) -> bool {
        for _ in 0..1_000 {
            if self.find(name).is_some() {
                return true;
            }
            tokio::task::yield_now().await;
        }
        false
    }
}

fn poll_once<F: Future<Output = ()>>(future: F) {
    let mut future = pin!(future);
    let polled = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(polled, Poll::Pending);
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}
