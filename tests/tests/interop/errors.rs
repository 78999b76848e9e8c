//! What is recorded of errors: their sources, which are the same, and code of the application's that prints them.

use std::cell::Cell;
use std::error::Error;
use std::sync::Arc;
use std::{fmt, io};

use futures_util::{FutureExt as _, Stream, StreamExt as _, stream};
use traced::testing::{Capture, capture};
use traced::traced;

#[derive(Debug, thiserror::Error)]
#[error("no answer")]
struct NoAnswer;

#[derive(Debug, thiserror::Error)]
#[error("not asked")]
struct NotAsked;

#[derive(Debug, thiserror::Error)]
#[error("{what} failed")]
struct Failed<E: Error + 'static> {
    what: &'static str,
    source: E,
}

#[traced]
fn fails<E: Error>(error: E) -> Result<(), E> {
    Err(error)
}

#[traced]
fn passes_on<E: Error>(work: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
    work()
}

#[traced]
fn boxes(work: impl FnOnce() -> Result<(), Box<dyn Error>>) -> Result<(), Box<dyn Error>> {
    work()
}

/// Type, message and stack trace of the exception that a span tells of.
fn exception(capture: &Capture, span: &str) -> Option<[Option<String>; 3]> {
    let span = capture.find(span).unwrap();
    let event = span.event("exception")?;
    let value = |key| event.attribute(key).map(|value| value.to_string());
    Some(["exception.type", "exception.message", "exception.stacktrace"].map(value))
}

#[test]
fn sources_are_told_line_by_line() {
    let capture = capture();
    passes_on(|| Err(NoAnswer)).unwrap_err();
    let reading = Failed { what: "reading", source: NoAnswer };
    fails(Failed { what: "loading", source: reading }).unwrap_err();
    let kind = "interop::errors::Failed<interop::errors::Failed<interop::errors::NoAnswer>>";
    let trace = format!("{kind}: loading failed\nCaused by: reading failed\nCaused by: no answer");
    let told = [kind.to_owned(), "loading failed".to_owned(), trace];
    assert_eq!(exception(&capture, "fails"), Some(told.map(Some)));
    let span = capture.find("fails").unwrap();
    assert_eq!(span.attribute("error.type"), Some(kind.into()));
    assert_eq!(span.status, traced::testing::SpanStatus::Error("loading failed".into()));
}

#[test]
fn a_type_that_was_set_by_hand_stays() {
    let capture = capture();
    passes_on(|| {
        traced::current().set("error.type", "mine");
        Err(NoAnswer)
    })
    .unwrap_err();
    assert_eq!(capture.find("passes_on").unwrap().attribute("error.type"), Some("mine".into()));
}

#[test]
fn an_error_whose_root_is_that_of_the_childs_is_told_once() {
    let capture = capture();
    let wrapped = |source| Failed { what: "asking", source };
    passes_on(|| fails(NoAnswer).map_err(wrapped)).unwrap_err();
    boxes(|| Ok(fails(NoAnswer).map_err(wrapped)?)).unwrap_err();
    boxes(|| Ok(fails(NoAnswer)?)).unwrap_err();
    let events: Vec<_> = capture.spans().iter().map(|span| (span.name.clone(), span.events.len())).collect();
    let told = |name: &str, events| (name.to_owned(), events);
    let once = |name| [told("fails", 1), told(name, 0)];
    assert_eq!(events, [once("passes_on"), once("boxes"), once("boxes")].concat());
}

/// How often an error is told that one function returns and another passes on as something else.
fn told<E: Error, F: Error>(error: E, pass_on: impl FnOnce(E) -> F) -> usize {
    let capture = capture();
    passes_on(|| fails(error).map_err(pass_on)).unwrap_err();
    capture.spans().iter().map(|span| span.events.len()).sum()
}

