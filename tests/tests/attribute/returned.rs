//! Functions that return a future which they do not spell as an `async` block at their end.

use std::future::{Ready, ready};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use traced::traced;

use crate::recorder::{recorded, recorded_async};

/// As the crate `futures` has it.
type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

#[traced]
fn leaf() {}

async fn work(fails: bool) -> Result<u8, String> {
    tokio::task::yield_now().await;
    leaf();
    if fails { Err("no".to_owned()) } else { Ok(1) }
}

#[traced(fields(fails))]
fn returned(fails: bool) -> impl Future<Output = Result<u8, String>> + Send + Unpin {
    leaf();
    Box::pin(work(fails))
}

#[traced(fields(%name, lengths = [name.len()]))]
fn boxed(name: String) -> Pin<Box<dyn Future<Output = usize> + Send>> {
    if name.is_empty() {
        return Box::pin(ready(0));
    }
    Box::pin(async move {
        leaf();
        name.len()
    })
}

#[traced]
fn inferred(text: &str) -> impl Future<Output = Result<u8, std::num::ParseIntError>> + use<> {
    let parsed = text.parse();
    let more = async |parsed: Result<u8, _>| Ok(parsed? + 1);
    more(parsed)
}

#[traced(ret, args(n))]
fn value(n: u8) -> impl Future<Output = Result<u8, String>> {
    ready(n.checked_sub(1).ok_or(String::new()))
}

#[traced(ret)]
fn value_in_a_box(n: u8) -> BoxFuture<'static, u8> {
    Box::pin(ready(n))
}

#[traced]
fn unnamed(n: u8) -> impl Future<Output = impl std::fmt::Display + Into<u64>> {
    ready(n)
}

struct Service(u8);

impl Service {
    #[traced(fields(before = self.0))]
    fn call<'a>(&'a mut self, more: &'a u8) -> BoxFuture<'a, &'a mut u8> {
        self.0 += more;
        let after = async {
            leaf();
            &mut self.0
        };
        Box::pin(after)
    }

    #[traced]
    fn elided(&self) -> Pin<Box<dyn Future<Output = &u8> + '_>> {
        let future = ready(&self.0);
        Box::pin(future)
    }
}

#[traced]
trait Handler {
    fn handle(&self) -> impl Future<Output = Option<u8>> + Send {
        ready(Some(1))
    }
}

impl Handler for Service {}

#[test]
fn the_span_is_that_of_the_future() {
    let tree = recorded_async(async {
        assert_eq!(returned(false).await, Ok(1));
        let future = returned(true);
        leaf();
        assert!(future.await.is_err());
        assert_eq!(boxed("ab".to_owned()).await, 2);
        assert_eq!(boxed(String::new()).await, 0);
        assert!(inferred("x").await.is_err());
        assert_eq!(unnamed(1).await.into(), 1);
        assert_eq!(value(1).await, Ok(0));
        assert_eq!(value_in_a_box(3).await, 3);
        let mut service = Service(1);
        *service.call(&1).await += 1;
        assert_eq!(*service.elided().await, 3);
        assert_eq!(service.handle().await, Some(1));
    });
    assert_eq!(
        tree,
        "leaf\n\
         returned fails=false\n\
         \x20 leaf\n\
         leaf\n\
         leaf\n\
         returned fails=true failed: display no (String)\n\
         \x20 leaf\n\
         boxed name=\"ab\" lengths=[2]\n\
         \x20 leaf\n\
         boxed name=\"\" lengths=[0]\n\
         inferred failed: error invalid digit found in string (ParseIntError)\n\
         unnamed\n\
         value n=1 return=0\n\
         value_in_a_box return=3\n\
         Service::call before=1\n\
         \x20 leaf\n\
         Service::elided\n\
         Handler::handle\n"
    );
}

#[test]
fn one_that_is_never_polled_makes_no_span_and_one_that_is_dropped_is_cancelled() {
    let tree = recorded(|| {
        drop(boxed("a".to_owned()));
        let mut pending = returned(false);
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(Pin::new(&mut pending).poll(&mut context), Poll::Pending);
        drop(pending);
    });
    assert_eq!(tree, "leaf\nreturned fails=false cancelled\n");
}

#[traced]
fn named() -> Ready<u8> {
    ready(1)
}

#[test]
fn a_type_that_does_not_say_that_it_is_a_future_is_the_call() {
    let tree = recorded(|| drop(named()));
    assert_eq!(tree, "named\n");
}

/// Traits of the user's that are called as those of streams are.
mod named_stream {
    use std::io::Read;

    use traced::traced;

    pub(super) trait Stream: Read {}
    impl Stream for &[u8] {}

    #[traced(ret = ?, fields(n = Empty))]
    pub(super) fn a_read(bytes: &[u8]) -> impl Stream + std::fmt::Debug + Clone {
        traced::record!(n = bytes.len());
        bytes
    }

    pub(super) struct Read1<R>(R);
    type BoxStream<'a> = Read1<&'a [u8]>;

    #[traced]
    pub(super) fn boxed(bytes: &[u8]) -> BoxStream<'_> {
        Read1(bytes)
    }

    impl Read for Read1<&[u8]> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            self.0.read(into)
        }
    }
}

#[test]
fn a_trait_called_stream_is_no_stream_of_items() {
    let tree = recorded(|| {
        std::io::copy(&mut named_stream::a_read(&[1, 2]), &mut std::io::sink()).unwrap();
        std::io::copy(&mut named_stream::boxed(&[1]), &mut std::io::sink()).unwrap();
    });
    assert_eq!(tree, "a_read n=2 return=[1, 2]\nboxed\n");
}
