//! What is recorded of errors: what is said of them where they are returned, and what they say themselves.
//!
//! ```sh
//! OTEL_TRACES_EXPORTER=console cargo run --bin err
//! ```

use traced::{SpanError, traced};

/// Says what is recorded of it, whichever function returns it.
#[derive(Debug, thiserror::Error, SpanError)]
enum StoreError {
    #[error("there is no order {id}")]
    #[span_error(expected, type = "not_found")]
    NotFound {
        #[span_error(field = "order.id")]
        id: u64,
    },
    #[error("the store does not answer")]
    #[span_error(type = "timeout")]
    Timeout,
}

#[traced]
fn load(id: u64) -> Result<String, StoreError> {
    match id {
        0 => Err(StoreError::Timeout),
        7 => Ok("tea".to_owned()),
        _ => Err(StoreError::NotFound { id }),
    }
}

/// The same error passes through: the event is where it came up.
#[traced]
fn price(id: u64) -> Result<usize, StoreError> {
    load(id).map(|order| order.len())
}

/// Of an error that cannot say it, the attribute does.
#[traced(err(expected = e.kind() == std::io::ErrorKind::NotFound, type = ?e.kind()))]
fn settings(path: &str) -> std::io::Result<String> {
    std::fs::read_to_string(path)
}

/// A value like any other.
#[traced(err = off)]
fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

#[traced]
fn shop() {
    _ = settings("/nowhere/settings");
    _ = parse("twelve");
    for id in [7, 8, 0] {
        _ = price(id);
    }
}

fn main() -> Result<(), traced::InstallError> {
    let _telemetry = traced::init()?;
    shop();
    Ok(())
}
