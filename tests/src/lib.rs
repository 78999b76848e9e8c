//! Helpers that several test binaries share.
//!
//! | module | what lives there |
//! |---|---|
//! | [`sink`] | receivers of spans over loopback: one that keeps them, one that never answers, and nobody |
//! | [`spans`] | what the programs of `ui/pass` record |
//! | [`process`] | programs run by a test, and tests that need a process of their own |

// A helper that panics fails the test that called it: that is how it reports.
#![allow(clippy::missing_panics_doc)]

pub mod process;
pub mod sink;
pub mod spans;

pub use spans::{assert_spans, now};
