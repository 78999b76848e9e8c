//! The span of the function that is running, wherever the code is that tells it something: also where it is
//! not the current one, as in a `leaf`, in a span inside it, or on another thread.

use std::fmt::{Debug, Display};
use std::task::Poll;

use crate::cell::InCharge;
use crate::recorder::{Change, Handle, Recorder};
use crate::value::{AttributeValue, Debugged, Displayed, Fields, Value};

/// The span of the function that is running. May be kept: once the span has ended, nothing happens.
#[derive(Clone, Copy)]
pub struct Own {
    /// By its place, a recorder is half as large: a future may have to hold this.
    live: Option<(InCharge, Handle)>,
}

impl Own {
    pub(crate) const NOTHING: Self = Self { live: None };

    pub(crate) fn new(recorder: &'static dyn Recorder, span: Handle) -> Self {
        Self { live: InCharge::of(recorder).map(|who| (who, span)) }
    }

    /// The span, if it takes what it is told.
    #[inline]
    #[must_use]
    pub fn recording(self) -> Option<Self> {
        let (who, span) = self.live?;
        who.recorder()?.is_recording(&span).then_some(self)
    }

    /// Tells it a late field. The value is evaluated before anything is borrowed that may not be [`Send`]: it may wait.
    #[inline]
    pub fn set(&self, key: &str, value: &(impl AttributeValue + ?Sized)) {
        let mut own = *self;
        let fields: &mut dyn Fields = &mut own;
        fields.set(key, value);
    }
}

impl Fields for Own {
    #[inline]
    fn field(&mut self, key: &str, value: Value<'_>) {
        if let Some((who, span)) = &self.live
            && let Some(recorder) = who.recorder()
        {
            recorder.change_span(span, Change::Attribute(key, value));
        }
    }
}

impl Debug for Own {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Own").field("is_recorded", &self.live.is_some()).finish_non_exhaustive()
    }
}

/// A value of which the compiler tells how it can be recorded, as [`outcome`](crate::outcome) tells how a call
/// ended: the traits below answer in their order.
#[derive(Debug)]
pub struct Argument<'a, T: ?Sized>(pub &'a T);

/// What is given here is not used, in the eyes of clippy, if something is assigned to what is returned: to record an
/// `_argument`, or to say when it is dropped, is not to use it. An `allow` of the lint would be reported to whoever
/// forbids it.
#[inline]
#[must_use]
pub fn mentioned<T>(_: T) -> &'static mut () {
    // Nothing is allocated for nothing.
    Box::leak(Box::new(()))
}

/// Records an argument as it is if it can be, else as what it prints for programmers, if anything.
#[macro_export]
#[doc(hidden)]
macro_rules! __set_any {
    ($fields:expr, $key:expr, $value:expr) => {{
        use $crate::own::any::*;
        *$crate::own::mentioned((&&&&$crate::own::Argument($value)).set($fields, $key)) = ();
    }};
}

/// The same, but it must be one of the two.
#[macro_export]
#[doc(hidden)]
macro_rules! __set_either {
    ($fields:expr, $key:expr, $value:expr) => {{
        use $crate::own::either::*;
        *$crate::own::mentioned((&&&&$crate::own::Argument($value)).set($fields, $key)) = ();
    }};
}

/// Records what a function returned, or the value in an `Ok`.
#[macro_export]
#[doc(hidden)]
macro_rules! __record_returned {
    ($own:expr, $returned:ident $($how:tt)*) => {
        if let ::core::option::Option::Some(mut own) = $own.recording() {
            use $crate::own::returned::*;
            if let ::core::option::Option::Some(value) = (&&$crate::own::Argument($returned)).value() {
                let own: &mut dyn $crate::Fields = &mut own;
                $crate::__set_returned!(own, value $($how)*);
            }
        }
    };
}

#[macro_export]
#[doc(hidden)]
macro_rules! __set_returned {
    ($own:ident, $value:ident) => {
        $crate::__set_either!($own, "return", $value)
    };
    ($own:ident, $value:ident %) => {
        $own.set("return", &$crate::value::Displayed($value))
    };
    ($own:ident, $value:ident ?) => {
        $own.set("return", &$crate::value::Debugged($value))
    };
    ($own:ident, $value:ident if_possible) => {
        $crate::__set_any!($own, "return", $value)
    };
    ($own:ident, $value:ident if_possible %) => {{
        use $crate::own::displayed::*;
        (&&$crate::own::Argument($value)).set($own, "return");
    }};
    ($own:ident, $value:ident if_possible ?) => {{
        use $crate::own::printed::*;
        (&&$crate::own::Argument($value)).set($own, "return");
    }};
}

/// For `__set_any!`.
pub mod any {
    pub use super::{AsItIs as _, AsNothing as _, AsPrinted as _, PrintedInSome as _};
}

/// For `__set_either!`.
pub mod either {
    pub use super::{AsItIs as _, AsPrinted as _, PrintedInSome as _, Unrecordable as _};
}

