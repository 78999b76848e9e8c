//! How a call ended: ok, error, panic or cancelled, from any return type.
//!
//! Generated code asks a [`Probe`] around the returned value. Which of the traits below answers is decided
//! by method resolution ("autoref specialisation"), so that no annotation is needed, type aliases are seen
//! through, and a type of which nothing is known is still told apart from one that is no `Result`.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{Debug, Display};

use crate::span_error::{Judged, SpanError};
use crate::value::Fields;

/// How a call ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// It returned, and not an `Err`.
    Success,
    /// It returned an `Err`.
    Failure(Failure<'a>),
    /// It panicked.
    Panic,
    /// Its future was dropped while it was pending.
    Cancelled,
}

/// An error that a call returned.
#[derive(Debug)]
#[non_exhaustive]
pub struct Failure<'a> {
    /// The name of the error's type, as the function declares it.
    pub type_name: &'static str,
    /// What the error can say of itself.
    pub error: ErrorRef<'a>,
    /// The error, where it says what a span records of it.
    said: Option<Said<'a>>,
    /// What the argument `err` says.
    pub(crate) judged: Option<Box<Judged<'a>>>,
}

struct Said<'a>(&'a (dyn SpanError + 'a));

impl Debug for Said<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Debug::fmt(self.0, f)
    }
}

/// What an error can say of itself.
#[non_exhaustive]
pub enum ErrorRef<'a> {
    /// A message and a chain of sources.
    Error(&'a (dyn Error + 'a)),
    /// The same from a type that holds any error (`anyhow::Error`, `Box<dyn Error>`), with what that type
    /// prints for programmers: anyhow and eyre print a backtrace there.
    Dynamic(&'a (dyn Error + 'a), &'a dyn Debug),
    /// A message.
    Display(&'a dyn Display),
    /// A message for programmers.
    Debug(&'a dyn Debug),
    /// Nothing.
    Opaque,
}

impl Debug for ErrorRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ErrorRef::Error(error) | ErrorRef::Dynamic(error, _) => Debug::fmt(error, f),
            ErrorRef::Display(error) => Display::fmt(error, f),
            ErrorRef::Debug(error) => Debug::fmt(error, f),
            ErrorRef::Opaque => f.write_str("Opaque"),
        }
    }
}

impl<'a> Failure<'a> {
    /// An error of a known type.
    #[must_use]
    pub fn of<E: Error + 'a>(error: &'a E) -> Self {
        Self::new::<E>(ErrorRef::Error(error))
    }

    fn said<E: SpanError + 'a>(error: &'a E) -> Self {
        Self { said: Some(Said(error)), ..Self::of(error) }
    }

    /// One that was kept, with what it said of itself.
    pub(crate) fn kept(
        type_name: &'static str,
        error: ErrorRef<'a>,
        said: &'a dyn SpanError,
        judged: Judged<'a>,
    ) -> Self {
        Self { type_name, error, said: Some(Said(said)), judged: Some(Box::new(judged)) }
    }

    fn new<E: ?Sized>(error: ErrorRef<'a>) -> Self {
        Self { type_name: std::any::type_name::<E>(), error, said: None, judged: None }
    }

    /// Whether it is a result like any other. May run the user's code.
    #[must_use]
    #[inline]
    pub fn is_expected(&self) -> bool {
        match self.judged.as_ref().and_then(|judged| judged.expected) {
            Some(expected) => expected,
            None => self.said.as_ref().is_some_and(|said| said.0.is_expected()),
        }
    }

    /// Its `error.type`, where that is not the type's name. May run the user's code.
    #[must_use]
    #[inline]
    pub fn error_type(&self) -> Option<Cow<'_, str>> {
        match self.judged.as_ref().and_then(|judged| judged.error_type.as_deref()) {
            Some(error_type) => Some(Cow::Borrowed(error_type)),
            None => self.said.as_ref()?.0.error_type(),
        }
    }

    /// What prints its message, where that is not what [`error`](Self::error) prints.
    #[must_use]
    #[inline]
    pub fn message(&self) -> Option<&'a dyn Debug> {
        self.judged.as_ref()?.message
    }

    /// The attributes that it gives to a span, if it may have any: to be called with the place that takes them.
    #[must_use]
    #[inline]
    pub fn attributes(&self) -> Option<impl FnOnce(&mut dyn Fields) + use<'a>> {
        let error = self.said.as_ref()?.0;
        Some(|fields: &mut dyn Fields| error.attributes(fields))
    }
}

/// The value that a call returned.
#[derive(Debug)]
pub struct Probe<'a, T: ?Sized>(pub &'a T);

/// Asks a returned value how the call ended. The traits that answer must be in scope: import
/// [`prelude`] as generated code does.
#[macro_export]
#[doc(hidden)]
macro_rules! __outcome_of {
    ($returned:expr) => {{
        // No `allow` for this import: it would not compile where the user forbids the lint. One of the traits
        // always answers, so it is used.
        use $crate::outcome::prelude::*;
        (&&&&&&&&$crate::outcome::Probe($returned)).outcome()
    }};
}

/// The traits that tell the outcome, from the one that knows most to the one that knows nothing.
pub mod prelude {
    pub use super::{
        ByDebug as _, ByDisplay as _, ByDynamic as _, ByDynamicShared as _, ByError as _, ByNothing as _,
        ByResult as _, BySpanError as _,
    };
}

