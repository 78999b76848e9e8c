//! The trait that a recorder implements. Nothing in it is generic, so that a thousand annotated functions
//! stay cheap to compile.

use std::any::Any;
use std::marker::PhantomData;

use crate::callsite::CallSite;
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
    /// `None`: nothing is recorded here, and nothing was changed.
    fn enter(&self, site: &'static CallSite, fields: Evaluate<'_>) -> Option<(Handle, Attached)>;

    /// Ends a span begun by [`enter`](Self::enter) and makes the one before it current again.
    fn exit(&self, span: Handle, attached: Attached, outcome: Outcome<'_>);

    /// Begins a span as child of the current one, without making it current.
    fn begin(&self, site: &'static CallSite, fields: Evaluate<'_>) -> Option<Handle>;

    /// Makes a span current on this thread.
    fn attach(&self, span: &Handle) -> Attached;

    /// Makes what was current before an [`attach`](Self::attach) current again.
    fn detach(&self, attached: Attached);

    /// Ends a span begun by [`begin`](Self::begin).
    fn end(&self, span: Handle, outcome: Outcome<'_>);

    /// Changes the current span.
    fn change(&self, change: Change<'_>);

    /// The identity of the current span.
    fn current(&self) -> Option<SpanIds>;

    /// Where this thread is, to be taken to another task or thread.
    fn carry(&self) -> Option<Box<dyn Any + Send + Sync>>;

    /// Makes what [`carry`](Self::carry) returned current on this thread, until it is detached.
    fn attach_carried(&self, carried: &(dyn Any + Send + Sync)) -> Attached;
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
#[derive(Debug)]
#[non_exhaustive]
pub enum Change<'a> {
    /// Sets an attribute; a repeated key replaces.
    Attribute(&'a str, Value<'a>),
    /// Adds an event.
    Event(&'a str, &'a [(&'a str, Value<'a>)]),
    /// Records an error: an `exception` event, the status and `error.type`.
    Error(Failure<'a>),
    /// Sets the status.
    Status(Status<'a>),
    /// Adds a link to another span.
    Link(SpanIds),
    /// Changes the name.
    Rename(&'a str),
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
    pub trace_id: [u8; 16],
    /// The span itself.
    pub span_id: [u8; 8],
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