/// For `__set_returned!`, where what cannot be recorded so is passed over.
pub mod displayed {
    pub use super::{AsDisplayed as _, AsNothing as _};
}

/// The same.
pub mod printed {
    pub use super::{AsNothing as _, AsPrinted as _};
}

/// For `__record_returned!`.
pub mod returned {
    pub use super::{InOk as _, Whole as _};
}

#[doc(hidden)]
pub trait AsItIs {
    fn set(&self, fields: &mut dyn Fields, key: &str);
}

impl<T: AttributeValue + ?Sized> AsItIs for &&&Argument<'_, T> {
    #[inline]
    fn set(&self, fields: &mut dyn Fields, key: &str) {
        fields.set(key, self.0);
    }
}

/// Of an `Option` what it holds, as of one of plain values.
#[doc(hidden)]
pub trait PrintedInSome {
    fn set(&self, fields: &mut dyn Fields, key: &str);
}

impl<T: Debug> PrintedInSome for &&Argument<'_, Option<T>> {
    #[inline]
    fn set(&self, fields: &mut dyn Fields, key: &str) {
        if let Some(value) = self.0 {
            fields.set(key, &Debugged(value));
        }
    }
}

impl<T: Debug> PrintedInSome for &&Argument<'_, &Option<T>> {
    #[inline]
    fn set(&self, fields: &mut dyn Fields, key: &str) {
        if let Some(value) = self.0 {
            fields.set(key, &Debugged(value));
        }
    }
}

#[doc(hidden)]
pub trait AsPrinted {
    fn set(&self, fields: &mut dyn Fields, key: &str);
}

impl<T: Debug + ?Sized> AsPrinted for &Argument<'_, T> {
    #[inline]
    fn set(&self, fields: &mut dyn Fields, key: &str) {
        fields.set(key, &Debugged(self.0));
    }
}

#[doc(hidden)]
pub trait AsDisplayed {
    fn set(&self, fields: &mut dyn Fields, key: &str);
}

impl<T: Display + ?Sized> AsDisplayed for &Argument<'_, T> {
    #[inline]
    fn set(&self, fields: &mut dyn Fields, key: &str) {
        fields.set(key, &Displayed(self.0));
    }
}

#[doc(hidden)]
pub trait AsNothing {
    fn set(&self, _fields: &mut dyn Fields, _key: &str);
}

impl<T: ?Sized> AsNothing for Argument<'_, T> {
    #[inline]
    fn set(&self, _fields: &mut dyn Fields, _key: &str) {}
}

/// Implemented by nothing: it explains what is missing. Not of `T` itself, since for a type parameter the compiler would
/// propose to ask for this.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a `{T}` cannot be recorded: it is no bool, number, string or list of them, and not `Debug`",
    label = "nothing of this can be recorded",
    note = "derive `Debug` for it, or ask for it of a type parameter, `T: std::fmt::Debug`; or record what it prints, as in `fields(key = %value)` or `ret = %`; or a part of it, as in `fields(key = value.part)`"
)]
pub trait Recordable<T: ?Sized> {}

/// What takes it.
#[doc(hidden)]
#[derive(Debug)]
pub struct Attribute;

#[doc(hidden)]
pub trait Unrecordable<T: ?Sized> {
    fn set(&self, _fields: &mut dyn Fields, _key: &str)
    where
        Attribute: Recordable<T>;
}

impl<T: ?Sized> Unrecordable<T> for Argument<'_, T> {
    fn set(&self, _fields: &mut dyn Fields, _key: &str)
    where
        Attribute: Recordable<T>,
    {
    }
}

#[doc(hidden)]
pub trait InOk<'a, T> {
    fn value(&self) -> Option<&'a T>;
}

impl<'a, T, E> InOk<'a, T> for &Argument<'a, Result<T, E>> {
    #[inline]
    fn value(&self) -> Option<&'a T> {
        self.0.as_ref().ok()
    }
}

impl<'a, T, E> InOk<'a, T> for &Argument<'a, Poll<Result<T, E>>> {
    #[inline]
    fn value(&self) -> Option<&'a T> {
        match self.0 {
            Poll::Ready(Ok(value)) => Some(value),
            _ => None,
        }
    }
}

impl<'a, T, E> InOk<'a, T> for &Argument<'a, Poll<Option<Result<T, E>>>> {
    #[inline]
    fn value(&self) -> Option<&'a T> {
        match self.0 {
            Poll::Ready(Some(Ok(value))) => Some(value),
            _ => None,
        }
    }
}

#[doc(hidden)]
pub trait Whole<'a, T: ?Sized> {
    fn value(&self) -> Option<&'a T>;
}

impl<'a, T: ?Sized> Whole<'a, T> for Argument<'a, T> {
    #[inline]
    fn value(&self) -> Option<&'a T> {
        Some(self.0)
    }
}
