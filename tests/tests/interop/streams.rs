//! Functions that return a stream, and `span!(..).in_stream(..)`.

use std::pin::Pin;

use futures_util::stream::{self, Stream, StreamExt as _, TryStreamExt as _};
use traced::testing::capture;
use traced::{StreamExt as _, span, traced};

#[traced]
fn leaf() {}

/// As the crate `futures` has it.
type BoxStream<'a, T> = Pin<Box<dyn Stream<Item = T> + Send + 'a>>;

#[traced(fields(from))]
fn numbers(from: u32) -> impl Stream<Item = u32> + Send {
    leaf();
    stream::unfold(from, |n| async move {
        tokio::task::yield_now().await;
        leaf();
        (n < 2).then_some((n, n + 1))
    })
}

#[traced(kind = Server)]
fn parsed<'a>(
    texts: &'a [&'a str],
) -> Pin<Box<dyn Stream<Item = Result<u8, std::num::ParseIntError>> + Send + 'a>> {
    if texts.is_empty() {
        return stream::empty().boxed();
    }
    Box::pin(stream::iter(texts).map(|text| text.parse()))
}

struct Repo(Vec<u8>);

#[traced]
impl Repo {
    fn rows(&self) -> BoxStream<'_, anyhow::Result<u8>> {
        let rows = stream::iter(&self.0).map(|row| match row {
            0 => Err(anyhow::Error::new(std::fmt::Error).context("row 0")),
            row => Ok(*row),
        });
        rows.boxed()
    }
}

#[tokio::test]
async fn the_span_lasts_until_the_stream_is_exhausted() {
    let spans = capture();
    drop(numbers(5));
    let numbers = numbers(0);
    assert_eq!(numbers.size_hint(), (0, None));
    assert_eq!(numbers.map(|n| n + 1).collect::<Vec<_>>().await, [1, 2]);
    assert_eq!(parsed(&[]).count().await, 0);
    assert_eq!(
        spans.tree(),
        "leaf\n\
         leaf\n\
         numbers from=0 stream.items=2\n\
         \x20 leaf\n\
         \x20 leaf\n\
         \x20 leaf\n\
         parsed [server] stream.items=0\n"
    );
}

#[tokio::test]
async fn it_fails_if_the_last_item_does() {
    let spans = capture();
    // The consumer goes on after an error: it is none of the span's.
    assert_eq!(parsed(&["1", "x", "2"]).filter(|n| std::future::ready(n.is_ok())).count().await, 2);
    // The stream ends with one.
    assert_eq!(parsed(&["1", "x"]).count().await, 2);
    // The consumer asks for no more after one.
    let repo = Repo(vec![1, 0, 2]);
    let mut rows = repo.rows();
    while let Some(Ok(_)) = rows.next().await {}
    drop(rows);
    // The consumer has had enough.
    let mut numbers = Box::pin(parsed(&["1", "2", "3"]));
    assert!(numbers.next().await.is_some());
    drop(numbers);
    let failed = "error.type=core::num::error::ParseIntError error: invalid digit found in string\n  \
                  - exception exception.type=core::num::error::ParseIntError \
                  exception.message=invalid digit found in string";
    let failed_row = "error.type=anyhow::Error error: row 0\n  \
                      - exception exception.type=anyhow::Error exception.message=row 0";
    assert_eq!(
        spans.tree(),
        format!(
            "parsed [server] stream.items=3\n\
             parsed [server] stream.items=2 {failed}\n\
             Repo::rows stream.items=2 {failed_row}\n\
             parsed [server] stream.items=1\n\
             \x20 - cancelled\n"
        )
    );
    let rows = spans.find("Repo::rows").unwrap();
    let trace = rows.events[0].attributes.iter().find(|pair| pair.key.as_str() == "exception.stacktrace");
    let trace = trace.unwrap().value.as_str().into_owned();
    assert!(trace.contains("Caused by: an error occurred when formatting"), "{trace}");
}

#[traced]
async fn total(texts: &[&str]) -> Result<u8, std::num::ParseIntError> {
    parsed(texts).try_fold(0, async |sum, n| Ok(sum + n)).await
}

#[tokio::test]
async fn the_error_that_ends_it_is_told_once() {
    let spans = capture();
    total(&["1", "x"]).await.unwrap_err();
    let events: Vec<_> = spans.spans().iter().map(|span| (span.name.clone(), span.events.len())).collect();
    assert_eq!(events, [("parsed".to_owned(), 1), ("total".to_owned(), 0)]);
}

#[tokio::test]
async fn any_stream_in_a_span() {
    let spans = capture();
    let id = 7;
    let rows = span!("rows", id; kind = Client).in_stream(stream::iter([1, 2]).inspect(|_| leaf()));
    assert_eq!(tokio::spawn(span!("outer").in_scope(|| rows.in_current_span()).count()).await.unwrap(), 2);
    let panics = span!("panics").in_stream(stream::iter([1]).map(|_| panic!("oh")));
    assert!(tokio::spawn(panics.count()).await.is_err());
    assert_eq!(
        spans.tree(),
        "outer\n\
         \x20 rows [client] id=7 stream.items=2\n\
         \x20   leaf\n\
         \x20   leaf\n\
         panics stream.items=0 error.type=panic error: oh\n\
         \x20 - exception exception.type=panic exception.message=oh\n"
    );
}

#[tokio::test]
async fn one_that_is_polled_again_after_its_end_stays_ended() {
    let spans = capture();
    let mut numbers = Box::pin(numbers(2));
    assert_eq!(numbers.next().await, None);
    assert_eq!(numbers.next().await, None);
    assert_eq!(numbers.size_hint(), (0, Some(0)));
    assert_eq!(spans.tree(), "leaf\nnumbers from=2 stream.items=0\n  leaf\n");
}

fn is_send<T: Send>(_: &T) {}

#[test]
fn streams_stay_send() {
    is_send(&numbers(0));
    is_send(&span!("a").in_stream(numbers(0)));
}
