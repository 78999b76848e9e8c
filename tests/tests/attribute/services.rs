//! Services as they are between a server and its handlers: what they return outlives what is known of its output, and is
//! known by another name.

use std::future::{Ready, ready};
use std::pin::Pin;

use futures_util::{FutureExt as _, Stream, StreamExt as _, stream};
use traced::traced;

use traced_tests::spans::now;

use crate::recorder::recorded;

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send + 'a>>;

pub(crate) trait Service<R> {
    type Response;
    type Error;
    type Future: Future<Output = Result<Self::Response, Self::Error>>;

    fn call(&mut self, request: R) -> Self::Future;
}

struct Parse;

impl Service<&str> for Parse {
    type Response = u8;
    type Error = std::num::ParseIntError;
    type Future = Ready<Result<u8, std::num::ParseIntError>>;

    fn call(&mut self, request: &str) -> Self::Future {
        ready(request.parse())
    }
}

/// Nothing says that the response is `'static`.
struct Boxed<S>(S);

impl<R, S> Service<R> for Boxed<S>
where
    S: Service<R, Error: Into<BoxError>>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Answer<'static, S::Response>;

    #[traced]
    fn call(&mut self, request: R) -> Self::Future {
        let answer = self.0.call(request);
        Box::pin(async move { answer.await.map_err(Into::into) })
    }
}

#[traced(args(name))]
fn boxed_by_expression<S>(mut service: S, name: &str) -> Pin<Box<dyn Future<Output = S::Response>>>
where
    S: Service<&'static str, Future: 'static>,
{
    let answer = service.call("3");
    if name.is_empty() {
        looked_at();
    }
    Box::pin(answer.map(|answer| answer.ok().unwrap()))
}

struct Mapped<S>(S);

/// Of its own, and not boxed.
impl<R, S> Service<R> for Mapped<S>
where
    S: Service<R, Error: std::fmt::Debug>,
    S::Future: 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>>>>;

    #[traced(err(type = "refused"))]
    fn call(&mut self, request: R) -> Self::Future {
        looked_at();
        let answer = self.0.call(request);
        Box::pin(answer.map(|answer| answer.map_err(|error| format!("{error:?}").into())))
    }
}

type Shared<T> = Pin<Box<dyn Future<Output = T> + Send + Sync>>;
type Boxes<F> = Pin<Box<F>>;
type Streams = Pin<Box<dyn Stream<Item = u8> + Send>>;

#[traced(args(name), ret)]
fn shared(name: String) -> Shared<usize> {
    if name.is_empty() {
        return Box::pin(ready(0));
    }
    Box::pin(ready(name.len()))
}

#[traced(fields(late))]
fn late_field(fails: bool) -> Answer<'static, u8> {
    traced::record!(late = fails);
    Box::pin(ready(if fails { Err("no".into()) } else { Ok(1) }))
}

#[traced]
fn of_one_type(n: u8) -> Boxes<Ready<u8>> {
    looked_at();
    Box::pin(ready(n))
}

/// What is hidden cannot be named.
#[traced]
fn hidden(n: u8) -> Boxes<impl Future<Output = u8>> {
    looked_at();
    Box::pin(ready(n))
}

#[traced(ret = ?)]
fn written_out(n: u8) -> Pin<Box<u8>> {
    looked_at();
    Box::pin(n)
}

#[traced(fields(n, twice))]
fn streams(n: u8) -> Streams {
    looked_at();
    traced::record!(twice = 2 * n);
    Box::pin(stream::iter(0..n))
}

#[test]
fn what_is_in_a_box_is_known_by_its_type() {
    let tree = recorded(|| {
        let _ = (now(Mapped(Parse).call("1")), now(Mapped(Parse).call("no")));
        assert_eq!((now(shared(String::new())), now(shared("two".to_owned()))), (0, 3));
        drop(shared(String::new()));
        let _ = (now(late_field(false)), now(late_field(true)));
        assert_eq!(now(of_one_type(1)), 1);
        assert_eq!(now(hidden(1)), 1);
        assert_eq!(*written_out(2), 2);
        assert_eq!(now(streams(2).count()), 2);
    });
    assert_eq!(
        tree,
        "looked_at\n\
         Mapped::call\n\
         looked_at\n\
         Mapped::call failed: dynamic ParseIntError { kind: InvalidDigit } (Sync>) of type refused\n\
         shared name=\"\" return=0\n\
         shared name=\"two\" return=3\n\
         late_field late=false\n\
         late_field late=true failed: dynamic no (Sync>)\n\
         of_one_type\n  \
           looked_at\n\
         hidden\n  \
           looked_at\n\
         written_out return=2\n  \
           looked_at\n\
         streams n=2 twice=4\n  \
           looked_at\n"
    );
}

