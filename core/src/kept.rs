//! Fields that outlive what they borrow.

use std::cell::Cell;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::carry::Carry;
use crate::recorder::{Evaluate, SpanIds};
use crate::value::{Fields, LinkTo, List, Value};

thread_local! {
    /// Most are kept for some nanoseconds only, of which the allocator would take the larger part.
    static SPARE: Cell<Option<Box<Kept>>> = const { Cell::new(None) };
}

/// How much memory a spare one holds at most: about 2 KB.
const SPARE_TEXT: usize = 1024;
const SPARE_FIELDS: usize = 16;

/// What is kept of a span until it begins.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(crate) there: Carry,
    name: Option<String>,
    /// Of each field how long its key is, and its value.
    fields: Vec<(usize, Owned)>,
    /// Their keys and texts, one after the other: one allocation for all.
    text: String,
    links: Vec<(SpanIds, bool, String)>,
}

#[derive(Debug)]
enum Owned {
    Bool(bool),
    Int(i128),
    Float(f64),
    /// How long it is.
    Text(usize),
    /// How long its texts are, and its values.
    List(usize, Vec<Owned>),
}

impl Kept {
    /// None: there are no fields. An expression that panics ends them: the program would not have panicked
    /// without telemetry.
    pub(crate) fn of(fields: Evaluate<'_>) -> Option<Box<Self>> {
        let mut kept = SPARE.try_with(Cell::take).ok().flatten().unwrap_or_default();
        let _ = catch_unwind(AssertUnwindSafe(|| fields(&mut *kept)));
        let is_empty = kept.name.is_none() && kept.fields.is_empty() && kept.links.is_empty();
        if is_empty {
            kept.is_done();
            return None;
        }
        Some(kept)
    }

    /// Leaves its memory to the next of this thread.
    pub(crate) fn is_done(mut self: Box<Self>) {
        if self.text.capacity() <= SPARE_TEXT && self.fields.capacity() <= SPARE_FIELDS {
            self.there = Carry::default();
            self.name = None;
            self.fields.clear();
            self.text.clear();
            self.links = Vec::new();
            // It is dropped here where the thread is being torn down.
            let _ = SPARE.try_with(|spare| spare.set(Some(self)));
        }
    }

    pub(crate) fn show(&self, fields: &mut dyn Fields) {
        if let Some(name) = &self.name {
            fields.name(name);
        }
        let mut text = self.text.as_str();
        for (key, value) in &self.fields {
            let key = first(&mut text, *key);
            let texts = first(&mut text, value.text_len());
            value.show(texts, &mut |value| fields.field(key, value));
        }
        for (ids, is_remote, trace_state) in &self.links {
            fields.link(&LinkTo::new(*ids).remote(*is_remote).trace_state(trace_state));
        }
    }
}

impl Fields for Kept {
    fn field(&mut self, key: &str, value: Value<'_>) {
        self.text.push_str(key);
        let value = Owned::of(value, &mut self.text);
        self.fields.push((key.len(), value));
    }

    fn name(&mut self, name: &str) {
        self.name = Some(name.to_owned());
    }

    fn link(&mut self, to: &LinkTo<'_>) {
        self.links.push((to.ids, to.is_remote, to.trace_state.to_owned()));
    }
}

impl Owned {
    /// Puts its texts after what is there.
    fn of(value: Value<'_>, text: &mut String) -> Self {
        let before = text.len();
        match value {
            Value::Bool(value) => return Self::Bool(value),
            Value::Int(value) => return Self::Int(value),
            Value::Float(value) => return Self::Float(value),
            Value::Str(value) => text.push_str(value),
            // One that says that it cannot be printed has printed what there is to be seen.
            Value::Display(value) => drop(write!(text, "{value}")),
            Value::Debug(value) => drop(write!(text, "{value:?}")),
            Value::List(list) => {
                let mut values = Vec::new();
                list.each(&mut |value| values.push(Self::of(value, text)));
                return Self::List(text.len() - before, values);
            }
        }
        Self::Text(text.len() - before)
    }

