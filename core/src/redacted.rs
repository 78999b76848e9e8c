//! Values that are not to be seen, and values that are not to be seen whole.

use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::value::{AttributeValue, List, Value};

/// A value that is never shown: recorded or printed, it is `[redacted]`.
///
/// It is used like the value itself, which is in its field `0`.
///
/// ```
/// use traced_core::Redacted;
///
/// let password = Redacted(String::from("secret"));
/// assert_eq!(format!("{password} {password:?}"), "[redacted] [redacted]");
/// assert_eq!(password.len(), 6);
/// assert_eq!(password.0, "secret");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Redacted<T: ?Sized>(pub T);

const REDACTED: &str = "[redacted]";

impl<T: ?Sized> AttributeValue for Redacted<T> {
    fn show(&self, take: &mut dyn FnMut(Value<'_>)) {
        take(Value::Str(REDACTED));
    }
}

impl<T: ?Sized> fmt::Debug for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl<T: ?Sized> fmt::Display for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(REDACTED)
    }
}

impl<T: ?Sized> Deref for Redacted<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ?Sized> DerefMut for Redacted<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> From<T> for Redacted<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

/// A value whose text is cut after so many characters, with a mark that says how many were left out.
///
/// It cuts what the value prints, for users and for programmers, and strings that are recorded as they are, also
/// those in a list. Other values stay as they are.
///
/// ```
/// use traced_core::at_most;
///
/// assert_eq!(at_most(5, "a long text").to_string(), "a lon…(6 more)");
/// assert_eq!(at_most(5, "short").to_string(), "short");
/// assert_eq!(format!("{:?}", at_most(4, &[1, 2, 3])), "[1, …(5 more)");
/// ```
///
/// In a field: `fields(body = traced::at_most(200, body), request = ?traced::at_most(1000, request))`.
pub fn at_most<T>(characters: usize, value: T) -> AtMost<T> {
    AtMost { characters, value }
}

/// What [`at_most`] returns.
#[derive(Clone, Copy)]
pub struct AtMost<T> {
    characters: usize,
    value: T,
}

impl<T: fmt::Display> fmt::Display for AtMost<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        cut(self.characters, f, format_args!("{}", self.value))
    }
}

impl<T: fmt::Debug> fmt::Debug for AtMost<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            cut(self.characters, f, format_args!("{:#?}", self.value))
        } else {
            cut(self.characters, f, format_args!("{:?}", self.value))
        }
    }
}

impl<T: AttributeValue> AttributeValue for AtMost<T> {
    fn show(&self, take: &mut dyn FnMut(Value<'_>)) {
        self.value.show(&mut |value| shown(self.characters, value, take));
    }
}

fn shown(characters: usize, value: Value<'_>, take: &mut dyn FnMut(Value<'_>)) {
    match value {
        Value::Str(text) if text.chars().nth(characters).is_some() => {
            take(Value::Display(&at_most(characters, text)));
        }
        Value::Display(value) => take(Value::Display(&at_most(characters, value))),
        Value::Debug(value) => take(Value::Debug(&at_most(characters, value))),
        Value::List(list) => take(Value::List(&Each { characters, list })),
        whole => take(whole),
    }
}

/// A list whose texts are cut.
struct Each<'a> {
    characters: usize,
    list: &'a dyn List,
}

impl List for Each<'_> {
    fn each(&self, take: &mut dyn FnMut(Value<'_>)) {
        self.list.each(&mut |value| shown(self.characters, value, take));
    }
}

fn cut(characters: usize, out: &mut dyn fmt::Write, text: fmt::Arguments<'_>) -> fmt::Result {
    let mut cut = Cut { left: characters, more: 0, out };
    fmt::Write::write_fmt(&mut cut, text)?;
    match cut.more {
        0 => Ok(()),
        more => write!(out, "…({more} more)"),
    }
}

struct Cut<'a> {
    left: usize,
    more: usize,
    out: &'a mut dyn fmt::Write,
}

impl fmt::Write for Cut<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = text.char_indices().nth(self.left).map_or(text.len(), |(at, _)| at);
        let (kept, rest) = text.split_at(end);
        self.left -= kept.chars().count();
        self.more += rest.chars().count();
        self.out.write_str(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(value: &dyn AttributeValue) -> String {
        let mut out = String::from("-");
        value.show(&mut |value| out = format!("{value:?}"));
        out
    }

    #[test]
    fn nothing_of_a_redacted_value_is_shown() {
        struct Opaque;
        assert_eq!(recorded(&Redacted(Opaque)), "\"[redacted]\"");
        assert_eq!(recorded(&Some(Redacted(1))), "\"[redacted]\"");
        assert_eq!(recorded(&vec![Redacted("a")]), "[\"[redacted]\"]");
        assert_eq!(
            format!("{:?} {:#?}", Redacted("a"), Some(Redacted("a"))),
            "[redacted] Some(\n    [redacted],\n)"
        );
        let unsized_value: &Redacted<[u8]> = &Redacted([1, 2]);
        assert_eq!(recorded(&unsized_value), "\"[redacted]\"");
    }

    #[test]
    fn texts_are_cut_between_characters_and_say_so() {
        assert_eq!(recorded(&at_most(2, "äöü")), "äö…(1 more)");
        assert_eq!(recorded(&at_most(3, "äöü")), "\"äöü\"");
        assert_eq!(recorded(&at_most(0, "äöü")), "…(3 more)");
        assert_eq!(recorded(&at_most(1, String::new())), "\"\"");
        assert_eq!(recorded(&at_most(1, 1234)), "1234");
        assert_eq!(recorded(&at_most(1, Some(vec!["a", "bcd"]))), "[\"a\", b…(2 more)]");
        assert_eq!(recorded(&at_most(1, None::<u8>)), "-");
        assert_eq!(at_most(3, format_args!("{}-{}", "ab", "cd")).to_string(), "ab-…(2 more)");
        assert_eq!(format!("{:#?}", at_most(3, [1])), "[\n …(7 more)");
    }
}
