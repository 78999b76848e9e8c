//! What can become the value of an attribute.

mod name;
mod types;

use std::fmt;
#[cfg(doc)]
use std::num::{NonZero, Wrapping};

pub use name::{SpanName, name};

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
/// Booleans, integers ([`NonZero`] and [`Wrapping`] ones too), floating-point numbers, strings, and lists of them;
/// [`Option`] of any; references and smart pointers to any; what `format_args!` makes, and a `dyn Error`, as the text
/// that they print. For other types, record what they print: `%value` for [`Display`](fmt::Display) and `?value` for
/// [`Debug`](fmt::Debug).
///
/// For `None` nothing is recorded. In a list it is left out, since a list has values of one type: `[Some(1), None]` is
/// recorded as `[1]`, and what follows a `None` has another index there. Where the places count, record `?list`.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` cannot be recorded as an attribute as it is",
    label = "not a bool, number, string, or list of them",
    note = "record what it prints: `%value` where it is `Display`, `?value` where it is `Debug`; or declare a field without a value: `key = Empty`"
)]
pub trait AttributeValue {
    /// Shows the value to `take`, or nothing where there is none.
    fn show(&self, take: &mut dyn FnMut(Value<'_>));

    /// Records the value as an attribute, or nothing where there is none.
    fn record(&self, key: &str, fields: &mut dyn Fields) {
        self.show(&mut |value| fields.field(key, value));
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
    use std::borrow::Cow;
    use std::num::{NonZero, Wrapping};

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
        assert_eq!(shown(&NonZero::<u64>::MAX), u64::MAX.to_string());
        assert_eq!(shown(&NonZero::<i8>::MIN), "-128");
        assert_eq!(shown(&Wrapping(7_usize)), "7");
        assert_eq!(shown(&format_args!("{} and {}", 1, 2)), "1 and 2");
        assert_eq!(shown(&format_args!("text")), "text");
        assert_eq!(shown(&vec![Some(1), None, Some(3)]), "[1, 3]");
        let error = std::fmt::Error;
        assert_eq!(shown(&(&error as &dyn std::error::Error)), error.to_string());
        assert_eq!(shown(&Box::<dyn std::error::Error + Send + Sync>::from("text")), "text");
        assert_eq!(shown(&Displayed("a b")), "a b");
        assert_eq!(shown(&Debugged("a b")), "\"a b\"");
    }
}
