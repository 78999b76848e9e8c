//! Errors and panics: what is recorded of them, and how one that passes through several spans is told once.
//! Specification: <https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-spans/>.

use std::cell::{Cell, RefCell};
use std::error::Error;
use std::fmt::{Debug, Display, Write as _};
use std::num::NonZeroU64;
use std::ops::Range;
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

use traced_core::{ErrorRef, Failure, Status, Value};

use super::live::Live;
use super::{clock, guarded};

/// Sources of an error that are followed at most: a chain may go in a circle.
const MAX_SOURCES: usize = 64;

/// The `error.type` and the description of a span that has failed because its future was dropped.
pub(crate) const CANCELLED: &str = "cancelled";

/// An error or a panic that has been recorded on a span, so that its ancestors know it again: a hash of its root source's
/// message, a panic's number.
///
/// The type is no part of it: it changes with most ways in which `?` passes an error on, to a `Box` or an `Arc`, as
/// `#[error(transparent)]`, through `io::Error::other`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Told(NonZeroU64);

impl Told {
    fn new(number: u64) -> Self {
        Self(NonZeroU64::new(number).unwrap_or(NonZeroU64::MIN))
    }
}

/// The last that the spans inside a span have told: of several that fail beside each other, or one after the other, any
/// may be the one that is passed on.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Heard([Option<Told>; 4]);

impl Heard {
    pub(crate) fn hear(&mut self, told: Told) {
        if !self.0.contains(&Some(told)) {
            self.0.rotate_right(1);
            self.0[0] = Some(told);
        }
    }

    fn last(&self) -> Option<Told> {
        self.0[0]
    }
}

/// What is recorded of an error or a panic.
#[derive(Debug)]
pub(crate) struct Telling {
    kind: &'static str,
    /// All that was printed, of which the message and the stack trace are parts.
    text: Text,
    message: Option<Range<usize>>,
    stacktrace: Option<Range<usize>>,
    /// Where `error.type` is, if it is not the type.
    error_type: Option<Range<usize>>,
    /// A result like any other.
    expected: bool,
    told: Told,
}

impl Telling {
    /// What an error tells. If its `Display` or `Debug` panics, only its type. `before`: what spans inside have told,
    /// which needs no stack trace again: to print a backtrace takes milliseconds.
    pub(crate) fn of_error(failure: &Failure<'_>, before: &Heard) -> Self {
        let mut telling = Self::of(failure.type_name);
        guarded(|| telling.judge(failure));
        if !telling.expected && guarded(|| telling.print(failure, before)).is_none() {
            telling.message = None;
        }
        telling
    }

    /// What the panic that is unwinding this thread tells, out of a span that began at `since` by the clock. A panic that
    /// was resumed here was raised on another thread, or before: what it said is not known.
    pub(crate) fn of_panic(since: u64) -> Self {
        let mut telling = Self::of("panic");
        let _ = LAST_PANIC.try_with(|last| {
            if let Some(panic) = last.borrow().as_ref().filter(|panic| panic.at >= since) {
                telling.message = Some(telling.text.push(&panic.message));
                telling.stacktrace = panic.place.as_ref().map(|place| telling.text.push(place));
                telling.told = Told::new(panic.serial);
            }
        });
        let unknown =
            "a panic whose message is not known: it was resumed, or the program has replaced the panic hook";
        telling.message.get_or_insert_with(|| telling.text.push(unknown));
        telling
    }

    fn of(kind: &'static str) -> Self {
        Self {
            kind,
            text: Text::take(),
            message: None,
            stacktrace: None,
            error_type: None,
            expected: false,
            told: Told::new(hash(kind)),
        }
    }

    /// What the error says of itself, and the attribute of it.
    fn judge(&mut self, failure: &Failure<'_>) {
        self.expected = failure.is_expected();
        self.error_type = failure.error_type().map(|error_type| self.text.push(&error_type));
    }