    fn text_len(&self) -> usize {
        match self {
            Self::Text(len) | Self::List(len, _) => *len,
            _ => 0,
        }
    }

    fn show(&self, text: &str, take: &mut dyn FnMut(Value<'_>)) {
        match self {
            Self::Bool(value) => take(Value::Bool(*value)),
            Self::Int(value) => take(Value::Int(*value)),
            Self::Float(value) => take(Value::Float(*value)),
            Self::Text(_) => take(Value::Str(text)),
            Self::List(_, values) => take(Value::List(&KeptList { values, text })),
        }
    }
}

struct KeptList<'a> {
    values: &'a [Owned],
    text: &'a str,
}

impl List for KeptList<'_> {
    fn each(&self, take: &mut dyn FnMut(Value<'_>)) {
        let mut text = self.text;
        for value in self.values {
            value.show(first(&mut text, value.text_len()), take);
        }
    }
}

/// Takes what is first away.
fn first<'a>(text: &mut &'a str, len: usize) -> &'a str {
    let (first, rest) = text.split_at_checked(len).unwrap_or((text, ""));
    *text = rest;
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Debugged, Displayed};

    /// What is shown, a line for each.
    #[derive(Default)]
    struct Shown(String);

    impl Fields for Shown {
        fn field(&mut self, key: &str, value: Value<'_>) {
            writeln!(self.0, "{key}={value:?}").unwrap();
        }

        fn name(&mut self, name: &str) {
            writeln!(self.0, "is called {name}").unwrap();
        }
    }

    fn tell(fields: &mut dyn Fields) {
        fields.set("first", "é");
        fields.name("named");
        fields.set("", &7_u8);
        fields.set("texts", &["a", "", "ccc"]);
        fields.set("none", &None::<u8>);
        fields.set("lists", &[true, false]);
        fields.set("last", "x");
    }

    #[test]
    fn what_is_kept_is_shown_as_it_was_told() {
        let mut told = Shown::default();
        tell(&mut told);
        let mut shown = Shown::default();
        Kept::of(&mut tell).unwrap().show(&mut shown);
        // The name goes first.
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(lines(&shown.0), lines(&told.0));
        assert!(shown.0.starts_with("is called named\nfirst="));
    }

    #[test]
    fn what_is_printed_is_kept_as_text() {
        let mut shown = Shown::default();
        let kept = Kept::of(&mut |fields| {
            fields.set("displayed", &Displayed("a b"));
            fields.set("debugged", &Debugged("a b"));
        });
        let kept = kept.unwrap();
        kept.show(&mut shown);
        kept.is_done();
        assert_eq!(shown.0, "displayed=\"a b\"\ndebugged=\"\\\"a b\\\"\"\n");
    }

    #[test]
    fn what_was_kept_before_is_not_seen_again() {
        let first = Kept::of(&mut |fields| {
            fields.name("first");
            fields.set("first", "text");
        });
        let first = first.unwrap();
        let memory = std::ptr::from_ref(&*first);
        first.is_done();
        assert!(Kept::of(&mut |_| {}).is_none());
        let second = Kept::of(&mut |fields| fields.set("second", "x")).unwrap();
        assert_eq!(std::ptr::from_ref(&*second), memory);
        let mut shown = Shown::default();
        second.show(&mut shown);
        assert_eq!(shown.0, "second=\"x\"\n");
    }

    #[test]
    fn a_panic_ends_the_fields_and_nothing_else() {
        let mut shown = Shown::default();
        let kept = Kept::of(&mut |fields| {
            fields.set("first", "a");
            fields.set("second", &Displayed(&Panics));
        });
        kept.unwrap().show(&mut shown);
        assert_eq!(shown.0, "first=\"a\"\n");
        assert!(Kept::of(&mut |_| {}).is_none());
    }

    struct Panics;

    impl std::fmt::Display for Panics {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("half")?;
            panic!("no text")
        }
    }
}
