//! The trait that a recorder implements. Nothing in it is generic, so that a thousand annotated functions
//! stay cheap to compile.

use std::any::Any;
use std::marker::PhantomData;
use std::time::SystemTime;

use crate::callsite::CallSite;
use crate::carry::Carried;
use crate::outcome::{Failure, Outcome};
use crate::value::{Fields, Value};

/// Evaluates the fields of a span into a [`Fields`]. Called at most once, and only if the span records.
pub type Evaluate<'a> = &'a mut dyn FnMut(&mut dyn Fields);

/// Records spans.
///
/// A span that runs from start to end on one thread goes through [`enter`](Self::enter) and
/// [`exit`](Self::exit); one that is polled goes through [`begin`](Self::begin), then
/// [`attach`](Self::attach) and [`detach`](Self::detach) around each poll, then [`end`](Self::end).
///
/// No method may panic or block.
pub trait Recorder: Send + Sync {
    /// Begins a span as child of the current one and makes it current on this thread.
    /// `None`: nothing is recorded here, and nothing was changed. What is returned fits in two registers.
    fn enter(&self, site: &'static CallSite, fields: Evaluate<'_>) -> Option<Attached>;

    /// Ends a span begun by [`enter`](Self::enter) and makes the one before it current again.
    fn exit(&self, entered: Attached, outcome: Outcome<'_>);

    /// Begins a span as child of the current one, without making it current.
    fn begin(&self, site: &'static CallSite, fields: Evaluate<'_>) -> Option<Handle>;

    /// Makes a span current on this thread.
    fn attach(&self, span: &Handle) -> Attached;

    /// Makes what was current before an [`attach`](Self::attach) current again.
    fn detach(&self, attached: Attached);

    /// Ends a span begun by [`begin`](Self::begin).
    fn end(&self, span: Handle, outcome: Outcome<'_>);

    /// The same as [`begin`](Self::begin) for a span that began at another time.
    fn begin_at(&self, site: &'static CallSite, fields: Evaluate<'_>, start: SystemTime) -> Option<Handle> {
        let _ = start;
        self.begin(site, fields)
    }

    /// The same as [`end`](Self::end) for a span that ended at another time.
    fn end_at(&self, span: Handle, outcome: Outcome<'_>, end: SystemTime) {
        let _ = end;
        self.end(span, outcome);
    }

    /// A span begun by [`enter`](Self::enter), for [`change_span`](Self::change_span).
    fn entered(&self, entered: &Attached) -> Option<Handle>;

    /// Whether a span takes what it is told: it has not ended, and is not left out.
    fn is_recording(&self, span: &Handle) -> bool;

    /// Changes a span, on whatever thread, if it has not ended.
    fn change_span(&self, span: &Handle, change: Change<'_>);

    /// Changes the current span.
    fn change(&self, change: Change<'_>);

    /// The identity of the current span.
    fn current(&self) -> Option<SpanIds>;

    /// Where this thread is, to be taken to another task or thread.
    fn carry(&self) -> Option<Box<dyn Carried>>;

    /// The same without a span: what begins there has no parent.
    fn root(&self) -> Option<Box<dyn Carried>> {
        None
    }
}

/// A span that has begun, as its recorder knows it: an object of the recorder's and a word.
#[derive(Clone, Copy)]
pub struct Handle {
    object: &'static (dyn Any + Send + Sync),
    word: u64,
}

impl Handle {
    /// A handle that means something to the recorder that makes it.
    #[must_use]
    pub fn new(object: &'static (dyn Any + Send + Sync), word: u64) -> Self {
        Self { object, word }
    }

    /// The recorder's object, if it is of this type.
    #[must_use]
    pub fn object<T: Any>(&self) -> Option<&'static T> {
        self.object.downcast_ref()
    }

    /// The recorder's word.
    #[must_use]
    pub fn word(&self) -> u64 {
        self.word
    }
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handle").field("word", &self.word).finish_non_exhaustive()
    }
}

/// Something made current on this thread: to be detached on the same thread, so it is not [`Send`].
#[derive(Debug)]
#[must_use = "what is attached stays current until it is detached"]
pub struct Attached {
    word: usize,
    this_thread: PhantomData<*const ()>,
}

impl Attached {
    pub(crate) const NOTHING: Self = Self { word: usize::MAX, this_thread: PhantomData };

    #[inline]
    pub(crate) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::NOTHING)
    }

    /// The recorder's own note of what it attached.
    pub fn new(word: usize) -> Self {
        Self { word, this_thread: PhantomData }
    }

    /// The recorder's own note.
    #[must_use]
    pub fn word(&self) -> usize {
        self.word
    }
}

/// A change of the current span.
#[non_exhaustive]
pub enum Change<'a> {
    /// Sets an attribute; a repeated key replaces.
    Attribute(&'a str, Value<'a>),
    /// Adds an event with attributes.
    Event(&'a str, Evaluate<'a>),
    /// Records an error: an `exception` event, the status and `error.type`.
    Error(Failure<'a>),
    /// Sets the status.
    Status(Status<'a>),
    /// Adds a link to another span.
    Link(SpanIds),
    /// Changes the name.
    Rename(&'a str),
}

impl std::fmt::Debug for Change<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Change::Attribute(key, value) => f.debug_tuple("Attribute").field(key).field(value).finish(),
            Change::Event(name, _) => f.debug_tuple("Event").field(name).finish_non_exhaustive(),
            Change::Error(failure) => f.debug_tuple("Error").field(failure).finish(),
            Change::Status(status) => f.debug_tuple("Status").field(status).finish(),
            Change::Link(to) => f.debug_tuple("Link").field(to).finish(),
            Change::Rename(name) => f.debug_tuple("Rename").field(name).finish(),
        }
    }
}

/// The id of a trace. Prints as 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceId(pub [u8; 16]);

/// The id of a span. Prints as 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SpanId(pub [u8; 8]);

impl std::fmt::Display for TraceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl std::fmt::Display for SpanId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

/// The status of a span, as OpenTelemetry's
/// [status](https://opentelemetry.io/docs/specs/otel/trace/api/#set-status).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status<'a> {
    /// Nothing was said.
    Unset,
    /// The application says that it went well. Final.
    Ok,
    /// It failed, with a description.
    Error(&'a str),
}

/// The identity of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SpanIds {
    /// The trace it is in.
    pub trace_id: TraceId,
    /// The span itself.
    pub span_id: SpanId,
    /// Whether the trace is sampled.
    pub sampled: bool,
    /// Whether the span records what it is told.
    pub recording: bool,
}

impl std::fmt::Debug for dyn Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recorder")
    }
}
