//! What was made current on a thread, one on top of the other.

use opentelemetry::ContextGuard;

use super::pool::SlotRef;

/// What was made current, and is not over: so many of these. The others are for what comes, since to take one out would
/// be to copy what was just written, which stalls a processor.
#[derive(Default)]
pub(crate) struct Frames {
    all: Vec<Frame>,
    count: usize,
}

/// Something that was made current.
#[derive(Default)]
struct Frame {
    place: Place,
    guard: Option<ContextGuard>,
    /// The span ends with it.
    ends: bool,
    /// It was detached, out of order.
    is_over: bool,
}

/// The span of a frame: found here without a lock, if OpenTelemetry's context still says that it is current.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    pub(crate) span: Option<SlotRef>,
    /// Zero: none.
    pub(crate) span_id: u64,
    /// What makes the clock's time the Unix epoch's. Zero: not known.
    pub(crate) offset: u64,
}

impl Place {
    pub(crate) const NOWHERE: Self = Self { span: None, span_id: 0, offset: 0 };
}

impl Frames {
    /// Adds one on top, of a span that ends with it or that goes on. Returns its number.
    #[inline]
    pub(super) fn push(&mut self, place: Place, ends: bool) -> usize {
        let at = self.count;
        if at == self.all.len() {
            self.grow();
        }
        if let Some(frame) = self.all.get_mut(at) {
            frame.place = place;
            frame.ends = ends;
            frame.is_over = false;
            self.count += 1;
        }
        at
    }

    /// Keeps what made one current.
    #[inline]
    pub(super) fn keep(&mut self, at: usize, guard: ContextGuard) {
        if let Some(frame) = self.all.get_mut(at) {
            frame.guard = Some(guard);
        }
    }

    #[cold]
    fn grow(&mut self) {
        self.all.push(Frame::default());
    }

    /// Takes one away, and returns what made it current.
    #[inline]
    pub(super) fn pop(&mut self, at: usize) -> Option<ContextGuard> {
        let frame = self.all.get_mut(at)?;
        frame.is_over = true;
        let guard = frame.guard.take();
        if at + 1 == self.count {
            self.count = at;
            while self.last().is_some_and(|frame| frame.is_over) {
                self.count -= 1;
            }
        }
        guard
    }

    /// The span that one is of.
    #[inline]
    pub(super) fn span(&self, at: usize) -> Option<SlotRef> {
        self.all.get(at)?.place.span
    }

    /// The place of the span with this id, if it is the one on top, or the one below that: what is on top may be about
    /// to become current, and evaluate its fields.
    #[inline]
    pub(super) fn place_of(&self, span_id: u64) -> Place {
        match self.last() {
            _ if span_id == 0 => Place::NOWHERE,
            Some(frame) if frame.place.span_id == span_id => frame.place,
            Some(_) => self.place_below(span_id),
            None => Place::NOWHERE,
        }
    }

    #[cold]
    fn place_below(&self, span_id: u64) -> Place {
        match self.all.get(self.count.wrapping_sub(2)) {
            Some(frame) if frame.place.span_id == span_id => frame.place,
            _ => Place::NOWHERE,
        }
    }

    #[inline]
    fn last(&self) -> Option<&Frame> {
        self.all.get(self.count.wrapping_sub(1))
    }

    /// The spans that should have ended before, the last one first.
    pub(super) fn left_over(&self) -> impl Iterator<Item = SlotRef> {
        let left = self.all.iter().take(self.count).rev().filter(|frame| frame.ends && !frame.is_over);
        left.filter_map(|frame| frame.place.span)
    }
}
