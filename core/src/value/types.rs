//! The types of the standard library that are values.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::num::{NonZero, Wrapping};
use std::rc::Rc;
use std::sync::Arc;

use super::{AttributeValue, Fields, List, Value};

macro_rules! recorded_as {
    ($($variant:ident, $method:ident: $($type:ty),+;)+) => {$($(
        impl AttributeValue for $type {
            #[inline]
            fn show(&self, take: &mut dyn FnMut(Value<'_>)) {
                take(Value::$variant((*self).into()));
            }

            #[inline]
            fn record(&self, key: &str, fields: &mut dyn Fields) {
                fields.$method(key, (*self).into());
            }
        }
    )+)+};
}

recorded_as! {
    Bool, bool: bool;
    Int, int: i8, i16, i32, i64, u8, u16, u32;
    Float, float: f32, f64;
}

macro_rules! shown_as_int {
    ($($type:ty),+) => {$(
        impl AttributeValue for $type {
            #[inline]
            fn show(&self, take: &mut dyn FnMut(Value<'_>)) {
                take(Value::Int((*self).into()));
            }
        }
    )+};
}

shown_as_int!(u64, i128);

impl AttributeValue for isize {
    #[inline]
    fn show(&self, take: &mut dyn FnMut(Value<'_>)) {
        take(Value::Int(*self as i128));
    }
}

impl AttributeValue for usize {
    #[inline]
    fn show(&self, take: &mut dyn FnMut(Value<'_>)) {
        take(Value::Int(*self as i128));
    }
}

impl AttributeValue for u128 {
    #[inline]
    fn show(&self, take: &mut dyn FnMut(Value<'_>)) {
        match i128::try_from(*self) {
            Ok(value) => take(Value::Int(value)),
            Err(_) => take(Value::Display(self)),
        }
    }
}

impl AttributeValue for str {
    #[inline]
    fn show(&self, take: &mut dyn FnMut(Value<'_>)) {
        take(Value::Str(self));
    }

    #[inline]
    fn record(&self, key: &str, fields: &mut dyn Fields) {
        fields.str(key, self);
    }
}

impl AttributeValue for String {
    #[inline]
    fn show(&self, take: &mut dyn FnMut(Value<'_>)) {
        take(Value::Str(self));
    }

    #[inline]
    fn record(&self, key: &str, fields: &mut dyn Fields) {
        fields.str(key, self);
    }
}

/// What `format_args!` makes: text.
impl AttributeValue for fmt::Arguments<'_> {
    #[inline]
    fn show(&self, take: &mut dyn FnMut(Value<'_>)) {
        // Also where it has no parts: whether it has some the optimiser decides.
        take(Value::Display(self));
    }
}

macro_rules! shown_as_printed {
    ($($error:ty),+) => {$(
        /// An error whose type is not known: its text.
        impl AttributeValue for $error {
            #[inline]
            fn show(&self, take: &mut dyn FnMut(Value<'_>)) {
                take(Value::Display(&self));
            }
        }
    )+};
}

shown_as_printed!(dyn Error + '_, dyn Error + Send + '_, dyn Error + Sync + '_, dyn Error + Send + Sync + '_);

impl AttributeValue for char {
    #[inline]
    fn show(&self, take: &mut dyn FnMut(Value<'_>)) {
        take(Value::Str(self.encode_utf8(&mut [0; 4])));
    }
}

impl<T: AttributeValue> AttributeValue for Option<T> {
    #[inline]
    fn show(&self, take: &mut dyn FnMut(Value<'_>)) {
        if let Some(value) = self {
            value.show(take);
        }
    }

    #[inline]
    fn record(&self, key: &str, fields: &mut dyn Fields) {
        if let Some(value) = self {
            value.record(key, fields);
        }
    }
}

macro_rules! shown_through {
    ($($pointer:ty),+) => {$(
        impl<T: AttributeValue + ?Sized> AttributeValue for $pointer {
            #[inline]
            fn show(&self, take: &mut dyn FnMut(Value<'_>)) {
                T::show(self, take);
            }

            #[inline]
            fn record(&self, key: &str, fields: &mut dyn Fields) {
                T::record(self, key, fields);
            }
        }
    )+};
}

shown_through!(&T, &mut T, Box<T>, Arc<T>, Rc<T>);

impl<T: AttributeValue + ToOwned + ?Sized> AttributeValue for Cow<'_, T> {
    #[inline]
    fn show(&self, take: &mut dyn FnMut(Value<'_>)) {
        T::show(self, take);
    }

    #[inline]
    fn record(&self, key: &str, fields: &mut dyn Fields) {
        T::record(self, key, fields);
    }
}

impl<T: AttributeValue> AttributeValue for Wrapping<T> {
    #[inline]
    fn show(&self, take: &mut dyn FnMut(Value<'_>)) {
        self.0.show(take);
    }

    #[inline]
    fn record(&self, key: &str, fields: &mut dyn Fields) {
        self.0.record(key, fields);
    }
}

macro_rules! shown_as_they_are {
    ($($number:ty),+) => {$(
        impl AttributeValue for NonZero<$number> {
            #[inline]
            fn show(&self, take: &mut dyn FnMut(Value<'_>)) {
                self.get().show(take);
            }

            #[inline]
            fn record(&self, key: &str, fields: &mut dyn Fields) {
                self.get().record(key, fields);
            }
        }
    )+};
}

shown_as_they_are!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);

impl<T: AttributeValue> AttributeValue for [T] {
    fn show(&self, take: &mut dyn FnMut(Value<'_>)) {
        take(Value::List(&self));
    }
}

impl<T: AttributeValue, const N: usize> AttributeValue for [T; N] {
    fn show(&self, take: &mut dyn FnMut(Value<'_>)) {
        self.as_slice().show(take);
    }
}

impl<T: AttributeValue> AttributeValue for Vec<T> {
    fn show(&self, take: &mut dyn FnMut(Value<'_>)) {
        self.as_slice().show(take);
    }
}

impl<T: AttributeValue> List for &[T] {
    fn each(&self, take: &mut dyn FnMut(Value<'_>)) {
        for value in *self {
            value.show(take);
        }
    }
}