#[traced]
fn looked_at() {}

#[traced]
fn aliased(text: &str) -> Answer<'_, u8> {
    Box::pin(async move { text.parse().map_err(Into::into) })
}

#[traced(err(expected = |_| true))]
fn at_its_end<S>(mut service: S) -> impl Future<Output = Result<S::Response, S::Error>> + 'static
where
    S: Service<&'static str, Future: 'static, Error: std::fmt::Debug>,
{
    let answer = service.call("no");
    async move { answer.await }
}

#[traced]
fn by_expression<S>(mut service: S) -> impl Future<Output = Result<S::Response, S::Error>> + 'static
where
    S: Service<&'static str, Future: 'static>,
{
    service.call("1")
}

fn in_a_block<S>(mut service: S) -> impl Future<Output = Result<S::Response, S::Error>> + 'static
where
    S: Service<&'static str, Future: 'static>,
{
    traced::span!("block").in_future(service.call("2"))
}

/// As many crates have it, and not the one of `futures`.
type BoxFuture<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;
type BoxStream<T> = Pin<Box<dyn Stream<Item = Result<T, std::fmt::Error>> + Send>>;

#[traced]
fn of_an_own_alias(text: &'static str) -> BoxFuture<u8, std::num::ParseIntError> {
    let parsed = ready(text.parse());
    Box::pin(parsed)
}

#[traced]
fn streamed_by_an_own_alias() -> BoxStream<u8> {
    stream::iter([Ok(1), Err(std::fmt::Error)]).boxed()
}

#[traced]
fn streamed<S: Stream + 'static>(stream: S) -> impl Stream<Item = S::Item> + 'static {
    stream
}

fn streamed_in_a_block<S: Stream + 'static>(stream: S) -> impl Stream<Item = S::Item> + 'static {
    traced::span!("stream").in_stream(stream)
}

#[test]
fn what_they_return_may_live_longer_than_its_output() {
    let spans = recorded(|| {
        let mut service = Boxed(Parse);
        assert_eq!(service.call("1").now_or_never().unwrap().unwrap(), 1);
        service.call("no").now_or_never().unwrap().unwrap_err();
        aliased("no").now_or_never().unwrap().unwrap_err();
        at_its_end(Parse).now_or_never().unwrap().unwrap_err();
        of_an_own_alias("no").now_or_never().unwrap().unwrap_err();
        assert_eq!(streamed_by_an_own_alias().collect::<Vec<_>>().now_or_never().unwrap().len(), 2);
        assert_eq!(by_expression(Parse).now_or_never().unwrap(), Ok(1));
        assert_eq!(boxed_by_expression(Parse, "").now_or_never().unwrap(), 3);
        assert_eq!(in_a_block(Parse).now_or_never().unwrap(), Ok(2));
        let items = streamed_in_a_block(streamed(stream::iter([1, 2])));
        assert_eq!(items.collect::<Vec<_>>().now_or_never().unwrap(), [1, 2]);
    });
    assert_eq!(
        spans,
        "Boxed::call
Boxed::call failed: dynamic invalid digit found in string (Sync>)
aliased failed: dynamic invalid digit found in string (Sync>)
at_its_end expected: debug ParseIntError { kind: InvalidDigit } (ParseIntError)
of_an_own_alias failed: error invalid digit found in string (ParseIntError)
streamed_by_an_own_alias stream.items=2 failed: error an error occurred when formatting an argument (Error)
by_expression
looked_at
boxed_by_expression name=\"\"
block
stream stream.items=2
  streamed stream.items=2
"
    );
}