#[derive(Debug, thiserror::Error)]
enum Any {
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    #[error("asking")]
    Shared(#[source] Arc<NoAnswer>),
}

#[test]
fn an_error_is_told_once_whatever_question_marks_make_of_it() {
    let not_found = || io::Error::from(io::ErrorKind::NotFound);
    assert_eq!(told(NoAnswer, Any::from), 1);
    assert_eq!(told(NoAnswer, |error| Any::Shared(Arc::new(error))), 1);
    assert_eq!(told(NoAnswer, Box::new), 1);
    assert_eq!(told(not_found(), Arc::new), 1);
    assert_eq!(told(NoAnswer, io::Error::other), 1);
    let capture = capture();
    boxes(|| {
        let as_text = fails(NoAnswer).map_err(|error| error.to_string());
        Ok(as_text?)
    })
    .unwrap_err();
    boxes(|| Ok(with_anyhow()?)).unwrap_err();
    assert_eq!(capture.spans().iter().map(|span| span.events.len()).collect::<Vec<_>>(), [1, 0, 1, 0]);
}

/// How many events there are in all.
fn events(capture: &Capture) -> usize {
    capture.spans().iter().map(|span| span.events.len()).sum()
}

#[test]
fn an_error_is_told_once_through_a_block() {
    let capture = capture();
    passes_on(|| traced::span!("block").in_scope(|| fails(NoAnswer))).unwrap_err();
    let block = || {
        let _block = traced::span!("block").guard();
        passes_on(|| fails(NoAnswer))
    };
    passes_on(block).unwrap_err();
    assert_eq!(events(&capture), 2);
}

#[test]
fn an_error_is_told_once_though_others_come_after_it() {
    let capture = capture();
    // A fallback, or a clean-up, fails too; or one that ran beside it, as with `join!`.
    passes_on(|| {
        let failed = fails(NoAnswer);
        fails(NotAsked).unwrap_err();
        fails(Failed { what: "asking", source: io::Error::other("busy") }).unwrap_err();
        failed
    })
    .unwrap_err();
    assert_eq!(events(&capture), 3);
}

#[test]
fn an_error_with_another_message_is_another() {
    assert_eq!(told(NoAnswer, |_| NotAsked), 2);
    let number = |text: &str| text.parse::<u8>().unwrap_err();
    assert_eq!(told(number(""), |_| number("x")), 2);
}

/// Notes how often it is printed for programmers.
struct Verbose<'a>(&'a Cell<u32>);

impl fmt::Debug for Verbose<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.set(self.0.get() + 1);
        f.write_str("at length")
    }
}

impl fmt::Display for Verbose<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("in short")
    }
}

impl Error for Verbose<'_> {}

#[test]
fn an_error_that_has_a_message_is_not_printed_for_programmers() {
    let (capture, printed) = (capture(), Cell::new(0));
    passes_on(|| fails(Verbose(&printed))).unwrap_err();
    assert!(exception(&capture, "fails").is_some());
    assert_eq!((exception(&capture, "passes_on"), printed.get()), (None, 0));
}

#[traced]
fn with_anyhow() -> anyhow::Result<()> {
    Err(anyhow::Error::new(Failed { what: "reading", source: NoAnswer }).context("in a context"))
}

#[traced]
fn above_anyhow() -> anyhow::Result<()> {
    with_anyhow()
}

#[traced]
fn with_eyre() -> eyre::Result<()> {
    Err(eyre::Report::new(Failed { what: "reading", source: NoAnswer }).wrap_err("in a context"))
}

#[traced]
async fn above_eyre() -> eyre::Result<()> {
    with_eyre()
}

#[test]
fn anyhow_and_eyre_tell_their_chain_and_backtrace_once() {
    traced_tests::alone!([("RUST_BACKTRACE", "1")], {
        let capture = capture();
        above_anyhow().unwrap_err();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let _ = runtime.block_on(above_eyre()).unwrap_err();
        assert_eq!(
            capture.tree(),
            "\
above_anyhow error.type=anyhow::Error error: in a context
  with_anyhow error.type=anyhow::Error error: in a context
    - exception exception.type=anyhow::Error exception.message=in a context
above_eyre error.type=eyre::Report error: in a context
  with_eyre error.type=eyre::Report error: in a context
    - exception exception.type=eyre::Report exception.message=in a context
"
        );
        for (name, kind) in [("with_anyhow", "anyhow::Error"), ("with_eyre", "eyre::Report")] {
            let [_, _, trace] = exception(&capture, name).unwrap();
            let trace = trace.unwrap();
            let chain = format!("{kind}: in a context\nCaused by: reading failed\nCaused by: no answer\n");
            assert!(trace.starts_with(&chain), "{trace}");
            let (_, backtrace) = trace[chain.len()..].split_once("acktrace:\n").unwrap();
            assert!(backtrace.contains(&format!("interop::errors::{name}")), "{trace}");
        }
    });
}

