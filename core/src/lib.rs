//! The seam of [`traced`](https://docs.rs/traced): what code annotated with `#[traced]` calls, and what a
//! recorder of spans implements.
//!
//! It has no dependency and no OpenTelemetry type, so that a library may annotate its functions and pay
//! nothing until a program installs a recorder. Users reach all of it through the crate `traced`; depend on
//! this crate directly only to write a recorder of your own.
//!
//! ```
//! use traced_core::{CallSite, Outcome, span};
//!
//! static SITE: CallSite = CallSite::new("demo", "src/lib.rs", 1, || "demo::answer::__here");
//! // With nobody recording, this is the call of the closure.
//! let answer = span::enter(&SITE).run(|| 42, |_, _| Outcome::Success);
//! assert_eq!(answer, 42);
//! ```
//!
//! | module | what lives there |
//! |---|---|
//! | [`cell`] | who records: one atomic |
//! | [`recorder`] | the trait that a recorder implements |
//! | [`callsite`] | static facts of one annotated function |
//! | [`value`] | what can become an attribute value |
//! | [`redacted`] | values that are not to be seen, or not whole |
//! | [`outcome`] | ok, error, panic or cancelled, from any return type |
//! | [`span_error`] | what an error says of itself, and what the attribute says of it |
//! | [`span`] | the guard of synchronous code |
//! | [`future`] | the span of an `async` block |
//! | [`around`] | a future with something current around each poll |
//! | [`boxed`] | what is in a box that a function returns |
//! | [`later`] | a span that begins later, mostly with a first poll, and its fields until then |
//! | [`stream`] | the span of a stream |
//! | [`untold`] | what tells the outcome of a future, or of an item of a stream |
//! | [`own`] | the span of the function that is running, and how arguments and returned values are recorded |
//! | [`polled`] | the same for `record!` in a function that returns a future or a stream |
//! | [`filter`] | which call sites make spans at all |
//! | [`place`] | spans that do not begin where the call is made |
//! | [`carry`] | "where I am", to be taken to another task or thread |

pub mod around;
pub mod boxed;
pub mod callsite;
pub mod carry;
pub mod cell;
pub mod filter;
pub mod future;
mod kept;
pub mod later;
pub mod outcome;
pub mod own;
pub mod place;
pub mod polled;
pub mod recorder;
pub mod redacted;
pub mod span;
pub mod span_error;
pub mod stream;
pub mod untold;
pub mod value;

pub use callsite::{CallSite, Kind, Level};
pub use carry::{Carried, Carry, InCarried};
pub use outcome::{ErrorRef, Failure, Outcome};
pub use own::Own;
pub use recorder::{Attached, Change, Handle, Recorder, SpanId, SpanIds, Status, TraceId};
pub use redacted::{AtMost, Redacted, at_most};
pub use span_error::SpanError;
pub use value::{AttributeValue, Fields, LinkTo, List, Value};