macro_rules! told {
    ($(#[$doc:meta])* $name:ident for $receiver:ty, [$($generics:tt)*], $error:pat => $failure:expr) => {
        $(#[$doc])*
        #[doc(hidden)]
        pub trait $name<'a> {
            /// How the call ended.
            fn outcome(&self) -> Outcome<'a>;
        }

        impl<'a, $($generics)*> $name<'a> for $receiver {
            #[inline]
            fn outcome(&self) -> Outcome<'a> {
                match self.0 {
                    Ok(_) => Outcome::Success,
                    Err($error) => Outcome::Failure($failure),
                }
            }
        }
    };
}

type ResultProbe<'a, T, E> = Probe<'a, Result<T, E>>;

told!(BySpanError for &&&&&&&ResultProbe<'a, T, E>, [T, E: SpanError], error => Failure::said(error));
told!(ByError for &&&&&&ResultProbe<'a, T, E>, [T, E: Error], error => Failure::of(error));
told!(ByDynamicShared for &&&&&ResultProbe<'a, T, E>, ['e: 'a, T, E: AsRef<dyn Error + Send + Sync + 'e> + Debug],
    error => Failure::new::<E>(ErrorRef::Dynamic(error.as_ref(), error)));
told!(ByDynamic for &&&&ResultProbe<'a, T, E>, ['e: 'a, T, E: AsRef<dyn Error + 'e> + Debug],
    error => Failure::new::<E>(ErrorRef::Dynamic(error.as_ref(), error)));
told!(ByDisplay for &&&ResultProbe<'a, T, E>, [T, E: Display],
    error => Failure::new::<E>(ErrorRef::Display(error)));
told!(ByDebug for &&ResultProbe<'a, T, E>, [T, E: Debug],
    error => Failure::new::<E>(ErrorRef::Debug(error)));
told!(ByResult for &ResultProbe<'a, T, E>, [T, E],
    _ => Failure::new::<E>(ErrorRef::Opaque));

#[doc(hidden)]
pub trait ByNothing<'a> {
    /// How the call ended: it returned something that is no `Result`.
    fn outcome(&self) -> Outcome<'a>;
}

impl<'a, T: ?Sized> ByNothing<'a> for Probe<'a, T> {
    #[inline]
    fn outcome(&self) -> Outcome<'a> {
        Outcome::Success
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Alias<T> = Result<T, std::num::ParseIntError>;

    struct Opaque;
    #[derive(Debug)]
    struct OnlyDebug;
    struct Borrowing<'a>(&'a str);

    impl Debug for Borrowing<'_> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(self.0)
        }
    }
    impl Display for Borrowing<'_> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(self.0)
        }
    }
    impl Error for Borrowing<'_> {}

    /// Says that it is expected.
    #[derive(Debug)]
    struct Missing<'a>(Borrowing<'a>);

    impl Display for Missing<'_> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            Display::fmt(&self.0, f)
        }
    }
    impl Error for Missing<'_> {}
    impl SpanError for Missing<'_> {
        fn is_expected(&self) -> bool {
            true
        }
    }

    macro_rules! told_by {
        ($value:expr) => {{
            let value = $value;
            match __outcome_of!(&value) {
                Outcome::Failure(failure) if failure.is_expected() => "expected",
                Outcome::Failure(failure) => match failure.error {
                    ErrorRef::Error(_) => "error",
                    ErrorRef::Dynamic(..) => "dynamic",
                    ErrorRef::Display(_) => "display",
                    ErrorRef::Debug(_) => "debug",
                    ErrorRef::Opaque => "opaque",
                },
                _ => "success",
            }
        }};
    }

    #[test]
    fn every_error_tells_what_it_can() {
        let text = String::from("borrowed");
        let alias: Alias<u8> = "x".parse();
        assert_eq!(told_by!(alias), "error");
        assert_eq!(told_by!(Err::<(), _>(Borrowing(&text))), "error");
        assert_eq!(told_by!(Err::<(), _>(Missing(Borrowing(&text)))), "expected");
        assert_eq!(told_by!(Err::<(), _>(Box::new(Missing(Borrowing(&text))))), "expected");
        assert_eq!(told_by!(Err::<(), Box<dyn Error + Send + Sync>>("x".into())), "dynamic");
        assert_eq!(told_by!(Err::<(), Box<dyn Error>>("x".into())), "dynamic");
        assert_eq!(told_by!(Err::<(), Box<dyn Error + '_>>(Box::new(Borrowing(&text)))), "dynamic");
        assert_eq!(told_by!(Err::<(), _>(String::from("x"))), "display");
        assert_eq!(told_by!(Err::<(), _>(OnlyDebug)), "debug");
        assert_eq!(told_by!(Err::<(), _>(Opaque)), "opaque");
        assert_eq!(told_by!(Ok::<(), Opaque>(())), "success");
        assert_eq!(told_by!(42), "success");
    }

    #[test]
    fn a_generic_error_tells_what_its_bounds_allow() {
        fn bounded<E: Display>(error: E) -> &'static str {
            told_by!(Err::<(), E>(error))
        }
        assert_eq!(bounded(Borrowing("x")), "display");
    }
}
