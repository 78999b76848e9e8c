//! What every span has, in eight words.

use super::OriginId;

pub(crate) const HEADER_WORDS: usize = 8;

/// What every span has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) flags: Flags,
    pub(crate) trace_id: u128,
    pub(crate) span_id: u64,
    /// Zero: none.
    pub(crate) parent_id: u64,
    /// Nanoseconds since the Unix epoch.
    pub(crate) start: u64,
    /// Nanoseconds since the Unix epoch.
    pub(crate) end: u64,
    pub(crate) origin: OriginId,
}

/// Small facts of a span, packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags(u32);

impl Flags {
    const KIND_SHIFT: u32 = 8;
    const PARENT_REMOTE: u32 = 1 << 11;
    const OWN_NAME: u32 = 1 << 12;
    const OWN_CODE: u32 = 1 << 13;

    /// The W3C trace flags, and the kind by its number in OTLP.
    #[inline]
    pub(crate) fn new(trace_flags: u8, kind: u8) -> Self {
        Self(trace_flags.into()).with_kind(kind)
    }

    #[inline]
    pub(crate) fn set_sampled(&mut self, sampled: bool) {
        self.set(1, sampled);
    }

    /// The same with a kind, by its number in OTLP; there was none before.
    #[inline]
    pub(crate) fn with_kind(self, kind: u8) -> Self {
        Self(self.0 | u32::from(kind & 7) << Self::KIND_SHIFT)
    }

    #[inline]
    pub(crate) fn trace_flags(self) -> u8 {
        self.0.to_le_bytes()[0]
    }

    /// The number of the kind in OTLP: 1 internal, 2 server, 3 client, 4 producer, 5 consumer.
    pub(crate) fn kind(self) -> u8 {
        self.0.to_le_bytes()[1] & 7
    }

    /// The parent is in another process.
    pub(crate) fn parent_remote(self) -> bool {
        self.0 & Self::PARENT_REMOTE != 0
    }

    #[inline]
    pub(crate) fn set_parent_remote(&mut self, remote: bool) {
        self.set(Self::PARENT_REMOTE, remote);
    }

    /// The body has a name, which replaces the origin's.
    pub(crate) fn own_name(self) -> bool {
        self.0 & Self::OWN_NAME != 0
    }

    pub(crate) fn set_own_name(&mut self, own: bool) {
        self.set(Self::OWN_NAME, own);
    }

    /// The body may have an attribute that replaces one of the origin's.
    pub(crate) fn own_code(self) -> bool {
        self.0 & Self::OWN_CODE != 0
    }

    pub(crate) fn set_own_code(&mut self, own: bool) {
        self.set(Self::OWN_CODE, own);
    }

    #[inline]
    fn set(&mut self, bit: u32, on: bool) {
        self.0 = if on { self.0 | bit } else { self.0 & !bit };
    }
}

impl Header {
    /// The length in words of a record with a body of that many bytes.
    #[inline]
    pub(crate) fn record_words(body_bytes: usize) -> usize {
        // Fewer instructions than `div_ceil`; no slice is so long that it overflows.
        HEADER_WORDS + ((body_bytes + 7) >> 3)
    }

    /// Shows each word. The length in words is zero if the body is elsewhere.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the halves of the trace id; bodies are bounded far below 4 GiB"
    )]
    pub(crate) fn each_word(&self, words: usize, body_bytes: usize, mut show: impl FnMut(usize, u64)) {
        show(0, words as u64 | u64::from(self.flags.0) << 32);
        show(1, (self.trace_id >> 64) as u64);
        show(2, self.trace_id as u64);
        show(3, self.span_id);
        show(4, self.parent_id);
        show(5, self.start);
        show(6, self.end);
        show(7, u64::from(self.origin.0) | (body_bytes as u64) << 32);
    }

    /// The words of a header whose body follows.
    pub(crate) fn to_words(self, body_bytes: usize) -> [u64; HEADER_WORDS] {
        let mut words = [0; HEADER_WORDS];
        self.each_word(Self::record_words(body_bytes), body_bytes, |at, word| words[at] = word);
        words
    }

    /// The length in words of the record whose first word this is; zero if its body is elsewhere.
    #[expect(clippy::cast_possible_truncation, reason = "half of a word")]
    pub(crate) fn len_in(first: u64) -> usize {
        first as u32 as usize
    }

    /// The origin in the last word of a header.
    #[expect(clippy::cast_possible_truncation, reason = "half of a word")]
    pub(crate) fn origin_in(last: u64) -> OriginId {
        OriginId(last as u32)
    }

    /// The header and the length of the body in bytes.
    #[expect(clippy::cast_possible_truncation, reason = "halves of a word")]
    pub(crate) fn from_words(words: &[u64; HEADER_WORDS]) -> (Self, usize) {
        let header = Self {
            flags: Flags((words[0] >> 32) as u32),
            trace_id: u128::from(words[1]) << 64 | u128::from(words[2]),
            span_id: words[3],
            parent_id: words[4],
            start: words[5],
            end: words[6],
            origin: OriginId(words[7] as u32),
        };
        (header, (words[7] >> 32) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_read_back() {
        let mut flags = Flags::new(0x03, 5);
        flags.set_parent_remote(true);
        flags.set_own_name(true);
        let header = Header {
            flags,
            trace_id: u128::MAX / 3,
            span_id: u64::MAX,
            parent_id: 1,
            start: 2,
            end: 3,
            origin: OriginId(u32::MAX),
        };
        assert_eq!(Header::from_words(&header.to_words(77)), (header, 77));
        assert_eq!((flags.trace_flags(), flags.kind()), (3, 5));
        assert!(flags.parent_remote() && flags.own_name() && !flags.own_code());
        assert_eq!(header.to_words(77)[0] & 0xffff, 8 + 10);
    }
}
