//! The pipeline with exporters that misbehave.

mod accounting;
mod deadlines;
mod kit;
mod memory;
mod order;
mod reporting;
