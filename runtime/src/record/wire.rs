//! Protocol Buffers' wire format, as far as OTLP needs it.
//! Specification: <https://protobuf.dev/programming-guides/encoding/>.

use std::ops::Range;

/// Field numbers of `opentelemetry.proto.trace.v1.Span`.
pub(crate) mod span {
    pub(crate) const TRACE_ID: u32 = 1;
    pub(crate) const SPAN_ID: u32 = 2;
    pub(crate) const TRACE_STATE: u32 = 3;
    pub(crate) const PARENT_SPAN_ID: u32 = 4;
    pub(crate) const NAME: u32 = 5;
    pub(crate) const KIND: u32 = 6;
    pub(crate) const START: u32 = 7;
    pub(crate) const END: u32 = 8;
    pub(crate) const ATTRIBUTE: u32 = 9;
    pub(crate) const DROPPED_ATTRIBUTES: u32 = 10;
    pub(crate) const EVENT: u32 = 11;
    pub(crate) const DROPPED_EVENTS: u32 = 12;
    pub(crate) const LINK: u32 = 13;
    pub(crate) const DROPPED_LINKS: u32 = 14;
    pub(crate) const STATUS: u32 = 15;
    pub(crate) const FLAGS: u32 = 16;
}

/// Field numbers of `Span.Event`.
pub(crate) mod event {
    pub(crate) const TIME: u32 = 1;
    pub(crate) const NAME: u32 = 2;
    pub(crate) const ATTRIBUTE: u32 = 3;
    pub(crate) const DROPPED_ATTRIBUTES: u32 = 4;
}

/// Field numbers of `Span.Link`.
pub(crate) mod link {
    pub(crate) const TRACE_ID: u32 = 1;
    pub(crate) const SPAN_ID: u32 = 2;
    pub(crate) const TRACE_STATE: u32 = 3;
    pub(crate) const ATTRIBUTE: u32 = 4;
    pub(crate) const DROPPED_ATTRIBUTES: u32 = 5;
    pub(crate) const FLAGS: u32 = 6;
}

/// Field numbers of `Status`, and its codes.
pub(crate) mod status {
    pub(crate) const MESSAGE: u32 = 2;
    pub(crate) const CODE: u32 = 3;
    pub(crate) const OK: u64 = 1;
    pub(crate) const ERROR: u64 = 2;
}

/// Field numbers of `KeyValue`.
pub(crate) mod key_value {
    pub(crate) const KEY: u32 = 1;
    pub(crate) const VALUE: u32 = 2;
}

/// Field numbers of `AnyValue`, and of its `ArrayValue`.
pub(crate) mod any {
    pub(crate) const STRING: u32 = 1;
    pub(crate) const BOOL: u32 = 2;
    pub(crate) const INT: u32 = 3;
    pub(crate) const DOUBLE: u32 = 4;
    pub(crate) const ARRAY: u32 = 5;
    pub(crate) const ARRAY_VALUE: u32 = 1;
}

/// The bits of `Span.flags` and `Link.flags` that say whether the parent, or the linked span, is remote.
pub(crate) const HAS_IS_REMOTE: u32 = 0x100;
pub(crate) const IS_REMOTE: u32 = 0x200;

const VARINT: u32 = 0;
const FIXED64: u32 = 1;
const BYTES: u32 = 2;
const FIXED32: u32 = 5;

/// The tags of fields with numbers under 16, which take a byte.
pub(crate) mod tag {
    pub(crate) const fn varint(field: u32) -> u8 {
        byte(field, super::VARINT)
    }

    pub(crate) const fn fixed64(field: u32) -> u8 {
        byte(field, super::FIXED64)
    }

    pub(crate) const fn bytes(field: u32) -> u8 {
        byte(field, super::BYTES)
    }

    const fn byte(field: u32, kind: u32) -> u8 {
        debug_assert!(field < 16);
        (field << 3 | kind).to_le_bytes()[0]
    }
}

