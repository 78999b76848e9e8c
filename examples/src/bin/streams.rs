//! A function that returns a stream: its span lasts while the stream is read, says in `stream.items` how much was read,
//! and fails with the last item.
//!
//! ```sh
//! OTEL_TRACES_EXPORTER=console cargo run --bin streams
//! ```

use std::num::ParseIntError;

use futures_util::stream::{self, Stream, StreamExt as _};
use traced::traced;

#[traced(fields(lines = text.lines().count()))]
fn numbers(text: &str) -> impl Stream<Item = Result<u32, ParseIntError>> {
    stream::iter(text.lines()).map(str::parse)
}

#[traced]
async fn total(text: &str) -> Result<u32, ParseIntError> {
    let mut numbers = numbers(text);
    let mut total = 0;
    while let Some(number) = numbers.next().await {
        total += number?;
    }
    Ok(total)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let _telemetry = traced::init()?;
    println!("{:?}", total("1\n2\n3").await);
    println!("{:?}", total("1\ntwo\n3").await);
    Ok(())
}
