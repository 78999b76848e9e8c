//! How a call ended: ok, error, panic or cancelled, from any return type.
//!
//! Generated code asks [`of`] the returned type. Which step of the ladder below answers is decided by method
//! resolution ("autoderef specialisation"), so that no annotation is needed, type aliases are seen through, and a
//! type of which nothing is known is still told apart from one that is no `Result`. Of all ways to ask this one is
//! the cheapest to compile: no trait to import, and no closure where the type has a name.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::marker::PhantomData;
use std::ops::Deref;

use crate::span_error::{Fallible, Judged, SpanError};
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

/// Tells how a call ended from what it returned.
///
/// The error in it may borrow for `'e`: that this outlives the returned value is what [`Outlived`] says.
pub type Tell<'e, T> = for<'r> fn(&'r T, Outlived<'r, 'e>) -> Outcome<'r>;

/// That a lifetime is outlived by another.
pub type Outlived<'r, 'e> = PhantomData<&'r &'e ()>;

/// What is known of the type that a call returns: it is `told` by the first step of this ladder that knows
/// enough of it. Method resolution climbs down it through [`Deref`].
#[inline]
#[must_use]
pub fn of<T: ?Sized>() -> BySpanError<T> {
    BySpanError(PhantomData)
}

/// The same of a type that cannot be named.
#[inline]
#[must_use]
pub fn of_value<T>(_: &T) -> BySpanError<T> {
    of()
}

/// Asks a returned value how the call ended.
#[macro_export]
#[doc(hidden)]
macro_rules! __outcome_of {
    ($returned:expr) => {
        ($crate::outcome::of_value($returned).told())($returned, ::core::marker::PhantomData)
    };
}

macro_rules! step {
    ($step:ident) => {
        #[doc(hidden)]
        #[derive(Debug)]
        pub struct $step<T: ?Sized>(PhantomData<fn() -> T>);
    };
    ($step:ident, [$($bounds:tt)*], $error:pat => $failure:expr, else $next:ident) => {
        step!($step);

        impl<T: ?Sized> Deref for $step<T> {
            type Target = $next<T>;

            #[inline]
            fn deref(&self) -> &$next<T> {
                &$next(PhantomData)
            }
        }

        // For all that is fallible at once: with one for each, the compiler would be in doubt about a type that it cannot
        // make out, and say so.
        impl<'e, R: Fallible<Error: $($bounds)*>> $step<R> {
            /// How a call that returned this ended.
            #[inline]
            #[must_use]
            pub fn told(&self) -> Tell<'e, R> {
                |returned, _| match returned.error() {
                    Some($error) => Outcome::Failure($failure),
                    None => Outcome::Success,
                }
            }
        }
    };
}

step!(BySpanError, [SpanError], error => Failure::said(error), else ByError);
step!(ByError, [Error], error => Failure::of(error), else ByDynamicShared);
step!(ByDynamicShared, [AsRef<dyn Error + Send + Sync + 'e> + Debug],
    error => Failure::new::<R::Error>(ErrorRef::Dynamic(error.as_ref(), error)), else ByDynamic);
step!(ByDynamic, [AsRef<dyn Error + 'e> + Debug],
    error => Failure::new::<R::Error>(ErrorRef::Dynamic(error.as_ref(), error)), else ByDisplay);
step!(ByDisplay, [Display],
    error => Failure::new::<R::Error>(ErrorRef::Display(error)), else ByDebug);
step!(ByDebug, [Debug], error => Failure::new::<R::Error>(ErrorRef::Debug(error)), else ByResult);
step!(ByResult, [Sized], _ => Failure::new::<R::Error>(ErrorRef::Opaque), else ByNothing);
step!(ByNothing);

impl<T: ?Sized> ByNothing<T> {
    /// How a call ended that returned something that is no `Result`, nor a `Poll` of one.
    #[inline]
    #[must_use]
    pub fn told<'e>(&self) -> Tell<'e, T> {
        |_, _| Outcome::Success
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

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
    fn what_is_ready_tells_what_a_result_tells() {
        fn polled<T>(value: T) -> (Poll<T>, Poll<Option<T>>) {
            (Poll::Ready(value), Poll::Pending)
        }
        macro_rules! both {
            ($error:expr) => {
                [
                    told_by!(Poll::Ready(Err::<(), _>($error))),
                    told_by!(Poll::Ready(Some(Err::<(), _>($error)))),
                ]
            };
        }
        let text = String::from("borrowed");
        assert_eq!(both!(Borrowing(&text)), ["error"; 2]);
        assert_eq!(both!(Missing(Borrowing(&text))), ["expected"; 2]);
        assert_eq!(both!(Box::<dyn Error + Send + Sync>::from("x")), ["dynamic"; 2]);
        assert_eq!(both!(Box::<dyn Error>::from("x")), ["dynamic"; 2]);
        assert_eq!(both!(String::from("x")), ["display"; 2]);
        assert_eq!(both!(OnlyDebug), ["debug"; 2]);
        assert_eq!(both!(Opaque), ["opaque"; 2]);
        let (ok, pending) = polled(Ok::<(), Opaque>(()));
        assert_eq!([told_by!(ok), told_by!(pending)], ["success"; 2]);
        assert_eq!(told_by!(Poll::Ready(None::<Result<(), Opaque>>)), "success");
        assert_eq!(told_by!(Poll::Ready(1)), "success");
    }

    #[test]
    fn a_generic_error_tells_what_its_bounds_allow() {
        fn bounded<E: Display>(error: E) -> &'static str {
            told_by!(Err::<(), E>(error))
        }
        assert_eq!(bounded(Borrowing("x")), "display");
    }
}
