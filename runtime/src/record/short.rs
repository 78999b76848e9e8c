//! Attributes with a short key and a short plain value. Nearly all are, so these are encoded in few instructions: into
//! room that is large enough for any of them, by copies of fixed sizes.

use super::value::Plain;
use super::wire::{any, key_value, tag};

/// The bytes that a key may have.
const KEY: usize = 32;

/// The bytes that a text may have.
const TEXT: usize = 64;

/// Room for any: all tags and lengths take a byte each.
pub(super) const ROOM: usize = 4 + KEY + 4 + TEXT;

/// A value that is short.
pub(super) trait Short<'a>: Into<Plain<'a>> + Copy {
    /// Puts it behind a key that ends there. Returns its own end.
    fn put(self, room: &mut [u8; ROOM], at: usize) -> usize;
}

#[inline]
pub(super) fn is_key(key: &str) -> bool {
    key.len() <= KEY
}

#[inline]
pub(super) fn is_text(text: &str) -> bool {
    text.len() <= TEXT
}

/// Encodes an attribute as a field of the enclosing message. Returns its length.
#[inline]
pub(super) fn put<'a>(room: &mut [u8; ROOM], field: u32, key: &str, value: impl Short<'a>) -> usize {
    let end = value.put(room, 4 + key.len());
    set(room, 0, [tag::bytes(field), byte(end) - 2, tag::bytes(key_value::KEY), byte(key.len())]);
    copy(room, 4, key.as_bytes());
    end
}

impl Short<'_> for bool {
    #[inline]
    fn put(self, room: &mut [u8; ROOM], at: usize) -> usize {
        set(room, at, [tag::bytes(key_value::VALUE), 2, tag::varint(any::BOOL), self.into()]);
        at + 4
    }
}

impl Short<'_> for f64 {
    #[inline]
    fn put(self, room: &mut [u8; ROOM], at: usize) -> usize {
        set(room, at, [tag::bytes(key_value::VALUE), 9, tag::fixed64(any::DOUBLE)]);
        set(room, at + 3, self.to_bits().to_le_bytes());
        at + 11
    }
}

impl Short<'_> for i64 {
    #[inline]
    fn put(self, room: &mut [u8; ROOM], at: usize) -> usize {
        let mut rest = self.cast_unsigned();
        let mut last = at + 3;
        while rest >= 0x80 {
            set(room, last, [rest.to_le_bytes()[0] | 0x80]);
            rest >>= 7;
            last += 1;
        }
        set(room, last, [rest.to_le_bytes()[0]]);
        set(room, at, [tag::bytes(key_value::VALUE), byte(last - at - 1), tag::varint(any::INT)]);
        last + 1
    }
}

impl<'a> Short<'a> for &'a str {
    #[inline]
    fn put(self, room: &mut [u8; ROOM], at: usize) -> usize {
        let len = byte(self.len());
        set(room, at, [tag::bytes(key_value::VALUE), 2 + len, tag::bytes(any::STRING), len]);
        copy(room, at + 4, self.as_bytes());
        at + 4 + self.len()
    }
}

/// A length, which is under [`ROOM`].
#[inline]
fn byte(len: usize) -> u8 {
    len.to_le_bytes()[0]
}

#[inline]
fn set<const N: usize>(room: &mut [u8; ROOM], at: usize, bytes: [u8; N]) {
    if let Some(place) = room.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
        *place = bytes;
    }
}

/// Copies up to [`TEXT`] bytes: the first and the last of them, which may overlap.
#[inline]
fn copy(room: &mut [u8; ROOM], at: usize, bytes: &[u8]) {
    let Some(place) = room.get_mut(at..at + bytes.len()) else { return };
    match bytes.len() {
        32.. => copy_ends::<32>(place, bytes),
        16.. => copy_ends::<16>(place, bytes),
        8.. => copy_ends::<8>(place, bytes),
        4.. => copy_ends::<4>(place, bytes),
        2.. => copy_ends::<2>(place, bytes),
        _ => copy_ends::<1>(place, bytes),
    }
}

#[inline]
fn copy_ends<const N: usize>(place: &mut [u8], bytes: &[u8]) {
    if let (Some(to), Some(from)) = (place.first_chunk_mut::<N>(), bytes.first_chunk::<N>()) {
        *to = *from;
    }
    if let (Some(to), Some(from)) = (place.last_chunk_mut::<N>(), bytes.last_chunk::<N>()) {
        *to = *from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::value::put_plain;
    use crate::record::wire::span;

    #[track_caller]
    fn check<'a>(key: &str, value: impl Short<'a>) {
        let mut room = [0xff; ROOM];
        let len = put(&mut room, span::ATTRIBUTE, key, value);
        let mut expected = Vec::new();
        put_plain(&mut expected, span::ATTRIBUTE, key, value.into());
        assert_eq!(room[..len], expected);
    }

    #[test]
    fn short_attributes_have_the_bytes_that_any_would_have() {
        let text = "0123456789 äöü ".repeat(8);
        let up_to = |most: usize| (0..=most).filter_map(|len| text.get(..len));
        for key in up_to(KEY) {
            up_to(TEXT).for_each(|text| check(key, text));
            check(key, true);
            check(key, false);
            for value in (0..64).map(|bits| 1_i64 << bits) {
                check(key, value);
                check(key, value.wrapping_sub(1));
                check(key, value.wrapping_neg());
                check(key, f64::from_bits(value.cast_unsigned()));
            }
        }
    }
}