#[traced(err = ?)]
fn for_programmers() -> anyhow::Result<()> {
    Err(anyhow::Error::new(NoAnswer).context("in a context"))
}

#[traced(err = ?)]
fn above_for_programmers() -> anyhow::Result<()> {
    for_programmers()
}

#[test]
fn what_is_printed_for_programmers_has_its_backtrace_beside_it() {
    traced_tests::alone!([("RUST_BACKTRACE", "1")], {
        let capture = capture();
        above_for_programmers().unwrap_err();
        let message = "in a context\n\nCaused by:\n    no answer";
        assert_eq!(
            capture.tree(),
            format!(
                "above_for_programmers error.type=anyhow::Error error: {message}\n  \
                   for_programmers error.type=anyhow::Error error: {message}\n    \
                     - exception exception.type=anyhow::Error exception.message={message}\n"
            )
        );
        let [_, _, trace] = exception(&capture, "for_programmers").unwrap();
        let trace = trace.unwrap();
        assert!(trace.starts_with("Stack backtrace:\n"), "{trace}");
        assert!(trace.contains("interop::errors::for_programmers"), "{trace}");
    });
}

struct Shown;

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("only shown")
    }
}

#[derive(Debug)]
struct Debugged(#[expect(dead_code, reason = "printed")] u8);

struct Opaque;

#[traced]
fn any_type<E: Into<F>, F>(error: E) -> Result<(), F> {
    Err(error.into())
}

#[traced]
fn shown() -> Result<(), Shown> {
    Err(Shown)
}

#[traced]
fn above_shown() -> Result<(), Shown> {
    shown()
}

#[traced]
fn debugged() -> Result<(), Debugged> {
    Err(Debugged(1))
}

#[traced]
fn above_debugged() -> Result<(), Debugged> {
    debugged()
}

#[traced]
fn opaque() -> Result<(), Opaque> {
    any_type(Opaque)
}

#[traced]
fn locked(lock: &std::sync::Mutex<u8>) -> std::sync::LockResult<std::sync::MutexGuard<'_, u8>> {
    lock.lock()
}

#[test]
fn an_error_tells_what_its_type_can() {
    let capture = capture();
    let _ = (above_shown(), above_debugged(), opaque());
    let lock = std::sync::Mutex::new(1);
    std::panic::catch_unwind(|| {
        let _guard = lock.lock();
        panic!("on purpose")
    })
    .unwrap_err();
    assert!(locked(&lock).is_err());
    let tree = capture.tree().replace("<'_, ", "<");
    let poisoned = "std::sync::poison::PoisonError<std::sync::poison::mutex::MutexGuard<u8>>";
    assert_eq!(
        tree,
        format!(
            "\
above_shown error.type=interop::errors::Shown error: only shown
  shown error.type=interop::errors::Shown error: only shown
    - exception exception.type=interop::errors::Shown exception.message=only shown
above_debugged error.type=interop::errors::Debugged error: Debugged(1)
  debugged error.type=interop::errors::Debugged error: Debugged(1)
    - exception exception.type=interop::errors::Debugged exception.message=Debugged(1)
opaque error.type=interop::errors::Opaque error: interop::errors::Opaque
  any_type error.type=interop::errors::Opaque error: interop::errors::Opaque
    - exception exception.type=interop::errors::Opaque
locked error.type={poisoned} error: poisoned lock: another task failed inside
  - exception exception.type={poisoned} exception.message=poisoned lock: another task failed inside
"
        )
    );
}

/// Prints itself by way of a function that fails with a longer text.
#[derive(Debug)]
struct Nested;