    fn print(&mut self, failure: &Failure<'_>, before: &Heard) {
        match &failure.error {
            ErrorRef::Error(error) => self.chain(*error, None, before),
            // What prints a backtrace is printed whole below, if that is asked for.
            ErrorRef::Dynamic(error, debug) => {
                self.chain(*error, failure.message().is_none().then_some(*debug), before);
            }
            ErrorRef::Display(error) => self.message(*error),
            ErrorRef::Debug(error) => self.message(&format_args!("{error:?}")),
            // Nothing but its type is known.
            _ => {}
        }
        if let Some(message) = failure.message() {
            // What it prints for users serves only to know it again.
            let Range { start, end } = self.text.print(&format_args!("{message:?}"));
            let backtrace = self.text.before_backtrace(start);
            let message = self.text.part(&(start..backtrace.unwrap_or(end))).trim_end().len();
            self.message = Some(start..start + message);
            self.stacktrace = backtrace.map(|at| at + "\n".len()..end);
        }
    }

    fn message(&mut self, message: &dyn Display) {
        let message = self.text.print(message);
        self.told = Told::new(hash(self.text.part(&message)));
        self.message = Some(message);
    }

    /// The error, its sources line by line, and the backtrace of a type that prints one.
    fn chain(&mut self, error: &dyn Error, debug: Option<&dyn Debug>, before: &Heard) {
        let text = &mut self.text;
        let start = text.0.len();
        if debug.is_some() || error.source().is_some() {
            text.push(self.kind);
            text.push(": ");
        }
        let message = text.print(error);
        let mut last = message.clone();
        for source in sources(error) {
            text.push("\nCaused by: ");
            last = text.print(source);
        }
        let caused = last != message;
        self.told = Told::new(hash(text.part(&last)));
        if caused || debug.is_some() {
            let told = self.is_told(before);
            if !told && (debug.is_some_and(|debug| self.text.backtrace(debug)) || caused) {
                self.stacktrace = Some(start..self.text.0.len());
            }
        }
        self.message = Some(message);
    }

    /// Records it on a span: the event, unless a child has recorded it already, and the status, unless it is expected;
    /// `error.type`.
    pub(crate) fn record(&self, live: &mut Live, time: u64) {
        if !self.expected {
            if !self.is_told(&live.told_inside) {
                live.body.event("exception", time, |event| {
                    self.attributes(|key, text| event.text(key, text));
                });
            }
            live.body.status(&Status::Error(self.description()));
        }
        if !live.body.has_attribute("error.type") {
            live.body.attribute("error.type", Value::Str(self.error_type()));
        }
    }

    /// What the spans around are to know it by: an expected error is no news, so what was told of it before.
    pub(crate) fn told(&self, before: &Heard) -> Option<Told> {
        if self.expected { before.last() } else { Some(self.told) }
    }

    /// Whether it is a result like any other.
    pub(crate) fn is_expected(&self) -> bool {
        self.expected
    }

    /// Whether a span inside has told this.
    pub(crate) fn is_told(&self, before: &Heard) -> bool {
        before.0.contains(&Some(self.told))
    }

    /// Hands over the attributes of the event.
    #[inline]
    pub(crate) fn attributes(&self, mut put: impl FnMut(&'static str, &str)) {
        put("exception.type", self.kind);
        if let Some(message) = &self.message {
            put("exception.message", self.text.part(message));
        }
        if let Some(stacktrace) = &self.stacktrace {
            put("exception.stacktrace", self.text.part(stacktrace));
        }
    }

    /// What the status says.
    pub(crate) fn description(&self) -> &str {
        self.message.as_ref().map_or(self.kind, |message| self.text.part(message))
    }

    /// The value of `error.type`.
    pub(crate) fn error_type(&self) -> &str {
        self.error_type.as_ref().map_or(self.kind, |error_type| self.text.part(error_type))
    }
}

/// A text that reuses the memory of the thread's last one. Whose `Display` comes back here gets a fresh one meanwhile.
#[derive(Debug)]
struct Text(String);

impl Text {
    fn take() -> Self {
        Self(TEXT.try_with(Cell::take).unwrap_or_default())
    }

