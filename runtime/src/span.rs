//! Spans of blocks of code: what [`span!`](macro@crate::span) makes.

use std::time::SystemTime;

use traced_core::later::{Later, LaterInSpan, later, later_bare};
use traced_core::place::EnteredThere;
use traced_core::recorder::{Evaluate, Handle, Recorder};
use traced_core::untold::Untold;
use traced_core::{AttributeValue, CallSite, Carry, Change, Failure, Fields, Outcome, Status, cell};

/// A span that has not begun: see [`span!`](macro@crate::span). It borrows nothing.
#[must_use = "nothing is recorded until it is given something to do"]
pub struct NewSpan(Later);

/// A future that is recorded as a span: see [`NewSpan::in_future`].
pub type FutureSpan<T> = LaterInSpan<T, Untold>;

impl NewSpan {
    #[doc(hidden)]
    #[inline]
    pub fn new(site: &'static CallSite, fields: impl FnMut(&mut dyn Fields)) -> Self {
        Self(later(site, fields))
    }

    #[doc(hidden)]
    #[inline]
    pub fn bare(site: &'static CallSite) -> Self {
        Self(later_bare(site))
    }

    #[doc(hidden)]
    pub fn there(self, place: impl FnOnce() -> Carry) -> Self {
        Self(self.0.there(place))
    }

    /// Runs `f` in the span.
    ///
    /// ```
    /// # let text = "1,2";
    /// let parsed: Vec<u8> = traced::span!("parse", bytes = text.len())
    ///     .in_scope(|| text.split(',').filter_map(|part| part.parse().ok()).collect());
    /// assert_eq!(parsed, [1, 2]);
    /// ```
    ///
    /// A panic is recorded; an `Err` that `f` returns is not seen: tell of it with
    /// [`current().error(&error)`](crate::Current::error), or annotate a function.
    #[inline]
    pub fn in_scope<R>(self, f: impl FnOnce() -> R) -> R {
        let _span = self.0.enter();
        f()
    }

    /// Begins the span and makes it current on this thread until the guard is dropped. Not for `async` code: the thread
    /// does other work while a future waits. There use [`in_future`](Self::in_future) or [`start`](Self::start).
    ///
    /// ```
    /// {
    ///     let _span = traced::span!("parse").guard();
    ///     // Spans made here are its children.
    /// } // It ends.
    /// ```
    #[inline]
    pub fn guard(self) -> SpanGuard {
        SpanGuard { _entered: self.0.enter() }
    }

    /// Runs a future in the span, which begins with the first poll and ends when the future is ready or dropped.
    ///
    /// ```
    /// # async fn download(url: String) {}
    /// # let url = String::from("http://a");
    /// let downloaded = traced::span!("download", %url).in_future(download(url));
    /// # drop(downloaded);
    /// ```
    ///
    /// A panic and a drop before the end are recorded; what it returns is not seen.
    #[inline]
    pub fn in_future<T: Future>(self, future: T) -> FutureSpan<T> {
        self.0.untold(future)
    }

    /// Runs a stream in the span, which begins with the first poll and ends when the stream is exhausted or dropped. How
    /// many items it has yielded is the attribute `stream.items`.
    #[cfg(feature = "stream")]
    #[inline]
    pub fn in_stream<S: futures_core::Stream>(self, stream: S) -> crate::StreamSpan<S> {
        crate::stream::Later::from(self.0).untold(stream)
    }

    /// Begins the span, as child of the current one, and hands it over: to be kept anywhere, moved to another thread, and
    /// ended there. It is current nowhere but in [`OpenSpan::in_scope`].
    ///
    /// ```
    /// let span = traced::span!("job", queue = "mails").start();
    /// std::thread::spawn(move || {
    ///     span.set("attempts", 2);
    ///     span.end();
    /// });
    /// ```
    pub fn start(self) -> OpenSpan {
        self.begin(|recorder, site, fields| recorder.begin(site, fields))
    }

    /// The same for something that began before now, or will.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// let queued = SystemTime::now() - Duration::from_secs(3);
    /// let span = traced::span!("wait in queue").start_at(queued);
    /// span.end();
    /// ```
    pub fn start_at(self, start: SystemTime) -> OpenSpan {
        self.begin(|recorder, site, fields| recorder.begin_at(site, fields, start))
    }

