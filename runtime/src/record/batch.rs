//! Records on their way to exporters.

use std::collections::HashMap;
use std::sync::Arc;

use super::{HEADER_WORDS, Header, Origin, OriginId, Origins, SpanView};

/// Spans in the order in which they ended on each thread, with what they have in common.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    bytes: Vec<u8>,
    spans: Vec<Place>,
    origins: Vec<Arc<Origin>>,
    by_id: HashMap<OriginId, u32>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    header: Header,
    /// Where the body lies in the bytes.
    body: usize,
    body_len: usize,
    /// Which of the batch's origins.
    origin: u32,
}

impl Batch {
    /// The number of spans.
    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The memory that the spans take.
    pub(crate) fn memory(&self) -> usize {
        self.bytes.len() + self.spans.len() * size_of::<Place>()
    }

    /// The memory that has been allocated for spans: at most twice of what they take, as vectors grow.
    pub(crate) fn allocated(&self) -> usize {
        self.bytes.capacity() + self.spans.capacity() * size_of::<Place>()
    }

    pub(crate) fn spans(&self) -> impl ExactSizeIterator<Item = SpanView<'_>> {
        self.spans.iter().map(|place| self.view(place))
    }

    /// The span at an index under [`len`](Self::len).
    pub(crate) fn get(&self, index: usize) -> Option<SpanView<'_>> {
        self.spans.get(index).map(|place| self.view(place))
    }

    /// Takes one record: its header's words, then its body's, passed one after the other.
    pub(crate) fn push_words(
        &mut self,
        header: &[u64; HEADER_WORDS],
        body: impl Iterator<Item = u64>,
        origins: &mut Origins,
    ) {
        let (header, body_len) = Header::from_words(header);
        let at = self.bytes.len();
        // Room first: a check for every word would take longer than copying it.
        self.bytes.resize(at + body_len.next_multiple_of(8), 0);
        let (places, _) = self.bytes[at..].as_chunks_mut::<8>();
        for (place, word) in places.iter_mut().zip(body) {
            *place = word.to_le_bytes();
        }
        self.bytes.truncate(at + body_len);
        self.place(header, at, origins);
    }

    /// Takes one record.
    pub(crate) fn push(&mut self, header: Header, body: &[u8], origins: &mut Origins) {
        let at = self.bytes.len();
        self.bytes.extend_from_slice(body);
        self.place(header, at, origins);
    }

    fn place(&mut self, header: Header, body: usize, origins: &mut Origins) {
        // Spans of one origin often follow each other, which saves looking it up.
        let before = self.spans.last().filter(|before| before.header.origin == header.origin);
        let origin = if let Some(before) = before {
            before.origin
        } else {
            let known = &mut self.origins;
            *self.by_id.entry(header.origin).or_insert_with(|| {
                known.push(origins.get(header.origin).clone());
                u32::try_from(known.len() - 1).unwrap_or(u32::MAX)
            })
        };
        self.spans.push(Place { header, body, body_len: self.bytes.len() - body, origin });
    }

    fn view(&self, place: &Place) -> SpanView<'_> {
        SpanView {
            header: place.header,
            body: &self.bytes[place.body..place.body + place.body_len],
            origin: &self.origins[place.origin as usize],
        }
    }
}
