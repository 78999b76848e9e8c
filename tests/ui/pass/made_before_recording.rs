//! Futures and streams that are made while nobody records, and polled when somebody does. Fields are evaluated with the first
//! poll where it is the body that begins the span, and else were asked for in vain.
#![deny(warnings)]

use std::future::{Future, ready};
use std::pin::Pin;

use futures_util::future::BoxFuture;
use futures_util::stream::{BoxStream, Stream, StreamExt, iter};
use traced::{span, traced};
use traced_tests::{assert_spans, now};

#[traced(fields(n))]
async fn function(n: u8) -> u8 {
    n
}

#[traced(fields(n))]
fn hidden(n: u8) -> impl Future<Output = u8> {
    ready(n)
}

#[traced(fields(n))]
fn by_expression(n: u8) -> BoxFuture<'static, Result<u8, String>> {
    match n {
        0 => Box::pin(ready(Err("none".to_owned()))),
        n => Box::pin(ready(Ok(n))),
    }
}

#[traced]
fn in_its_box(n: u8) -> Pin<Box<dyn Future<Output = u8>>> {
    Box::pin(ready(n))
}

#[traced]
fn in_a_block(n: u8) -> Pin<Box<dyn Future<Output = u8>>> {
    Box::pin(async move { n })
}

#[traced]
fn streamed(n: u8) -> impl Stream<Item = u8> {
    iter(0..n)
}

#[traced]
fn streamed_by_expression(n: u8) -> BoxStream<'static, u8> {
    iter(0..n).boxed()
}

fn main() {
    let functions = (function(1), span!("block").in_future(ready(1)));
    let returned = (hidden(1), by_expression(0), in_its_box(1), in_a_block(1));
    let streams = (streamed(2), streamed_by_expression(3));
    assert_spans(
        || {
            assert_eq!(now(functions.0) + now(functions.1), 2);
            assert_eq!(now(returned.0) + now(returned.2) + now(returned.3), 3);
            assert_eq!(now(returned.1), Err("none".to_owned()));
            assert_eq!(now(streams.0.count()) + now(streams.1.count()), 5);
        },
        "\
function n=1
block
hidden
in_its_box
in_a_block
by_expression error.type=alloc::string::String error: none
  - exception exception.type=alloc::string::String exception.message=none
streamed stream.items=2
streamed_by_expression stream.items=3
",
    );
}