    fn part(&self, part: &Range<usize>) -> &str {
        self.0.get(part.clone()).unwrap_or_default()
    }

    /// Appends a text, and says where it is.
    fn push(&mut self, text: &str) -> Range<usize> {
        let start = self.0.len();
        self.0.push_str(text);
        start..self.0.len()
    }

    /// Appends what a value prints, as far as it comes, and says where it is.
    fn print(&mut self, value: &(impl Display + ?Sized)) -> Range<usize> {
        let start = self.0.len();
        let _ = write!(self.0, "{value}");
        start..self.0.len()
    }

    /// Appends the backtrace in what anyhow and eyre print for programmers, if there is one. There is no other way to
    /// it on stable Rust.
    fn backtrace(&mut self, debug: &dyn Debug) -> bool {
        let start = self.0.len();
        let _ = write!(self.0, "{debug:?}");
        let found = self.before_backtrace(start);
        match found {
            Some(at) => self.0.replace_range(start..at, "\n"),
            None => self.0.truncate(start),
        }
        found.is_some()
    }

    /// Where what anyhow and eyre have printed from there on comes to the backtrace.
    fn before_backtrace(&self, start: usize) -> Option<usize> {
        let marks = ["\nStack backtrace:\n", "\nBacktrace:\n"];
        let at = marks.iter().find_map(|mark| self.0.get(start..)?.find(mark))?;
        Some(start + at)
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        const KEEP: usize = 4096;
        if self.0.capacity() <= KEEP {
            let mut text = std::mem::take(&mut self.0);
            text.clear();
            let _ = TEXT.try_with(|kept| kept.set(text));
        }
    }
}

fn sources<'e>(error: &'e dyn Error) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(error.source(), |error| (**error).source()).take(MAX_SOURCES)
}

/// Tells a handful of texts apart, quickly: nobody gains anything by two that are taken for one.
fn hash(text: &str) -> u64 {
    let add = |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    let (words, rest) = text.as_bytes().as_chunks();
    let hash = words.iter().fold(0, |hash, word| add(hash, u64::from_le_bytes(*word)));
    add(hash, rest.iter().fold(text.len() as u64, |word, byte| word << 8 | u64::from(*byte)))
}

thread_local! {
    /// See [`Text`].
    static TEXT: Cell<String> = const { Cell::new(String::new()) };
    static LAST_PANIC: RefCell<Option<Panic>> = const { RefCell::new(None) };
}

/// The last panic of a thread. The hook notes it, and touches no span: whoever panics may hold one.
struct Panic {
    message: String,
    place: Option<String>,
    serial: u64,
    /// When it was raised, by the clock.
    at: u64,
}

/// Notes the message of each panic, before the hook that was there prints it.
pub(crate) fn note_panics() {
    static NOTED: Once = Once::new();
    // Setting a hook while panicking panics.
    if std::thread::panicking() {
        return;
    }
    NOTED.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            note(info);
            before(info);
        }));
    });
}

fn note(info: &std::panic::PanicHookInfo<'_>) {
    static SERIAL: AtomicU64 = AtomicU64::new(1);
    let payload = info.payload();
    let message = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic with a payload that is no text".to_owned());
    let backtrace = std::backtrace::Backtrace::capture();
    let mut place = info.location().map(|place| format!("panicked at {place}"));
    if backtrace.status() == std::backtrace::BacktraceStatus::Captured
        && let Some(place) = &mut place
    {
        let _ = write!(place, "\n\nStack backtrace:\n{backtrace}");
    }
    let panic = Panic { message, place, serial: SERIAL.fetch_add(1, Ordering::Relaxed), at: clock::now() };
    // A thread that is being torn down records nothing.
    let _ = LAST_PANIC.try_with(|last| *last.borrow_mut() = Some(panic));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_huge_text_does_not_keep_its_memory() {
        let kept_after = |len: usize| {
            Text::take().push(&"x".repeat(len));
            Text::take().0.capacity()
        };
        assert!((100..1000).contains(&kept_after(100)));
        assert_eq!(kept_after(1 << 20), 0);
    }
}
