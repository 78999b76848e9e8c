//! Functions that make a stream before they return it: one span for both.

use std::io;
use std::pin::Pin;

use async_trait::async_trait;
use futures_util::stream::{self, BoxStream, Stream, StreamExt as _};
use tokio::task::yield_now;
use traced::testing::capture;
use traced::{record, traced};

#[traced]
fn connect() {}

#[traced]
fn read() {}

#[traced(fields(of = from + 1, found), kind = Consumer)]
async fn numbers(from: u32) -> impl Stream<Item = u32> + Send {
    yield_now().await;
    connect();
    record!(found = true);
    stream::iter(from..from + 2).inspect(|_| read())
}

#[traced(args, err(type = e.kind().to_string()))]
async fn lines(name: String) -> io::Result<BoxStream<'static, Result<usize, String>>> {
    connect();
    if name.is_empty() {
        return Err(io::ErrorKind::NotFound.into());
    }
    yield_now().await;
    Ok(stream::iter([Ok(name.len()), Err(name)]).boxed())
}

/// It is done when it returns, but for its stream.
#[traced(fields(len = names.len(), last), err(expected))]
fn now(names: &[u8]) -> Result<impl Stream<Item = u8>, Box<dyn std::error::Error>> {
    connect();
    let Some(last) = names.last() else { return Err("none".into()) };
    record!(last);
    Ok(stream::iter(names).map(|name| {
        read();
        *name
    }))
}

#[async_trait]
trait Store {
    async fn all(&self, (from, to): (u8, u8)) -> Pin<Box<dyn Stream<Item = u8> + Send + '_>>;
    async fn some(&mut self, from: u8) -> Result<BoxStream<'_, u8>, String>;
}

struct Memory(u8);

#[traced]
#[async_trait]
impl Store for Memory {
    #[traced(fields(from, left = self.0))]
    async fn all(&self, (from, to): (u8, u8)) -> Pin<Box<dyn Stream<Item = u8> + Send + '_>> {
        connect();
        stream::iter(from..to).inspect(|_| read()).boxed()
    }

    async fn some(&mut self, from: u8) -> Result<BoxStream<'_, u8>, String> {
        self.0.checked_sub(from).map(|left| stream::iter(0..left).boxed()).ok_or_else(|| "few".to_owned())
    }
}

/// The block is at the end of what is no `async fn`, and does not have what is recorded.
#[traced(fields(names = ?names))]
fn block(names: &[u8]) -> impl Future<Output = Result<impl Stream<Item = usize> + use<>, String>> + use<> {
    let len = names.len();
    async move {
        connect();
        if len == 0 { Err("none".to_owned()) } else { Ok(stream::iter(0..len)) }
    }
}

#[tokio::test]
async fn the_span_is_that_of_the_stream_too() {
    let spans = capture();
    let stream = numbers(0).await;
    connect();
    assert_eq!(stream.collect::<Vec<_>>().await, [0, 1]);
    assert_eq!(lines("abc".to_owned()).await.unwrap().count().await, 2);
    assert!(lines(String::new()).await.is_err());
    assert_eq!(now(&[1, 2]).unwrap().count().await, 2);
    assert!(now(&[]).is_err());
    let mut memory = Memory(3);
    assert_eq!(memory.all((1, 3)).await.count().await, 2);
    assert_eq!(memory.some(1).await.unwrap().count().await, 2);
    assert!(memory.some(4).await.is_err());
    assert_eq!(block(&[1]).await.unwrap().count().await, 1);
    assert!(block(&[]).await.is_err());
    assert_eq!(
        spans.tree(),
        "numbers [consumer] of=1 found=true stream.items=2\n  \
           connect\n  \
           read\n  \
           read\n\
         connect\n\
         lines name=abc stream.items=2 error.type=alloc::string::String error: abc\n  \
           - exception exception.type=alloc::string::String exception.message=abc\n  \
           connect\n\
         lines name= error.type=entity not found error: entity not found\n  \
           - exception exception.type=std::io::error::Error exception.message=entity not found\n  \
           connect\n\
         now len=2 last=2 stream.items=2\n  \
           connect\n  \
           read\n  \
           read\n\
         now len=0 error.type=alloc::boxed::Box<dyn core::error::Error>\n  \
           connect\n\
         <Memory as Store>::all from=1 left=3 stream.items=2\n  \
           connect\n  \
           read\n  \
           read\n\
         <Memory as Store>::some stream.items=2\n\
         <Memory as Store>::some error.type=alloc::string::String error: few\n  \
           - exception exception.type=alloc::string::String exception.message=few\n\
         block names=[1] stream.items=1\n  \
           connect\n\
         block names=[] error.type=alloc::string::String error: none\n  \
           - exception exception.type=alloc::string::String exception.message=none\n  \
           connect\n"
    );
}

#[tokio::test]
async fn it_ends_as_what_is_dropped_or_panics_does() {
    let spans = capture();
    // Never polled, polled once, made and never read, half read.
    drop(numbers(1));
    assert!(futures_util::poll!(Box::pin(numbers(2))).is_pending());
    drop(numbers(3).await);
    assert!(Box::pin(numbers(4).await).next().await.is_some());
    assert!(tokio::spawn(panics(true)).await.is_err());
    let stream = panics(false).await;
    assert!(tokio::spawn(stream.count()).await.is_err());
    assert_eq!(
        spans.tree(),
        "numbers [consumer] of=3\n  \
           - cancelled\n\
         numbers [consumer] of=4 found=true stream.items=0\n  \
           - cancelled\n  \
           connect\n\
         numbers [consumer] of=5 found=true stream.items=1\n  \
           - cancelled\n  \
           connect\n  \
           read\n\
         panics error.type=panic error: at once\n  \
           - exception exception.type=panic exception.message=at once\n\
         panics stream.items=0 error.type=panic error: later\n  \
           - exception exception.type=panic exception.message=later\n"
    );
}

#[traced]
async fn panics(at_once: bool) -> impl Stream<Item = u8> + Send {
    assert!(!at_once, "at once");
    stream::iter([1]).map(|_| panic!("later"))
}

#[test]
fn they_are_hardly_larger() {
    async fn bare(n: u8) -> io::Result<BoxStream<'static, u8>> {
        yield_now().await;
        Ok(stream::iter(0..n).boxed())
    }
    #[traced(args)]
    async fn annotated(n: u8) -> io::Result<BoxStream<'static, u8>> {
        yield_now().await;
        Ok(stream::iter(0..n).boxed())
    }
    let added = size_of_val(&annotated(1)).saturating_sub(size_of_val(&bare(1)));
    assert!(added <= 96, "{added}");
}

fn is_send<T: Send>(_: &T) {}

#[test]
fn they_stay_send() {
    is_send(&numbers(1));
    is_send(&lines(String::new()));
    is_send(&now(&[]).ok());
    is_send(&block(&[]));
}