    fn begin(
        self,
        begin: impl FnOnce(&'static dyn Recorder, &'static CallSite, Evaluate<'_>) -> Option<Handle>,
    ) -> OpenSpan {
        let live = cell::recorder().and_then(|recorder| {
            let span = self.0.begin_by(
                |site, fields| {
                    if site.is_on() { begin(recorder, site, fields) } else { None }
                },
            )?;
            Some(Live { recorder, span })
        });
        OpenSpan { live, was_panicking: std::thread::panicking() }
    }
}

impl std::fmt::Debug for NewSpan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewSpan").field("name", &self.0.site().name()).finish_non_exhaustive()
    }
}

/// A span that is current on this thread until this is dropped: see [`NewSpan::guard`].
#[derive(Debug)]
#[must_use = "the span ends when this is dropped: keep it, as in `let _span = ..`, not in `_`"]
pub struct SpanGuard {
    _entered: EnteredThere,
}

/// A span that has begun and ends when this says so, or is dropped: see [`NewSpan::start`].
#[derive(Debug)]
#[must_use = "the span ends when this is dropped: keep it, as in `let span = ..`, not in `_`"]
pub struct OpenSpan {
    live: Option<Live>,
    was_panicking: bool,
}

#[derive(Debug)]
struct Live {
    recorder: &'static dyn Recorder,
    span: Handle,
}

impl OpenSpan {
    /// Runs `f` with the span current on this thread: spans made there are its children.
    ///
    /// For a future take it along from there:
    ///
    /// ```
    /// use traced::FutureExt as _;
    /// # async fn send() {}
    ///
    /// let span = traced::span!("job").start();
    /// let sent = span.in_scope(|| send().in_current_span());
    /// # drop(sent);
    /// ```
    pub fn in_scope<R>(&self, f: impl FnOnce() -> R) -> R {
        let attached = self.live.as_ref().map(|live| live.recorder.attach(&live.span));
        let _current = Current { live: self.live.as_ref(), attached };
        f()
    }

    /// Sets an attribute; a repeated key replaces.
    pub fn set(&self, key: &str, value: impl AttributeValue) -> &Self {
        if self.live.is_some() {
            value.show(&mut |value| self.change(Change::Attribute(key, value)));
        }
        self
    }

    /// Adds an event with attributes: see [`Current::event`](crate::Current::event).
    pub fn event<'a, V: AttributeValue>(
        &self,
        name: &str,
        attributes: impl IntoIterator<Item = (&'a str, V)>,
    ) -> &Self {
        let mut attributes = Some(attributes);
        self.change(Change::Event(name, &mut |fields| {
            for (key, value) in attributes.take().into_iter().flatten() {
                fields.set(key, &value);
            }
        }));
        self
    }

    /// Records an error: an `exception` event, the status Error with its message, and `error.type`.
    ///
    /// What the error says of itself by [`SpanError`](crate::SpanError) is not asked for: see
    /// [`Current::error`](crate::Current::error), which tells how to say it.
    pub fn error<E: std::error::Error>(&self, error: &E) -> &Self {
        self.change(Change::Error(Failure::of(error)));
        self
    }

    /// Sets the status. [`Status::Ok`] is final.
    pub fn status(&self, status: Status<'_>) -> &Self {
        self.change(Change::Status(status));
        self
    }

    /// Changes the name.
    pub fn rename(&self, name: &str) -> &Self {
        self.change(Change::Rename(name));
        self
    }

    /// Ends the span now.
    pub fn end(self) {
        drop(self);
    }

    /// Ends the span at another time than now.
    pub fn end_at(mut self, end: SystemTime) {
        if let Some(Live { recorder, span }) = self.live.take() {
            recorder.end_at(span, Outcome::Success, end);
        }
    }

    fn change(&self, change: Change<'_>) {
        if let Some(Live { recorder, span }) = &self.live {
            recorder.change_span(span, change);
        }
    }
}

impl Drop for OpenSpan {
    fn drop(&mut self) {
        if let Some(Live { recorder, span }) = self.live.take() {
            let panicked = !self.was_panicking && std::thread::panicking();
            recorder.end(span, if panicked { Outcome::Panic } else { Outcome::Success });
        }
    }
}

/// The span is current. Detaches also when what runs there panics.
struct Current<'a> {
    live: Option<&'a Live>,
    attached: Option<traced_core::Attached>,
}

impl Drop for Current<'_> {
    fn drop(&mut self) {
        if let (Some(live), Some(attached)) = (self.live, self.attached.take()) {
            live.recorder.detach(attached);
        }
    }
}