impl fmt::Display for Nested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("before, ")?;
        fails(Failed {
            what: "something with a longer name than that which it is printed for",
            source: NoAnswer,
        })
        .map_err(|_| fmt::Error)
        .or_else(|_| f.write_str("after"))
    }
}

impl Error for Nested {}

#[test]
fn an_error_that_prints_by_way_of_another_is_not_mixed_with_it() {
    let capture = capture();
    passes_on(|| Err(Nested)).unwrap_err();
    let message = exception(&capture, "passes_on").unwrap()[1].clone();
    assert_eq!(message.as_deref(), Some("before, after"));
    let message = exception(&capture, "fails").unwrap()[1].clone().unwrap();
    assert!(message.starts_with("something with") && message.ends_with("failed"), "{message}");
}

/// Fails to print itself.
#[derive(Debug)]
struct Mute;

impl fmt::Display for Mute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("as far as it comes")?;
        Err(fmt::Error)
    }
}

impl Error for Mute {}

/// Panics while it prints itself.
#[derive(Debug)]
struct Panics;

impl fmt::Display for Panics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not to be seen")?;
        panic!("in a Display")
    }
}

impl Error for Panics {}

#[test]
fn an_error_that_cannot_print_itself_is_told_as_far_as_it_can() {
    let capture = capture();
    passes_on(|| fails(Mute)).unwrap_err();
    boxes(|| Err(Panics.into())).unwrap_err();
    fails(NoAnswer).unwrap_err();
    let kind = "alloc::boxed::Box<dyn core::error::Error>";
    assert_eq!(
        capture.tree(),
        format!(
            "\
passes_on error.type=interop::errors::Mute error: as far as it comes
  fails error.type=interop::errors::Mute error: as far as it comes
    - exception exception.type=interop::errors::Mute exception.message=as far as it comes
boxes error.type={kind} error: {kind}
  - exception exception.type={kind}
fails error.type=interop::errors::NoAnswer error: no answer
  - exception exception.type=interop::errors::NoAnswer exception.message=no answer
"
        )
    );
}

#[traced]
fn hidden(n: u8) -> Result<u8, impl std::error::Error> {
    if n == 1 {
        return Err(u8::try_from(300_u16).unwrap_err());
    }
    u8::try_from(256_u16 + u16::from(n))
}

#[traced(ret)]
fn hidden_and_returned(n: u8) -> Result<u8, impl std::fmt::Debug + Send> {
    if n == 0 { Err(std::fmt::Error) } else { Ok(n) }
}

#[traced]
fn hidden_in_a_box() -> Result<u8, Box<impl Error>> {
    Err(Box::new(fmt::Error))
}

#[traced]
fn hidden_later(n: u16) -> impl Future<Output = Result<u8, impl Error>> {
    let later = async move { u8::try_from(n) };
    later.map(|tried| tried)
}

#[traced]
fn hidden_in_a_stream() -> impl Stream<Item = Result<u8, impl Error>> {
    stream::iter([Ok(1), Err(fmt::Error)])
}

#[test]
fn of_a_hidden_type_too() {
    let spans = capture();
    drop((hidden(0), hidden(1)));
    drop((hidden_and_returned(0), hidden_and_returned(1)));
    let failed = spans.tree().lines().filter(|line| line.contains(" error.type=")).count();
    assert!(failed == 3 && spans.tree().contains("hidden_and_returned return=1"), "{}", spans.tree());
}

#[test]
fn of_a_hidden_type_in_a_box_a_future_and_a_stream() {
    let spans = capture();
    drop(hidden_in_a_box());
    drop(hidden_later(300).now_or_never());
    drop(hidden_in_a_stream().collect::<Vec<_>>().now_or_never());
    let tree = spans.tree();
    let failed: Vec<&str> =
        tree.lines().filter_map(|line| line.split_once(" error: ")).map(|it| it.0).collect();
    assert_eq!(
        failed,
        [
            "hidden_in_a_box error.type=alloc::boxed::Box<core::fmt::Error>",
            "hidden_later error.type=core::num::error::TryFromIntError",
            "hidden_in_a_stream stream.items=2 error.type=core::fmt::Error"
        ]
    );
}
