//! Of `record`, what the pipeline's files need: the header as it is, and a batch that keeps the spans' ids.

use std::sync::atomic::Ordering;

use crate::model::AtomicU64;

#[path = "../../../runtime/src/record/header.rs"]
#[allow(dead_code, reason = "what is not modelled calls the rest")]
mod header;

pub(crate) use header::{HEADER_WORDS, Header};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct OriginId(pub(crate) u32);

pub(crate) struct Origins;

#[derive(Debug, Default)]
pub(crate) struct Batch(pub(crate) Vec<u64>);

impl Batch {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn memory(&self) -> usize {
        size_of_val(&self.0[..])
    }

    pub(crate) fn take(
        &mut self,
        words: &[AtomicU64],
        most: usize,
        _: usize,
        _: &mut Origins,
    ) -> (usize, usize) {
        let mut records = 0;
        for record in words.chunks_exact(HEADER_WORDS).take(most) {
            let words = std::array::from_fn(|at| record[at].load(Ordering::Relaxed));
            if Header::len_in(words[0]) == 0 {
                break;
            }
            self.push(Header::from_words(&words).0, &[], &mut Origins);
            records += 1;
        }
        (records, records * HEADER_WORDS)
    }

    pub(crate) fn push(&mut self, header: Header, _: &[u8], _: &mut Origins) {
        assert_eq!((header.start, header.end), (header.span_id, header.span_id), "words of another time");
        self.0.push(header.span_id);
    }
}
