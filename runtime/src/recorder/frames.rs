//! What was made current on a thread, one on top of the other.

use opentelemetry::ContextGuard;

use super::pool::SlotRef;

/// What was made current, and is not over: so many of these. The others are for what comes, since to take one out would
/// be to copy what was just written, which stalls a processor.
#[derive(Default)]
pub(crate) struct Frames {
    all: Vec<Frame>,
    count: usize,
    /// Of those that [have one](Frame::has_guard), in their order. In a frame it would be an option, which is read at once
    /// though it was written in two parts: a processor waits for that.
    guards: Vec<ContextGuard>,
}

/// Something that was made current.
#[derive(Default)]
struct Frame {
    place: Place,
    /// It was made current.
    has_guard: bool,
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
            frame.has_guard = false;
            frame.ends = ends;
            frame.is_over = false;
            self.count += 1;
        }
        at
    }

    #[cold]
    fn grow(&mut self) {
        self.all.push(Frame::default());
    }

    /// Keeps what made one current.
    #[inline]
    pub(super) fn keep(&mut self, at: usize, guard: ContextGuard) {
        let Some(frame) = self.all.get_mut(at) else { return };
        frame.has_guard = true;
        if at + 1 == self.count {
            self.guards.push(guard);
        } else {
            self.keep_below(at, guard);
        }
    }

    /// Takes one away, and returns what made it current.
    #[inline]
    pub(super) fn pop(&mut self, at: usize) -> Option<ContextGuard> {
        let frame = self.all.get_mut(at)?;
        frame.is_over = true;
        let has_guard = std::mem::take(&mut frame.has_guard);
        if at + 1 != self.count {
            return if has_guard { self.take_guard(at) } else { None };
        }
        self.count = at;
        while self.last().is_some_and(|frame| frame.is_over) {
            self.count -= 1;
        }
        if has_guard { self.guards.pop() } else { None }
    }

    #[cold]
    fn keep_below(&mut self, at: usize, guard: ContextGuard) {
        self.guards.insert(self.guards_below(at), guard);
    }

    #[cold]
    fn take_guard(&mut self, at: usize) -> Option<ContextGuard> {
        let at = self.guards_below(at);
        (at < self.guards.len()).then(|| self.guards.remove(at))
    }

    fn guards_below(&self, at: usize) -> usize {
        let below = self.all.iter().take(at).filter(|frame| frame.has_guard).count();
        below.min(self.guards.len())
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

#[cfg(test)]
mod tests {
    use opentelemetry::Context;

    use super::*;

    #[derive(Debug, PartialEq)]
    struct Number(u64);

    fn current() -> Option<u64> {
        Context::map_current(|context| context.get::<Number>().map(|number| number.0))
    }

    /// Adds a frame, which makes the context of its number current at once.
    fn push(frames: &mut Frames, span_id: u64) -> usize {
        let frame = frames.push(Place { span_id, ..Place::NOWHERE }, false);
        frames.keep(frame, Context::new().with_value(Number(span_id)).attach());
        frame
    }

    #[test]
    fn frames_go_in_any_order() {
        let mut frames = Frames::default();
        let orders = [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1], [0, 3, 2, 1]];
        for order in orders {
            let made = [1, 2, 3, 4].map(|span_id| push(&mut frames, span_id));
            let mut there = vec![1, 2, 3, 4];
            for which in order {
                assert_eq!(current(), there.last().copied());
                drop(frames.pop(made[which]));
                there.retain(|span_id| *span_id != which as u64 + 1);
            }
            assert_eq!((current(), frames.count, frames.guards.len()), (None, 0, 0));
        }
    }

    #[test]
    fn one_that_becomes_current_late_is_found() {
        let mut frames = Frames::default();
        let outer = push(&mut frames, 1);
        let late = frames.push(Place { span_id: 2, ..Place::NOWHERE }, true);
        // What is left over of its fields.
        let left = push(&mut frames, 3);
        frames.keep(late, Context::new().with_value(Number(2)).attach());
        assert_eq!([1, 2, 3, 0].map(|span_id| frames.place_of(span_id).span_id), [0, 2, 3, 0]);
        drop(frames.pop(left));
        assert_eq!([1, 2].map(|span_id| frames.place_of(span_id).span_id), [1, 2]);
        assert_eq!(current(), Some(2));
        drop(frames.pop(late));
        assert_eq!(current(), Some(1));
        drop(frames.pop(outer));
        assert_eq!((current(), frames.count, frames.guards.len()), (None, 0, 0));
    }
}
