//! Which attributes a span keeps.

use std::ops::Range;

use super::buffer::Buffer;
use super::wire::{self, span};

/// How many are kept, and how many were dropped.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    pub(super) kept: u32,
    pub(super) dropped: u32,
}

impl Count {
    /// Whether one more is kept under this limit.
    pub(super) fn admit(&mut self, limit: u32) -> bool {
        let room = self.kept < limit;
        *(if room { &mut self.kept } else { &mut self.dropped }) += 1;
        room
    }
}

/// The attributes that are kept.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kept {
    pub(super) count: Count,
    /// The [marks](mark_of) of their keys.
    marks: u64,
    /// One of them may replace one of the origin's.
    pub(super) code: bool,
}

impl Kept {
    /// Whether an attribute is kept: the one with the same key is taken out, or it is one more.
    pub(super) fn admit(&mut self, key: &str, limit: u32, attributes: &mut Buffer) -> bool {
        match self.find(key, attributes.bytes()) {
            Some(same) => attributes.remove(same),
            None if !self.count.admit(limit) => return false,
            None => {}
        }
        self.note(key, mark_of(key));
        true
    }

    /// Whether an attribute is kept as one more, if it takes no search to know.
    #[inline]
    pub(super) fn admit_new(&mut self, key: &str, limit: u32) -> bool {
        let mark = mark_of(key);
        let is_new = self.marks & mark == 0 && self.count.kept < limit;
        if is_new {
            self.count.kept += 1;
            self.note(key, mark);
        }
        is_new
    }

    #[inline]
    fn note(&mut self, key: &str, mark: u64) {
        self.marks |= mark;
        if may_be_of_origin(key) {
            self.code = true;
        }
    }

    /// Where the attribute with this key is, with its tag.
    pub(super) fn find(&self, key: &str, attributes: &[u8]) -> Option<Range<usize>> {
        if self.marks & mark_of(key) == 0 {
            return None;
        }
        wire::find(attributes, |field| {
            field.number == span::ATTRIBUTE
                && wire::Fields(field.bytes()).next().is_some_and(|first| first.bytes() == key.as_bytes())
        })
    }
}

/// One bit for a key, the same for the same key: keys are looked for among those that share it.
#[inline]
fn mark_of(key: &str) -> u64 {
    let bytes = key.as_bytes();
    let (&[first, ..], &[.., last]) = (bytes, bytes) else { return 1 };
    let sum = usize::from(first) * 5 + usize::from(last);
    1 << (sum.wrapping_add(key.len().wrapping_mul(8)) & 63)
}

/// Whether it may be the key of an attribute that all spans of an origin have. The first look is at what most keys differ in.
#[inline]
fn may_be_of_origin(key: &str) -> bool {
    key.len() >= "code.file.path".len() && key.starts_with("code.")
}
