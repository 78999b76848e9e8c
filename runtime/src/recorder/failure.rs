//! Errors and panics: what is recorded of them, and how one that passes through several spans is told once.
//! Specification: <https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-spans/>.

use std::cell::RefCell;
use std::error::Error;
use std::fmt::{Debug, Write as _};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

use traced_core::{ErrorRef, Failure, Status, Value};

use super::clock;
use super::live::Live;
use crate::record::{Limits, encode_event};

/// Sources of an error that are followed at most: a chain may go in a circle.
const MAX_SOURCES: usize = 64;

/// An error or a panic that has been recorded on a span, so that its ancestors know it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told(u64);

/// What is recorded of an error or a panic.
#[derive(Debug)]
pub(crate) struct Telling {
    kind: String,
    message: Option<String>,
    stacktrace: Option<String>,
    told: Told,
}

impl Telling {
    /// What an error tells. If its `Display` or `Debug` panics, only its type. `before`: what a child has told,
    /// which needs no stack trace again: to print a backtrace takes milliseconds.
    pub(crate) fn of_error(failure: &Failure<'_>, before: Option<Told>) -> Self {
        let telling = std::panic::AssertUnwindSafe(|| Self::told_by(failure, before));
        std::panic::catch_unwind(telling).unwrap_or_else(|_| {
            let kind = failure.type_name.to_owned();
            Self { message: None, stacktrace: None, told: told(&kind), kind }
        })
    }

    fn told_by(failure: &Failure<'_>, before: Option<Told>) -> Self {
        let kind = failure.type_name;
        let of = |error: &dyn Error, debug| {
            let told = told_by_root(error);
            let stacktrace = if before == Some(told) { None } else { chain(kind, error, debug) };
            (Some(error.to_string()), stacktrace, told)
        };
        let (message, stacktrace, told) = match &failure.error {
            ErrorRef::Error(error) => of(*error, None),
            ErrorRef::Dynamic(error, debug) => of(*error, Some(*debug)),
            ErrorRef::Display(error) => with_message(kind, error.to_string()),
            ErrorRef::Debug(error) => with_message(kind, format!("{error:?}")),
            // Nothing but its type is known.
            _ => (None, None, told(&kind)),
        };
        Self { kind: kind.to_owned(), message, stacktrace, told }
    }

    /// What the panic that is unwinding this thread tells, out of a span that began at `since` by the clock. A panic that
    /// was resumed here was raised on another thread, or before: what it said is not known.
    pub(crate) fn of_panic(since: u64) -> Self {
        let last = LAST_PANIC.try_with(|last| last.borrow().clone()).ok().flatten();
        let panic = last.filter(|panic| panic.at >= since).unwrap_or_else(|| Panic {
            message: "a panic whose message is not known: it was resumed, or the program has replaced the panic hook".to_owned(),
            place: None,
            serial: 0,
            at: 0,
        });
        Self {
            kind: "panic".to_owned(),
            message: Some(panic.message),
            stacktrace: panic.place,
            told: told(&("panic", panic.serial)),
        }
    }

    /// Records it on a span: the event, unless a child has recorded it already; the status; `error.type`.
    pub(crate) fn record(&self, live: &mut Live, time: u64, limits: &Limits) {
        if live.told_by_child != Some(self.told) {
            live.body.encoded_event(&self.event(time, limits));
        }
        live.body.status(&Status::Error(self.message.as_deref().unwrap_or(&self.kind)));
        if !live.body.has_attribute("error.type") {
            live.body.attribute("error.type", Value::Str(&self.kind));
        }
    }

    pub(crate) fn told(&self) -> Told {
        self.told
    }

    /// The parts, for a span of somebody else's.
    pub(crate) fn attributes(&self) -> Vec<(&'static str, String)> {
        let parts = [
            ("exception.type", Some(&self.kind)),
            ("exception.message", self.message.as_ref()),
            ("exception.stacktrace", self.stacktrace.as_ref()),
        ];
        parts.into_iter().filter_map(|(key, value)| Some((key, value?.clone()))).collect()
    }

    /// What the status says.
    pub(crate) fn description(&self) -> &str {
        self.message.as_deref().unwrap_or(&self.kind)
    }

    /// The value of `error.type`.
    pub(crate) fn kind(&self) -> &str {
        &self.kind
    }

    fn event(&self, time: u64, limits: &Limits) -> Vec<u8> {
        encode_event("exception", time, limits, &mut |fields| {
            for (key, value) in self.attributes() {
                fields.field(key, Value::Str(&value));
            }
        })
    }
}

fn with_message(kind: &str, message: String) -> (Option<String>, Option<String>, Told) {
    let told = told(&(kind, &message));
    (Some(message), None, told)
}

/// The error, its sources line by line, and the backtrace of a type that prints one.
fn chain(kind: &str, error: &dyn Error, debug: Option<&dyn Debug>) -> Option<String> {
    let backtrace = debug.and_then(backtrace);
    if error.source().is_none() && backtrace.is_none() {
        return None;
    }
    let mut text = format!("{kind}: {error}");
    for source in sources(error) {
        let _ = write!(text, "\nCaused by: {source}");
    }
    if let Some(backtrace) = backtrace {
        let _ = write!(text, "\n\n{backtrace}");
    }
    Some(text)
}

/// The backtrace in what anyhow and eyre print for programmers. There is no other way to it on stable Rust.
fn backtrace(debug: &dyn Debug) -> Option<String> {
    let text = format!("{debug:?}");
    let at = ["\nStack backtrace:\n", "\nBacktrace:\n"].iter().find_map(|mark| text.find(mark))?;
    Some(text[at + 1..].to_owned())
}

fn sources<'e>(error: &'e dyn Error) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(error.source(), |error| (**error).source()).take(MAX_SOURCES)
}

/// An error is the same as another if their root sources are: of one type, as far as what they print for
/// programmers shows it, and with one message.
fn told_by_root(error: &dyn Error) -> Told {
    let mut hasher = Hashing(DefaultHasher::new());
    let _ = match sources(error).last() {
        Some(root) => write!(hasher, "{root}\0{root:?}"),
        None => write!(hasher, "{error}\0{error:?}"),
    };
    Told(hasher.0.finish())
}

fn told(what: &impl Hash) -> Told {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    Told(hasher.finish())
}

/// Hashes what is printed, without keeping it.
struct Hashing(DefaultHasher);

impl std::fmt::Write for Hashing {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

thread_local! {
    static LAST_PANIC: RefCell<Option<Panic>> = const { RefCell::new(None) };
}

/// The last panic of a thread. The hook notes it, and touches no span: whoever panics may hold one.
#[derive(Clone)]
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