/// The number of bytes that a varint takes.
#[inline]
pub(crate) fn varint_len(value: u64) -> usize {
    // Seven bits a byte, and zero takes one.
    (value | 1).ilog2() as usize / 7 + 1
}

#[inline]
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        #[expect(clippy::cast_possible_truncation, reason = "the low seven bits, marked as not the last")]
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    #[expect(clippy::cast_possible_truncation, reason = "less than 0x80")]
    out.push(value as u8);
}

#[inline]
fn put_tag(out: &mut Vec<u8>, field: u32, kind: u32) {
    put_varint(out, u64::from(field << 3 | kind));
}

#[inline]
pub(crate) fn put_uint(out: &mut Vec<u8>, field: u32, value: u64) {
    put_tag(out, field, VARINT);
    put_varint(out, value);
}

#[inline]
pub(crate) fn put_fixed64(out: &mut Vec<u8>, field: u32, value: u64) {
    put_tag(out, field, FIXED64);
    out.extend_from_slice(&value.to_le_bytes());
}

#[inline]
pub(crate) fn put_fixed32(out: &mut Vec<u8>, field: u32, value: u32) {
    put_tag(out, field, FIXED32);
    out.extend_from_slice(&value.to_le_bytes());
}

#[inline]
pub(crate) fn put_bytes(out: &mut Vec<u8>, field: u32, bytes: &[u8]) {
    put_len(out, field, bytes.len());
    out.extend_from_slice(bytes);
}

/// Starts a nested message of a known length, whose bytes the caller appends.
#[inline]
pub(crate) fn put_len(out: &mut Vec<u8>, field: u32, len: usize) {
    put_tag(out, field, BYTES);
    put_varint(out, len as u64);
}

/// The number of bytes that [`put_bytes`] appends, for field numbers under 16.
#[inline]
pub(crate) fn bytes_len(len: usize) -> usize {
    1 + varint_len(len as u64) + len
}

/// Appends a nested message that `write` appends, whatever its length comes to.
#[inline]
pub(crate) fn put_message(out: &mut Vec<u8>, field: u32, write: impl FnOnce(&mut Vec<u8>)) {
    put_tag(out, field, BYTES);
    let at = out.len();
    out.push(0);
    write(out);
    let len = out.len() - at - 1;
    if let Ok(len @ 0..0x80) = u8::try_from(len) {
        out[at] = len;
    } else {
        // The rare long one makes room for the other bytes of its length.
        let extra = varint_len(len as u64) - 1;
        let end = out.len();
        out.resize(end + extra, 0);
        out.copy_within(at + 1..end, at + 1 + extra);
        let mut value = len;
        for byte in &mut out[at..at + extra] {
            #[expect(clippy::cast_possible_truncation, reason = "the low seven bits, marked as not the last")]
            {
                *byte = value as u8 | 0x80;
            }
            value >>= 7;
        }
        #[expect(clippy::cast_possible_truncation, reason = "less than 0x80: the length's last seven bits")]
        {
            out[at + extra] = value as u8;
        }
    }
}

/// A field of a message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Field<'a> {
    pub(crate) number: u32,
    pub(crate) value: Value<'a>,
    /// The whole field: tag and value.
    pub(crate) whole: &'a [u8],
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    /// A varint, a fixed64 or a fixed32.
    Number(u64),
    Bytes(&'a [u8]),
}

impl<'a> Field<'a> {
    pub(crate) fn number_value(&self) -> u64 {
        match self.value {
            Value::Number(value) => value,
            Value::Bytes(_) => 0,
        }
    }

    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.number_value()).unwrap_or(0)
    }

    pub(crate) fn bytes(&self) -> &'a [u8] {
        match self.value {
            Value::Bytes(bytes) => bytes,
            Value::Number(_) => &[],
        }
    }

    pub(crate) fn str(&self) -> &'a str {
        std::str::from_utf8(self.bytes()).unwrap_or_default()
    }
}

