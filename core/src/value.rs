//! What can become the value of an attribute.

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use crate::recorder::SpanIds;

/// The value of an attribute, borrowed for the time of one call.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Value<'a> {
    /// A boolean.
    Bool(bool),
    /// An integer. OpenTelemetry's integers are signed and have 64 bits: one that does not fit is recorded
    /// as text, never wrapped.
    Int(i128),
    /// A floating-point number.
    Float(f64),
    /// A string.
    Str(&'a str),
    /// Whatever it prints for users.
    Display(&'a dyn fmt::Display),
    /// Whatever it prints for programmers.
    Debug(&'a dyn fmt::Debug),
    /// A list of values of one type.
    List(&'a dyn List),
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bool(value) => value.fmt(f),
            Value::Int(value) => value.fmt(f),
            Value::Float(value) => value.fmt(f),
            Value::Str(value) => value.fmt(f),
            Value::Display(value) => value.fmt(f),
            Value::Debug(value) => value.fmt(f),
            Value::List(list) => {
                let mut out = f.debug_list();
                list.each(&mut |value| {
                    out.entry(&value);
                });
                out.finish()
            }
        }
    }
}

/// A list of values.
pub trait List {
    /// Passes each value on, in order.
    fn each(&self, take: &mut dyn FnMut(Value<'_>));
}

/// Takes attributes.
pub trait Fields {
    /// Takes one attribute; a repeated key replaces.
    fn field(&mut self, key: &str, value: Value<'_>);

    /// Takes a boolean, as [`field`](Self::field) does.
    fn bool(&mut self, key: &str, value: bool) {
        self.field(key, Value::Bool(value));
    }

    /// Takes an integer, as [`field`](Self::field) does.
    fn int(&mut self, key: &str, value: i64) {
        self.field(key, Value::Int(value.into()));
    }

    /// Takes a floating-point number, as [`field`](Self::field) does.
    fn float(&mut self, key: &str, value: f64) {
        self.field(key, Value::Float(value));
    }

    /// Takes a string, as [`field`](Self::field) does.
    fn str(&mut self, key: &str, value: &str) {
        self.field(key, Value::Str(value));
    }

    /// Takes the name of the span, where it is not known before the call.
    fn name(&mut self, name: &str) {
        let _ = name;
    }

    /// Takes a link to another span.
    fn link(&mut self, to: &LinkTo<'_>) {
        let _ = to;
    }
}

/// Another span, as a link knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkTo<'a> {
    /// Its identity.
    pub ids: SpanIds,
    /// Whether it is known from another process.
    pub is_remote: bool,
    /// What vendors say of it, as the header `tracestate` has it.
    pub trace_state: &'a str,
}

impl<'a> LinkTo<'a> {
    /// A span of this process, of which nothing else is said.
    #[must_use]
    pub fn new(ids: SpanIds) -> Self {
        Self { ids, is_remote: false, trace_state: "" }
    }

    /// The same, known from another process.
    #[must_use]
    pub fn remote(mut self, is_remote: bool) -> Self {
        self.is_remote = is_remote;
        self
    }

    /// The same, with what vendors say of it.
    #[must_use]
    pub fn trace_state(mut self, header: &'a str) -> Self {
        self.trace_state = header;
        self
    }
}

/// A type whose values can be recorded as they are.
///
/// Booleans, integers, floating-point numbers, strings, and lists of them; [`Option`] of any (nothing is
/// recorded for `None`); references and smart pointers to any. For other types, record what they print:
/// `%value` for [`Display`](fmt::Display) and `?value` for [`Debug`](fmt::Debug).
#[diagnostic::on_unimplemented(
    message = "a `{Self}` cannot be recorded as an attribute as it is",
    label = "not a bool, number, string, or list of them",
    note = "record what it prints: `%value` where it is `Display`, `?value` where it is `Debug`"
)]
pub trait AttributeValue {
    /// Shows the value to `take`, or nothing where there is none.
    fn show(&self, take: &mut dyn FnMut(Value<'_>));

    /// Records the value as an attribute, or nothing where there is none.
    fn record(&self, key: &str, fields: &mut dyn Fields) {
        self.show(&mut |value| fields.field(key, value));
    }
}

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

/// A value that is recorded as what it prints for users: `%value`.
#[derive(Clone, Copy, Debug)]
pub struct Displayed<'a, T: ?Sized>(pub &'a T);

impl<T: fmt::Display + ?Sized> AttributeValue for Displayed<'_, T> {
    #[inline]
    fn show(&self, take: &mut dyn FnMut(Value<'_>)) {
        take(Value::Display(&self.0));
    }
}

/// A value that is recorded as what it prints for programmers: `?value`.
#[derive(Clone, Copy)]
pub struct Debugged<'a, T: ?Sized>(pub &'a T);

impl<T: fmt::Debug + ?Sized> fmt::Debug for Debugged<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: fmt::Debug + ?Sized> AttributeValue for Debugged<'_, T> {
    #[inline]
    fn show(&self, take: &mut dyn FnMut(Value<'_>)) {
        take(Value::Debug(&self.0));
    }
}

impl dyn Fields + '_ {
    /// Takes one attribute from any value that can be one.
    #[inline]
    pub fn set(&mut self, key: &str, value: &(impl AttributeValue + ?Sized)) {
        value.record(key, self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told of a value, which has to be the same in both ways.
    fn shown(value: &dyn AttributeValue) -> String {
        let mut out = String::from("-");
        value.show(&mut |value| out = format!("{value:?}"));
        let mut recorded = Recorded(String::from("-"));
        value.record("key", &mut recorded);
        assert_eq!(recorded.0, out);
        out
    }

    struct Recorded(String);

    impl Fields for Recorded {
        fn field(&mut self, key: &str, value: Value<'_>) {
            assert_eq!(key, "key");
            self.0 = format!("{value:?}");
        }
    }

    #[test]
    fn values_keep_their_types() {
        assert_eq!(shown(&true), "true");
        assert_eq!(shown(&u64::MAX), "18446744073709551615");
        assert_eq!(shown(&u128::MAX), u128::MAX.to_string());
        assert_eq!(shown(&1.5_f32), "1.5");
        assert_eq!(shown(&i64::MIN), i64::MIN.to_string());
        assert_eq!(shown(&usize::MAX), usize::MAX.to_string());
        assert_eq!(shown(&"a"), "\"a\"");
        assert_eq!(shown(&String::from("a")), "\"a\"");
        assert_eq!(shown(&Cow::Borrowed("a")), "\"a\"");
        assert_eq!(shown(&'é'), "\"é\"");
        assert_eq!(shown(&None::<u8>), "-");
        assert_eq!(shown(&Some(Box::new(3))), "3");
        assert_eq!(shown(&vec!["a", "b"]), "[\"a\", \"b\"]");
        assert_eq!(shown(&Displayed("a b")), "a b");
        assert_eq!(shown(&Debugged("a b")), "\"a b\"");
    }
}
