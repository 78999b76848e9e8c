//! No lint reports what `err` and the derive generate, and nothing of the user's is in their way.
#![forbid(unsafe_code, unused_imports, unreachable_code)]
#![deny(warnings, unused, missing_docs, unreachable_pub, unused_qualifications, unused_lifetimes)]
#![deny(rust_2018_idioms, rust_2021_compatibility, rust_2024_compatibility, let_underscore_drop)]
#![deny(single_use_lifetimes, trivial_casts, unit_bindings, unused_results, unused_extern_crates)]

use traced::{SpanError, traced};

/// An error.
#[derive(Debug, thiserror::Error, SpanError)]
#[span_error(expected)]
pub enum Broken<'a, T: std::error::Error> {
    /// An inner error.
    #[error(transparent)]
    #[span_error(transparent)]
    Inner(T),
    /// A text.
    #[error("{text}")]
    #[span_error(type = "text")]
    Text {
        /// The text.
        #[span_error(field)]
        text: &'a str,
    },
}

type Failed = Broken<'static, Plain>;

/// Another.
#[derive(Debug, thiserror::Error, SpanError)]
#[error("plain")]
pub struct Plain;

/// An expression, a closure and a sigil.
#[traced(err(?, expected = matches!(e, Broken::Inner(_)), type = %e))]
pub fn expression(a: u8) -> Result<u8, Failed> {
    if a > 0 { Err(Broken::Inner(Plain)) } else { Err(Broken::Text { text: "a" }) }
}

/// Constants.
#[traced(err(expected, type = "a"), cancel = error)]
pub async fn constants() -> Result<u8, Failed> {
    Err(Broken::Inner(Plain))
}

/// Not looked at.
#[traced(err = off)]
pub fn off(_text: String) -> Result<u8, Failed> {
    Err(Broken::Inner(Plain))
}

fn main() {
    let capture = traced::testing::capture();
    assert!(expression(0).is_err() && expression(1).is_err() && off(String::new()).is_err());
    let mut future = std::pin::pin!(constants());
    let waker = &mut std::task::Context::from_waker(std::task::Waker::noop());
    assert!(future.as_mut().poll(waker).is_ready());
    let kind = std::any::type_name::<Failed>();
    assert_eq!(
        capture.tree(),
        format!(
            "\
expression text=a error.type=a error: Text {{ text: \"a\" }}
  - exception exception.type={kind} exception.message=Text {{ text: \"a\" }}
expression error.type=plain
off
constants error.type=a
"
        )
    );
}
