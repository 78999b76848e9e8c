//! What an error says of itself, and what the argument `err` says of it.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Poll;

use crate::outcome::Outcome;
use crate::value::{AttributeValue, Fields, Value};

/// An error that says what a span records of it. Whoever returns one need not ask for it.
///
/// ```
/// # mod traced { pub use traced_core::{Fields, SpanError}; }
/// use std::borrow::Cow;
/// use std::fmt;
/// use traced::{Fields, SpanError};
///
/// #[derive(Debug)]
/// struct Refused {
///     status: u16,
/// }
///
/// impl fmt::Display for Refused {
///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///         write!(f, "refused with status {}", self.status)
///     }
/// }
///
/// impl std::error::Error for Refused {}
///
/// impl SpanError for Refused {
///     fn error_type(&self) -> Option<Cow<'_, str>> {
///         Some(self.status.to_string().into())
///     }
///
///     fn is_expected(&self) -> bool {
///         self.status == 404
///     }
///
///     fn attributes(&self, fields: &mut dyn Fields) {
///         fields.set("http.response.status_code", &self.status);
///     }
/// }
/// ```
///
/// It is asked where a function returns it as such, or behind `&`, `Box` or `Arc`. Inside an
/// `anyhow::Error` or a `Box<dyn Error>` it cannot be seen: say there what you know of it by the attribute's
/// argument `err`, which also goes first where both say something.
///
/// No method is called while nobody records, and a panic of one goes no further.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what a span records of it",
    label = "does not implement `SpanError`",
    note = "implement `traced::SpanError` for it or derive it; of another crate's error, only its type and \
            message can be recorded"
)]
pub trait SpanError: Error {
    /// The attribute `error.type`: a name for this class of errors, of which there should be few.
    /// `None`: the name of the type.
    fn error_type(&self) -> Option<Cow<'_, str>> {
        None
    }

    /// Whether it is a result like any other: a missing row, a client's mistake. The span's status stays Unset
    /// then, and there is no `exception` event; `error.type` and the attributes are recorded.
    fn is_expected(&self) -> bool {
        false
    }

    /// Attributes that the span gets.
    fn attributes(&self, fields: &mut dyn Fields) {
        let _ = fields;
    }
}

macro_rules! said_through {
    ($($pointer:ty),+) => {$(
        impl<E: SpanError> SpanError for $pointer {
            fn error_type(&self) -> Option<Cow<'_, str>> {
                E::error_type(self)
            }

            fn is_expected(&self) -> bool {
                E::is_expected(self)
            }

            fn attributes(&self, fields: &mut dyn Fields) {
                E::attributes(self, fields);
            }
        }
    )+};
}

said_through!(&E, Box<E>, Arc<E>);

/// What `?` takes, but for `Option`, whose `None` is no error: a `Result`, or a `Poll` of one.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`err(..)` looks at the `Err` of a `Result`, and this function returns `{Self}`",
    label = "there is no `Err` in what this function returns"
)]
pub trait Fallible {
    type Error;

    fn error(&self) -> Option<&Self::Error>;
}

impl<T, E> Fallible for Result<T, E> {
    type Error = E;

    #[inline]
    fn error(&self) -> Option<&E> {
        self.as_ref().err()
    }
}

impl<T, E> Fallible for Poll<Result<T, E>> {
    type Error = E;

    #[inline]
    fn error(&self) -> Option<&E> {
        match self {
            Poll::Ready(Err(error)) => Some(error),
            _ => None,
        }
    }
}

impl<T, E> Fallible for Poll<Option<Result<T, E>>> {
    type Error = E;

    #[inline]
    fn error(&self) -> Option<&E> {
        match self {
            Poll::Ready(Some(Err(error))) => Some(error),
            _ => None,
        }
    }
}

/// What the argument `err` says of an error.
#[derive(Default)]
pub struct Judged<'a> {
    pub(crate) message: Option<&'a dyn Debug>,
    pub(crate) expected: Option<bool>,
    pub(crate) error_type: Option<String>,
}

impl<'a> Judged<'a> {
    /// The message is what the error prints for programmers.
    pub fn debug<E: Debug>(&mut self, error: &'a E) {
        self.message = Some(error);
    }

    /// Whether it is expected.
    pub fn expected<E>(&mut self, error: &'a E, is_expected: impl FnOnce(&'a E) -> bool) {
        self.expected = Some(is_expected(error));
    }

    /// Its `error.type`.
    pub fn kind<E, V: AttributeValue>(&mut self, error: &'a E, kind: impl FnOnce(&'a E) -> V) {
        self.kind_is(&kind(error));
    }

    /// Its `error.type` as something that prints for users.
    pub fn kind_displayed<E, V: Display>(&mut self, error: &'a E, kind: impl FnOnce(&'a E) -> V) {
        self.kind_is_displayed(&kind(error));
    }

    /// Its `error.type` as something that prints for programmers.
    pub fn kind_debugged<E, V: Debug>(&mut self, error: &'a E, kind: impl FnOnce(&'a E) -> V) {
        self.kind_is_debugged(&kind(error));
    }

    /// Its `error.type`, which may be a part of it.
    pub fn kind_is(&mut self, kind: &(impl AttributeValue + ?Sized)) {
        kind.show(&mut |value| self.show(value));
    }

    /// The same of something that prints for users.
    pub fn kind_is_displayed(&mut self, kind: &impl Display) {
        self.show(Value::Display(kind));
    }

    /// The same of something that prints for programmers.
    pub fn kind_is_debugged(&mut self, kind: &impl Debug) {
        self.show(Value::Debug(kind));
    }

    fn show(&mut self, value: Value<'_>) {
        let text = match value {
            Value::Str(text) => text.to_owned(),
            Value::Display(value) => value.to_string(),
            value => format!("{value:?}"),
        };
        self.error_type = (!text.is_empty()).then_some(text);
    }
}

impl Debug for Judged<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Judged")
            .field("expected", &self.expected)
            .field("error_type", &self.error_type)
            .finish_non_exhaustive()
    }
}

/// Adds to the outcome of a call what the argument `err` says of its error. What panics there says nothing.
#[doc(hidden)]
#[inline]
pub fn judged<'a, R: Fallible>(
    mut outcome: Outcome<'a>,
    returned: &'a R,
    judge: impl FnOnce(&'a R::Error, &mut Judged<'a>),
) -> Outcome<'a> {
    if let (Outcome::Failure(failure), Some(error)) = (&mut outcome, returned.error()) {
        let mut judged = Box::<Judged<'_>>::default();
        let _ = catch_unwind(AssertUnwindSafe(|| judge(error, &mut judged)));
        failure.judged = Some(judged);
    }
    outcome
}

/// What can be mentioned in what is evaluated after the body has taken its parameters.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`err(..)` mentions what the body takes",
    label = "the body takes this `{Self}`, and `err(..)` is looked at after it",
    note = "only `Copy` values, and references that do not change, are still there: put what is needed into the error"
)]
pub trait AfterBody {}

#[diagnostic::do_not_recommend]
impl<T: Copy> AfterBody for T {}

/// Asks for that.
#[doc(hidden)]
#[inline]
pub const fn after_body<T: AfterBody>(_: &T) {}
