//! Three services, each a process of its own, and real backends: what the backends hold is what the processes
//! recorded.
//!
//!     .ci/backends start
//!     cargo test -p traced-tests --test backends -- --include-ignored

mod collector;
mod fetch;
mod jaeger;
mod loss;
mod shop;
mod span;
mod story;
mod zipkin;
