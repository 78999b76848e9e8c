//! The span of a stream. That it is polled is the runtime's: streams have no trait in the standard library.

use std::error::Error;
use std::fmt;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::around::{Around, Scope};
use crate::kept;
use crate::later::Later;
use crate::outcome::{ErrorRef, Failure, Outcome};
use crate::recorder::{Attached, Change};
use crate::span::Live;
use crate::span_error::{Judged, SpanError};
use crate::value::{Fields, Value};

/// The attribute that says how many items a stream has yielded. OpenTelemetry's conventions know none.
const ITEMS: &str = "stream.items";

/// A stream that runs in a span, but for being polled.
pub type AroundStream<S, O, T> = Around<S, Streamed<O, T>>;

impl Later {
    /// Puts the span around a stream. `outcome` tells that of an item.
    pub fn around<S, O, T>(self, stream: S, outcome: O) -> AroundStream<S, O, T> {
        let span =
            Streamed { later: Some(self), live: None, outcome, items: 0, failed: None, of: PhantomData };
        Around::new(stream, span)
    }
}

/// The span of a stream: from the first poll until it is exhausted or dropped. It fails if the last item is an
/// `Err`: who gets one mostly asks for no more.
#[derive(Debug)]
pub struct Streamed<O, T> {
    later: Option<Later>,
    live: Option<Live>,
    outcome: O,
    items: u64,
    failed: Option<Box<Failed>>,
    of: PhantomData<fn() -> T>,
}

impl<O, T> Streamed<O, T> {
    /// Takes note of an item.
    pub fn item(&mut self, item: &T)
    where
        O: for<'r> Fn(&'r T) -> Outcome<'r>,
    {
        if self.live.is_none() {
            return;
        }
        self.items += 1;
        self.failed = match (self.outcome)(item) {
            Outcome::Failure(failure) => Some(Box::new(Failed::of(&failure))),
            _ => None,
        };
    }

    /// There are no more items.
    pub fn exhausted(&mut self) {
        self.end(Outcome::Success);
    }

    fn end(&mut self, otherwise: Outcome<'_>) {
        let Some(Live { recorder, span }) = self.live.take() else { return };
        recorder.change_span(&span, Change::Attribute(ITEMS, Value::Int(self.items.into())));
        match self.failed.take() {
            Some(failed) => failed.tell(|failure| recorder.end(span, Outcome::Failure(failure))),
            None => recorder.end(span, otherwise),
        }
    }
}

impl<O, T> Scope for Streamed<O, T> {
    fn starts(&mut self) {
        if let Some(later) = self.later.take() {
            self.live = later.begin().into_live();
        }
    }

    #[inline]
    fn attach(&self) -> Option<Attached> {
        self.live.as_ref().map(|live| live.recorder.attach(&live.span))
    }

    #[inline]
    fn detach(&self, attached: Attached) {
        if let Some(live) = &self.live {
            live.recorder.detach(attached);
        }
    }

    fn abandoned(&mut self, panicked: bool) {
        if panicked {
            self.failed = None;
        }
        self.end(if panicked { Outcome::Panic } else { Outcome::Cancelled });
    }
}

/// What an error said, kept while nobody knows whether it is the last item.
#[derive(Debug)]
struct Failed {
    type_name: &'static str,
    said: Said,
    judgement: Judgement,
}

/// What the error said of itself, and the attribute of it.
#[derive(Debug, Default)]
struct Judgement {
    message: Option<Text>,
    error_type: Option<String>,
    is_expected: bool,
    attributes: Option<Box<kept::Kept>>,
}

#[derive(Debug)]
enum Said {
    Error(Kept),
    /// With what the type prints for programmers.
    Dynamic(Kept, Text),
    Text(Text),
    Nothing,
}

/// An error's messages, and those of its sources.
struct Kept {
    message: Text,
    debug: Text,
    source: Option<Box<Kept>>,
}

struct Text(String);

/// Sources that are kept at most: a chain may go in a circle.
const MAX_SOURCES: usize = 64;

impl Failed {
    /// An error whose `Display` or `Debug` panics has nothing but its type.
    fn of(failure: &Failure<'_>) -> Self {
        let said = catch_unwind(AssertUnwindSafe(|| match failure.error {
            ErrorRef::Error(error) => Said::Error(Kept::of(error, MAX_SOURCES)),
            ErrorRef::Dynamic(error, debug) => {
                Said::Dynamic(Kept::of(error, MAX_SOURCES), Text::debug(debug))
            }
            ErrorRef::Display(error) => Said::Text(Text(error.to_string())),
            ErrorRef::Debug(error) => Said::Text(Text::debug(error)),
            ErrorRef::Opaque => Said::Nothing,
        }));
        let judgement = catch_unwind(AssertUnwindSafe(|| Judgement::of(failure)));
        Self {
            type_name: failure.type_name,
            said: said.unwrap_or(Said::Nothing),
            judgement: judgement.unwrap_or_default(),
        }
    }

    fn tell<R>(&self, to: impl FnOnce(Failure<'_>) -> R) -> R {
        let error = match &self.said {
            Said::Error(error) => ErrorRef::Error(error),
            Said::Dynamic(error, debug) => ErrorRef::Dynamic(error, debug),
            Said::Text(text) => ErrorRef::Display(text),
            Said::Nothing => ErrorRef::Opaque,
        };
        let Judgement { message, error_type, is_expected, .. } = &self.judgement;
        let judged = Judged {
            message: message.as_ref().map(|message| message as &dyn fmt::Debug),
            expected: Some(*is_expected),
            error_type: error_type.clone(),
        };
        to(Failure::kept(self.type_name, error, &self.judgement, judged))
    }
}

impl Judgement {
    fn of(failure: &Failure<'_>) -> Self {
        let mut attributes = failure.attributes();
        Self {
            message: failure.message().map(Text::debug),
            error_type: failure.error_type().map(Into::into),
            is_expected: failure.is_expected(),
            attributes: kept::Kept::of(&mut |fields| {
                if let Some(attributes) = attributes.take() {
                    attributes(fields);
                }
            }),
        }
    }
}

impl fmt::Display for Judgement {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl Error for Judgement {}

impl SpanError for Judgement {
    fn attributes(&self, fields: &mut dyn Fields) {
        if let Some(attributes) = &self.attributes {
            attributes.show(fields);
        }
    }
}

impl Kept {
    fn of(error: &dyn Error, sources: usize) -> Self {
        let source = error.source().filter(|_| sources > 0);
        Self {
            message: Text(error.to_string()),
            debug: Text::debug(error),
            source: source.map(|source| Box::new(Self::of(source, sources - 1))),
        }
    }
}

impl Error for Kept {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message.0)
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.debug.0)
    }
}

impl Text {
    fn debug(value: &(impl fmt::Debug + ?Sized)) -> Self {
        Self(format!("{value:?}"))
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
