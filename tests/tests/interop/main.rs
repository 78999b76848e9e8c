//! `traced` beside other OpenTelemetry code, and tests beside each other.
//!
//! | module | what it shows |
//! |---|---|
//! | `attribute` | the attribute with the real recorder |
//! | `native` | spans of third parties under annotated functions and over them |
//! | `current_span` | what third parties do to a span of ours through `Context::current()` |
//! | `sampling` | the application's samplers |
//! | `propagation` | traces that come from other processes and go there |
//! | `provider` | an application with a tracer provider of its own |
//! | `code_attributes` | whether spans say where in the code they are from |
//! | `capture` | hundreds of tests in one process, each with its own spans |
//! | `clock` | times of spans, from the first one on |
//! | `carry` | tasks, threads, dropped futures |
//! | `edges` | code that runs where nobody expects it: in a `Display`, in a destructor, at the end of a thread |
//! | `errors` | what is recorded of errors, and which are the same |
//! | `policy` | what an error says of itself, and the attribute of it |
//! | `span_error` | errors that derive what they say of themselves |
//! | `filter` | what a filter leaves out passes its place on |
//! | `hostile` | code of the application's that panics or comes back where it is asked or dropped |
//! | `late` | late fields and returned values find the function's own span |
//! | `places` | roots, parents, links and computed names |
//! | `spans` | `span!`: closures, guards, futures, handles |
//! | `streams` | functions that return a stream, and streams in a span |
//! | `streams_made` | functions that make a stream before they return it |
//! | `races` | many threads at one span, while it ends |

#![allow(
    clippy::needless_lifetimes,
    clippy::unnecessary_wraps,
    clippy::unused_async,
    reason = "the functions are there for their signatures"
)]

mod attribute;
mod capture;
mod carry;
mod clock;
mod code_attributes;
mod current_span;
mod edges;
mod errors;
mod filter;
mod hostile;
mod late;
mod native;
mod places;
mod policy;
mod propagation;
mod provider;
mod races;
mod sampling;
mod span_error;
mod spans;
mod streams;
mod streams_made;
