//! Records on their way to exporters.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{HEADER_WORDS, Header, Origin, OriginId, Origins, SpanView};

/// Spans in the order in which they ended on each thread, with what they have in common.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// The records as they lie in a queue: headers and bodies, in whole words.
    words: Vec<Word>,
    /// Where each record begins.
    starts: Vec<usize>,
    /// Shared by the batches that follow each other, until one meets a new origin.
    origins: Arc<Met>,
    /// The words and the spans to make room for at first.
    expected: (usize, usize),
}

/// In little endian, so that bodies are read as the bytes that they are.
type Word = [u8; 8];

/// The origins that have been met.
#[derive(Clone, Debug, Default)]
struct Met {
    by_place: Vec<Option<Arc<Origin>>>,
    unknown: Arc<Origin>,
}

impl Batch {
    /// The number of spans.
    pub(crate) fn len(&self) -> usize {
        self.starts.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The memory that the spans take.
    pub(crate) fn memory(&self) -> usize {
        size_of_val(&self.words[..]) + size_of_val(&self.starts[..])
    }

    /// The memory that has been allocated for spans.
    pub(crate) fn allocated(&self) -> usize {
        self.words.capacity() * size_of::<Word>() + self.starts.capacity() * size_of::<usize>()
    }

    /// An empty one for what comes next: it knows the same origins, and will have room for as much.
    pub(crate) fn next(&self) -> Self {
        let expected = (self.words.len(), self.starts.len());
        Self { origins: self.origins.clone(), expected, ..Self::default() }
    }

    #[inline]
    pub(crate) fn spans(&self) -> impl ExactSizeIterator<Item = SpanView<'_>> {
        self.starts.iter().map(|start| self.view(*start))
    }

    /// The span at an index under [`len`](Self::len).
    #[inline]
    pub(crate) fn get(&self, index: usize) -> Option<SpanView<'_>> {
        self.starts.get(index).map(|start| self.view(*start))
    }

    /// Takes records that lie one after the other: at most so many, and while all spans fit in that much memory, of
    /// which the first may take more. Stops at one whose body is elsewhere. Returns how many it took, and how many
    /// words they are.
    pub(crate) fn take(
        &mut self,
        words: &[AtomicU64],
        most: usize,
        memory: usize,
        origins: &mut Origins,
    ) -> (usize, usize) {
        if self.is_empty() {
            self.words.reserve(self.expected.0);
            self.starts.reserve(self.expected.1);
        }
        let room = memory.saturating_sub(self.memory()) / size_of::<Word>();
        let base = self.words.len();
        let (mut records, mut end) = (0, 0);
        while records < most
            && let Some(header) = words.get(end..).and_then(|rest| rest.first_chunk::<HEADER_WORDS>())
        {
            let len = Header::len_in(header[0].load(Ordering::Relaxed));
            // Its start takes a word, too.
            let fits = end + len + records < room || self.starts.is_empty();
            if len == 0 || !fits {
                break;
            }
            self.meet(Header::origin_in(header[HEADER_WORDS - 1].load(Ordering::Relaxed)), origins);
            self.starts.push(base + end);
            records += 1;
            end += len;
        }
        let taken = words.get(..end).unwrap_or_default();
        self.words.extend(taken.iter().map(|word| word.load(Ordering::Relaxed).to_le_bytes()));
        (records, end)
    }

    /// Takes one record.
    pub(crate) fn push(&mut self, header: Header, body: &[u8], origins: &mut Origins) {
        self.meet(header.origin, origins);
        self.starts.push(self.words.len());
        self.words.extend(header.to_words(body.len()).map(u64::to_le_bytes));
        let (full, odd) = body.as_chunks();
        self.words.extend_from_slice(full);
        if !odd.is_empty() {
            let mut last = [0; 8];
            last[..odd.len()].copy_from_slice(odd);
            self.words.push(last);
        }
    }

    #[inline]
    fn meet(&mut self, id: OriginId, origins: &mut Origins) {
        if !matches!(self.origins.by_place.get(place_of(id)), Some(Some(_))) {
            self.meet_first(id, origins);
        }
    }

    #[cold]
    fn meet_first(&mut self, id: OriginId, origins: &mut Origins) {
        // Numbers are given one after the other, so that this is far from what any program has.
        const MOST: usize = 1 << 24;
        let place = place_of(id);
        if place < MOST {
            let met = &mut Arc::make_mut(&mut self.origins).by_place;
            met.resize(met.len().max(place + 1), None);
            met[place] = Some(Arc::new(origins.resolve(id)));
        }
    }

    #[inline]
    fn view(&self, start: usize) -> SpanView<'_> {
        let record = self.words.get(start..).unwrap_or_default();
        let (words, body) = record.split_first_chunk().unwrap_or((&[[0; 8]; HEADER_WORDS], &[]));
        let (header, len) = Header::from_words(&words.map(u64::from_le_bytes));
        let body = body.as_flattened().get(..len).unwrap_or_default();
        let met = self.origins.by_place.get(place_of(header.origin)).and_then(Option::as_ref);
        SpanView { header, body, origin: met.unwrap_or(&self.origins.unknown) }
    }
}

