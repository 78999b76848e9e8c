//! A recorder of this test's own: it proves the seam without the runtime.
//!
//! Everything is noted per thread, so tests run in parallel; and only while [`recorded`] runs on that thread.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::sync::Once;

use traced::__private::recorder::{Change, Evaluate, Recorder, SpanIds};
use traced::__private::{
    Attached, CallSite, Carried, ErrorRef, Failure, Fields, Handle, Kind, Outcome, Value, cell,
};

/// The spans that `run` records on this thread, as an indented tree.
pub(crate) fn recorded(run: impl FnOnce()) -> String {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| cell::install(&ToText).unwrap());
    LOG.with_borrow_mut(|log| *log = Some(Log::default()));
    run();
    let log = LOG.take().unwrap();
    assert!(log.current.is_none(), "something was left attached");
    log.tree()
}

/// The same of a future, on a runtime of one thread.
pub(crate) fn recorded_async(future: impl Future<Output = ()>) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    recorded(|| runtime.block_on(future))
}

/// The call sites of the spans that `run` records on this thread.
pub(crate) fn sites(run: impl FnOnce()) -> Vec<&'static CallSite> {
    let mut sites = Vec::new();
    recorded(|| {
        run();
        sites = LOG.with_borrow(|log| log.as_ref().unwrap().spans.iter().map(|span| span.site).collect());
    });
    sites
}

#[derive(Default)]
struct Log {
    spans: Vec<Noted>,
    current: Option<usize>,
}

struct Noted {
    site: &'static CallSite,
    name: String,
    parent: Option<usize>,
    fields: Vec<(String, String)>,
    ended: Option<String>,
}

thread_local! {
    static LOG: RefCell<Option<Log>> = const { RefCell::new(None) };
}

struct ToText;
struct Note;

impl Log {
    fn tree(&self) -> String {
        let mut out = String::new();
        self.below(None, 0, &mut out);
        out
    }

    fn below(&self, parent: Option<usize>, depth: usize, out: &mut String) {
        for (index, span) in self.spans.iter().enumerate().filter(|(_, span)| span.parent == parent) {
            write!(out, "{:indent$}{}", "", span.name, indent = depth * 2).unwrap();
            if span.site.span_kind() != Kind::Internal {
                write!(out, " ({:?})", span.site.span_kind()).unwrap();
            }
            for (key, value) in &span.fields {
                write!(out, " {key}={value}").unwrap();
            }
            let ended = span.ended.as_deref().unwrap_or(" never ended");
            writeln!(out, "{ended}").unwrap();
            self.below(Some(index), depth + 1, out);
        }
    }
}

#[derive(Default)]
struct Collected {
    name: Option<String>,
    fields: Vec<(String, String)>,
}

impl Fields for Collected {
    fn field(&mut self, key: &str, value: Value<'_>) {
        self.fields.push((key.to_owned(), format!("{value:?}")));
    }

    fn name(&mut self, name: &str) {
        self.name = Some(name.to_owned());
    }
}

impl Recorder for ToText {
    fn enter(&self, site: &'static CallSite, fields: Evaluate<'_>) -> Option<Attached> {
        let span = self.begin(site, fields)?;
        Some(self.attach(&span))
    }

    fn exit(&self, entered: Attached, outcome: Outcome<'_>) {
        let span = LOG.with_borrow(|log| log.as_ref().and_then(|log| log.current));
        self.detach(entered);
        if let Some(span) = span {
            self.end(Handle::new(&Note, span as u64), outcome);
        }
    }

    fn begin(&self, site: &'static CallSite, fields: Evaluate<'_>) -> Option<Handle> {
        if LOG.with_borrow(Option::is_none) {
            return None;
        }
        let mut collected = Collected::default();
        fields(&mut collected);
        LOG.with_borrow_mut(|log| {
            let log = log.as_mut()?;
            let Collected { name, fields } = collected;
            let name = name.unwrap_or_else(|| site.name());
            log.spans.push(Noted { site, name, parent: log.current, fields, ended: None });
            Some(Handle::new(&Note, log.spans.len() as u64 - 1))
        })
    }

    fn attach(&self, span: &Handle) -> Attached {
        LOG.with_borrow_mut(|log| {
            let log = log.as_mut().unwrap();
            let before = log.current.replace(usize::try_from(span.word()).unwrap());
            Attached::new(before.map_or(0, |before| before + 1))
        })
    }

    fn detach(&self, attached: Attached) {
        LOG.with_borrow_mut(|log| log.as_mut().unwrap().current = attached.word().checked_sub(1));
    }

    fn end(&self, span: Handle, outcome: Outcome<'_>) {
        let text = match outcome {
            Outcome::Success => String::new(),
            Outcome::Failure(failure) => failed(&failure),
            Outcome::Panic => " panicked".to_owned(),
            Outcome::Cancelled => " cancelled".to_owned(),
            other => unreachable!("{other:?}"),
        };
        LOG.with_borrow_mut(|log| {
            let span = &mut log.as_mut().unwrap().spans[usize::try_from(span.word()).unwrap()];
            let failed = text == " cancelled" && span.site.fails_when_cancelled();
            let text = if failed { " cancelled, an error".to_owned() } else { text };
            assert!(span.ended.replace(text).is_none(), "a span ended twice");
        });
    }

    fn entered(&self, _: &Attached) -> Option<Handle> {
        LOG.with_borrow(|log| Some(Handle::new(&Note, log.as_ref()?.current? as u64)))
    }

    fn is_recording(&self, span: &Handle) -> bool {
        LOG.with_borrow(|log| {
            log.as_ref().is_some_and(|log| log.spans[usize::try_from(span.word()).unwrap()].ended.is_none())
        })
    }

    fn change_span(&self, span: &Handle, change: Change<'_>) {
        let Change::Attribute(key, value) = change else { return };
        let set = (key.to_owned(), format!("{value:?}"));
        LOG.with_borrow_mut(|log| {
            log.as_mut().unwrap().spans[usize::try_from(span.word()).unwrap()].fields.push(set);
        });
    }

    fn change(&self, _: Change<'_>) {}

    fn current(&self) -> Option<SpanIds> {
        None
    }

    fn carry(&self) -> Option<Box<dyn Carried>> {
        None
    }
}

fn failed(failure: &Failure<'_>) -> String {
    let told = match &failure.error {
        ErrorRef::Error(error) => format!("error {error}"),
        ErrorRef::Dynamic(error, _) => format!("dynamic {error}"),
        ErrorRef::Display(error) => format!("display {error}"),
        ErrorRef::Debug(error) => format!("debug {error:?}"),
        other => format!("{other:?}").to_lowercase(),
    };
    // Older compilers print no lifetimes.
    let name = failure.type_name.replace("<'_>", "");
    let name = name.rsplit("::").next().unwrap();
    let told = match failure.message() {
        Some(message) => format!("{message:?} instead of {told}"),
        None => told,
    };
    let mut text = format!(" {}: {told} ({name})", if failure.is_expected() { "expected" } else { "failed" });
    if let Some(error_type) = failure.error_type() {
        write!(text, " of type {error_type}").unwrap();
    }
    if let Some(give) = failure.attributes() {
        let mut given = Collected::default();
        give(&mut given);
        for (key, value) in given.fields {
            write!(text, " {key}={value}").unwrap();
        }
    }
    text
}
