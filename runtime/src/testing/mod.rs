//! Spans of a test: of it and of all that descends from it, and of nothing else, however many tests run in
//! parallel in the process.

mod captured;
mod tree;

use std::cell::RefCell;
use std::time::{Duration, Instant};

use opentelemetry::ContextGuard;

pub use captured::{Event, Link, Span, SpanStatus};

use crate::recorder::{self, Capturing};

/// Captures the spans of this test from here on, until what it returns is dropped.
///
/// A span belongs to it if it descends from this place through OpenTelemetry's `Context` (calls, futures, tasks and
/// threads that the context was carried to) or if it is part of a trace that began here (a server on loopback that
/// got its id in a request). Spans are captured whether or not telemetry is installed, and a trace that begins here is
/// sampled whatever the sampler says; one that arrives unsampled stays so.
///
/// ```
/// #[traced::traced(fields(item))]
/// fn reserve(item: &str) -> Result<(), String> {
///     Err(format!("no {item} left"))
/// }
///
/// let capture = traced::testing::capture();
/// let _ = reserve("book");
/// assert_eq!(
///     capture.tree(),
///     "\
/// reserve item=book error.type=alloc::string::String error: no book left
///   - exception exception.type=alloc::string::String exception.message=no book left
/// "
/// );
/// assert_eq!(capture.find("reserve").unwrap().attribute("item").unwrap().as_str(), "book");
/// ```
#[must_use = "spans are captured until this is dropped"]
pub fn capture() -> Capture {
    let capturing = Capturing::new();
    let guard = capturing.0.context().attach();
    Capture { guard: RefCell::new(Some(guard)), capturing }
}

/// Makes `traced` OpenTelemetry's global tracer provider, so that spans of third parties (`global::tracer(..)`) are
/// captured too. [`init`](crate::init) does so anyway.
pub fn use_global_provider() {
    recorder::use_global_provider();
}

/// The spans of a test. See [`capture`].
#[derive(Debug)]
pub struct Capture {
    guard: RefCell<Option<ContextGuard>>,
    capturing: Capturing,
}

impl Capture {
    /// The spans that have ended, in the order in which they did.
    #[must_use]
    pub fn spans(&self) -> Vec<Span> {
        captured::spans(&self.capturing.0.sink().batch())
    }

    /// The first span that ended under this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Span> {
        self.spans().into_iter().find(|span| span.name == name)
    }

    /// The spans as an indented text, to be compared with what a reader would write: a line for each span with its
    /// name, its kind if it is not internal, its attributes in the order in which they were set, and its status; then
    /// its events, links and children, in the order in which they began. What differs from run to run or from
    /// edit to edit is left out: times, ids, code locations and stack traces.
    #[must_use]
    pub fn tree(&self) -> String {
        tree::of(&self.spans())
    }

    /// Waits until a span with this name has ended, for at most five seconds: for spans of tasks and servers that end
    /// on their own time.
    #[must_use]
    pub fn wait_for(&self, name: &str) -> Option<Span> {
        self.wait_until(|spans| spans.iter().any(|span| span.name == name));
        self.find(name)
    }

    /// Waits until the spans fulfil a condition, for at most five seconds. Returns whether they do.
    pub fn wait_until(&self, condition: impl Fn(&[Span]) -> bool) -> bool {
        let deadline = Instant::now() + Duration::from_secs(5);
        loop {
            let spans = self.spans();
            if condition(&spans) {
                return true;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            self.capturing.0.sink().wait_beyond(spans.len(), left);
        }
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        // The context first, while the capture is still known.
        drop(self.guard.take());
    }
}