/// Call sites and tracers are numbered each by themselves, told apart by the highest bit: here they take turns.
fn place_of(id: OriginId) -> usize {
    id.0.rotate_left(1) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(span_id: u64, origin: u32) -> Header {
        Header { span_id, origin: OriginId(origin), ..Header::default() }
    }

    /// Records as they lie in a queue.
    fn words(records: &[(Header, usize)]) -> Vec<AtomicU64> {
        let mut words = Vec::new();
        for (header, body) in records {
            words.extend(header.to_words(*body));
            words.extend(vec![u64::from_le_bytes([7; 8]); body.div_ceil(8)]);
        }
        words.into_iter().map(AtomicU64::new).collect()
    }

    fn ids(batch: &Batch) -> Vec<u64> {
        batch.spans().map(|span| span.header.span_id).collect()
    }

    #[test]
    fn records_are_taken_while_they_fit() {
        let (mut batch, mut origins) = (Batch::default(), Origins::default());
        let three = words(&[(header(1, 0), 0), (header(2, 0), 13), (header(3, 0), 0)]);
        assert_eq!(batch.take(&three, 2, 1 << 20, &mut origins), (2, 18));
        assert_eq!((ids(&batch), batch.memory()), (vec![1, 2], (18 + 2) * 8));
        assert_eq!(batch.get(1).unwrap().body, [7; 13]);
        // The third takes nine words.
        assert_eq!(batch.take(&three[18..], 9, batch.memory() + 9 * 8 - 1, &mut origins), (0, 0));
        assert_eq!(batch.take(&three[18..], 9, batch.memory() + 9 * 8, &mut origins), (1, 8));
        assert_eq!(ids(&batch), [1, 2, 3]);
        // The first is taken whatever it takes, and no other.
        let mut next = batch.next();
        assert_eq!(next.take(&three, 9, 0, &mut origins), (1, 8));
        // Part of a record is none.
        assert_eq!(next.take(&three[..7], 9, 1 << 20, &mut origins), (0, 0));
    }

    #[test]
    fn what_has_its_body_elsewhere_is_left() {
        let (mut batch, mut origins) = (Batch::default(), Origins::default());
        let mut words = words(&[(header(1, 0), 0), (header(2, 0), 0), (header(3, 0), 0)]);
        header(2, 0).each_word(0, 5000, |at, word| words[8 + at] = AtomicU64::new(word));
        assert_eq!(batch.take(&words, 9, 1 << 20, &mut origins), (1, 8));
        batch.push(header(2, 0), &[7; 5000], &mut origins);
        assert_eq!(batch.take(&words[16..], 9, 1 << 20, &mut origins), (1, 8));
        assert_eq!(ids(&batch), [1, 2, 3]);
        assert_eq!(batch.get(1).unwrap().body, [7; 5000]);
    }

    #[test]
    fn batches_share_origins_and_meet_new_ones() {
        let named = |name: &'static str| {
            OriginId::of_scope(&opentelemetry::InstrumentationScope::builder(name).build()).0
        };
        let (one, other) = (named("batch one"), named("batch other"));
        let mut origins = Origins::default();
        let mut first = Batch::default();
        first.take(&words(&[(header(1, one), 0)]), 9, 1 << 20, &mut origins);
        let mut second = first.next();
        assert!(Arc::ptr_eq(&first.origins, &second.origins));
        // Neither is u32::MAX an origin, nor one that takes memory.
        let records = [(header(2, other), 0), (header(3, one), 0), (header(4, u32::MAX), 0)];
        second.take(&words(&records), 9, 1 << 20, &mut origins);
        let scopes =
            |batch: &Batch| batch.spans().map(|span| span.origin.scope.name().to_owned()).collect::<Vec<_>>();
        assert_eq!(scopes(&first), ["batch one"]);
        assert_eq!(scopes(&second), ["batch other", "batch one", ""]);
        assert!(second.origins.by_place.len() < 1 << 14);
        assert!(Arc::ptr_eq(first.get(0).unwrap().origin, second.get(1).unwrap().origin));
    }
}