/// Where the first of these fields of a message is, with its tag.
pub(crate) fn find(message: &[u8], is_it: impl Fn(&Field<'_>) -> bool) -> Option<Range<usize>> {
    let mut at = 0;
    for field in Fields(message) {
        let end = at + field.whole.len();
        if is_it(&field) {
            return Some(at..end);
        }
        at = end;
    }
    None
}

/// The fields of a message, in order. Ends early at bytes that are none.
#[derive(Clone, Debug)]
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl<'a> Fields<'a> {
    /// The first field with this number.
    pub(crate) fn first(&self, number: u32) -> Option<Field<'a>> {
        self.clone().find(|field| field.number == number)
    }

    fn next_of_any_kind(&mut self) -> Option<Field<'a>> {
        let start = self.0;
        let tag = u32::try_from(self.varint()?).ok()?;
        let value = match tag & 7 {
            VARINT => Value::Number(self.varint()?),
            FIXED64 => Value::Number(self.fixed64()?),
            FIXED32 => Value::Number(u64::from(u32::from_le_bytes(self.take(4)?.try_into().ok()?))),
            BYTES => Value::Bytes(self.bytes()?),
            _ => return None,
        };
        Some(Field { number: tag >> 3, value, whole: &start[..start.len() - self.0.len()] })
    }

    /// The number of the next field, of which the value is to be read next.
    #[inline]
    pub(crate) fn number(&mut self) -> Option<u32> {
        u32::try_from(self.varint()? >> 3).ok()
    }

    #[inline]
    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let len = usize::try_from(self.varint()?).ok()?;
        self.take(len)
    }

    #[inline]
    pub(crate) fn fixed64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    #[inline]
    pub(crate) fn varint(&mut self) -> Option<u64> {
        // Nearly always one byte.
        if let [value @ ..0x80, rest @ ..] = self.0 {
            self.0 = rest;
            return Some((*value).into());
        }
        self.long_varint()
    }

    fn long_varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    #[inline]
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    #[inline]
    fn next(&mut self) -> Option<Field<'a>> {
        let all = self.0;
        let [tag, rest @ ..] = all else { return None };
        // Nearly always bytes, and few of them: tag and length take a byte each.
        if let (tag @ ..0x80, [len @ ..0x80, rest @ ..]) = (u32::from(*tag), rest)
            && tag & 7 == BYTES
            && let Some((bytes, rest)) = rest.split_at_checked(usize::from(*len))
        {
            self.0 = rest;
            let whole = &all[..all.len() - rest.len()];
            return Some(Field { number: tag >> 3, value: Value::Bytes(bytes), whole });
        }
        self.next_of_any_kind()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_take_as_many_bytes_as_announced() {
        for value in [0, 1, 127, 128, 16_383, 16_384, (1 << 21) - 1, 1 << 21, (1 << 21) + 1, u64::MAX] {
            let mut out = Vec::new();
            put_varint(&mut out, value);
            assert_eq!(out.len(), varint_len(value), "{value}");
            assert_eq!(Fields(&out).varint(), Some(value));
        }
    }

    #[test]
    fn messages_of_any_length_read_back() {
        for len in [0, 1, 127, 128, 16_383, 16_384, (1 << 21) - 1, 1 << 21] {
            let content = vec![7; len];
            let mut out = vec![1, 2, 3];
            put_message(&mut out, 9, |out| out.extend_from_slice(&content));
            let mut plain = vec![1, 2, 3];
            put_bytes(&mut plain, 9, &content);
            assert!(out == plain, "{len}");
            assert_eq!(out.len() - 3, bytes_len(len));
            assert_eq!(Fields(&out[3..]).next().map(|field| field.bytes().len()), Some(len));
        }
    }

    #[test]
    fn a_cut_message_ends_early() {
        let mut out = Vec::new();
        put_bytes(&mut out, 1, b"abc");
        put_fixed64(&mut out, 2, 5);
        for cut in 0..out.len() {
            assert!(Fields(&out[..cut]).count() < 2);
        }
    }
}
