//! An error that outlives itself.

use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::kept::Kept;
use crate::outcome::{ErrorRef, Failure};
use crate::span_error::{Judged, SpanError};
use crate::value::Fields;

/// What an error said, kept while nobody knows whether it is the last item.
#[derive(Debug)]
pub(super) struct Failed {
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
    attributes: Option<Box<Kept>>,
}

#[derive(Debug)]
enum Said {
    Error(Messages),
    /// With what the type prints for programmers.
    Dynamic(Messages, Text),
    Text(Text),
    Nothing,
}

/// An error's messages, and those of its sources.
struct Messages {
    message: Text,
    debug: Text,
    source: Option<Box<Messages>>,
}

struct Text(String);

/// Sources that are kept at most: a chain may go in a circle.
const MAX_SOURCES: usize = 64;

impl Failed {
    /// An error whose `Display` or `Debug` panics has nothing but its type.
    pub(super) fn of(failure: &Failure<'_>) -> Self {
        let said = catch_unwind(AssertUnwindSafe(|| match failure.error {
            ErrorRef::Error(error) => Said::Error(Messages::of(error, MAX_SOURCES)),
            ErrorRef::Dynamic(error, debug) => {
                Said::Dynamic(Messages::of(error, MAX_SOURCES), Text::debug(debug))
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

    pub(super) fn tell<R>(&self, to: impl FnOnce(Failure<'_>) -> R) -> R {
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
            attributes: Kept::of(&mut |fields| {
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

impl Messages {
    fn of(error: &dyn Error, sources: usize) -> Self {
        let source = error.source().filter(|_| sources > 0);
        Self {
            message: Text(error.to_string()),
            debug: Text::debug(error),
            source: source.map(|source| Box::new(Self::of(source, sources - 1))),
        }
    }
}

impl Error for Messages {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl fmt::Display for Messages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message.0)
    }
}

impl fmt::Debug for Messages {
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
