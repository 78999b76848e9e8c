//! What carries the current context on.

/// Carries the current context.
pub trait FutureExt: Sized {}

#[cfg(feature = "tokio")]
/// Spawns.
pub fn spawn() {}
