//! The current span.

/// The current span.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Current {}

/// The current span.
#[must_use]
pub fn current() -> Current {
    Current {}
}
