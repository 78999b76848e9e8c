//! What each thread keeps: what is current, ids, free slots, and its end of the pipeline's queue.

use std::cell::{Cell, RefCell, RefMut};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use opentelemetry::{Context, ContextGuard};
use rand::rngs::SmallRng;
use rand::{RngCore, SeedableRng};

use super::frames::{Frames, Place};
use super::installed::{self, Generation, Installed};
use super::pool::{self, Own, Pool, SlotRef};
use super::sampling::Rule;
use super::{clock, guarded};
use crate::context;
use crate::pipeline::{Pipeline, Producer};
use crate::record::{Header, Limits};

/// What [`Local::attach`] returns where it attached nothing.
pub(crate) const NOTHING: usize = usize::MAX;

thread_local! {
    static LOCAL: Local = Local::new();
}

pub(crate) struct Local {
    /// OpenTelemetry's thread-local was there when this was made.
    usable: bool,
    /// The generation of what is installed, if this thread knows it and has nothing to drop: one look for a new span.
    seen: Cell<Generation>,
    /// Whether a new span does as its parent does. None: there are no new ones.
    parent_based: Cell<Option<bool>>,
    /// A sampler or a provider of the application's is being asked: what it calls makes no spans, or it would be asked for ever.
    asking: Cell<bool>,
    /// What this thread knew before, until [`Self::settle`].
    retired: Cell<Vec<Here>>,
    parts: RefCell<Parts>,
}

/// What a span needs of its thread. Borrowed for a moment, in which nobody else's code runs.
pub(crate) struct Parts {
    pub(crate) frames: Frames,
    pub(crate) pool: Pool,
    pub(crate) rule: Rule,
    pub(crate) limits: Limits,
    ids: SmallRng,
    here: Here,
}

/// Who records, as this thread knows it.
#[derive(Default)]
struct Here {
    generation: Generation,
    installed: Option<Arc<Installed>>,
    producer: Option<Producer>,
}

/// Works with this thread's part, if the thread is not being torn down. OpenTelemetry's own thread-local must not
/// be touched then, since that panics: ours is made after it, so it goes first.
#[inline]
pub(crate) fn with<R>(work: impl FnOnce(&Local) -> R) -> Option<R> {
    LOCAL.try_with(|local| local.usable.then(|| work(local))).ok()?
}

/// Ends a span, and lets go of its slot. `now` by the clock.
#[inline]
pub(crate) fn end(span: SlotRef, now: u64) {
    if with(|local| local.end(span, now)) != Some(true) {
        end_late(span, now);
    }
}

/// Hands an ended span to the pipeline.
pub(crate) fn push(header: &Header, body: &[u8]) {
    if with(|local| local.push(header, body)).flatten().is_none() {
        push_late(header, body);
    }
}

/// The same from a thread that is being torn down, and has no end of the queue any more: it gets one for this span.
#[cold]
fn push_late(header: &Header, body: &[u8]) {
    let installed = installed::current();
    if let Some(pipeline) = installed.as_ref().and_then(|installed| installed.pipeline.as_ref()) {
        pipeline.producer().push(header, body);
    }
}

/// Keeps a released slot for the next span.
pub(crate) fn keep(free: Own) {
    // On a thread that is being torn down another one may have it.
    let mut kept = Some(free);
    with(|local| {
        let mut parts = local.parts()?;
        kept.take().map(|free| parts.pool.put(free))
    });
    if let Some(free) = kept {
        pool::share(free);
    }
}

impl Local {
    fn new() -> Self {
        Self {
            // See `with`.
            usable: context::is_there(),
            seen: Cell::new(Generation::NONE),
            parent_based: Cell::new(None),
            asking: Cell::new(false),
            retired: Cell::default(),
            parts: RefCell::new(Parts {
                frames: Frames::default(),
                pool: Pool::default(),
                rule: Rule::CAPTURES,
                limits: Limits::default(),
                ids: generator(),
                here: Here::default(),
            }),
        }
    }

    /// None while they are in use: an allocator of the application's may make spans while we allocate.
    #[inline]
    pub(crate) fn parts(&self) -> Option<RefMut<'_, Parts>> {
        self.parts.try_borrow_mut().ok()
    }

    /// Whether a new span does as its parent does; None if nobody records.
    ///
    /// To be called where nothing is held: no slot, and no lock or borrow of OpenTelemetry's, under which it calls our
    /// spans and tracers. What was known before is dropped, which may be the last to hold a sampler of the application's.
    #[inline]
    pub(crate) fn looks(&self) -> Option<bool> {
        if self.seen.get() != installed::generation() {
            self.settle();
        }
        self.parent_based.get()
    }

    /// The same where something may be held.
    pub(crate) fn looks_unsettled(&self) -> Option<bool> {
        self.look_if_changed();
        self.parent_based.get()
    }

    #[inline]
    fn look_if_changed(&self) {
        if self.seen.get() != installed::generation() {
            self.look_again();
        }
    }

    #[cold]
    fn settle(&self) {
        drop(self.retired.take());
        self.look_again();
    }

    #[cold]
    fn look_again(&self) {
        let Some(mut parts) = self.parts() else { return };
        let parts = &mut *parts;
        let generation = installed::generation();
        if generation.forks() != parts.here.generation.forks() {
            // A forked process must not go on where its parent does.
            parts.ids = generator();
        }
        let mut retired = self.retired.take();
        if generation.changes() == parts.here.generation.changes() {
            parts.here.generation = generation;
        } else {
            let here = Here::of(generation);
            parts.limits = here.installed.as_ref().map_or_else(Limits::default, |installed| installed.limits);
            parts.rule = here.installed.as_ref().map_or(Rule::CAPTURES, |installed| installed.rule);
            retired.push(std::mem::replace(&mut parts.here, here));
            self.parent_based.set(if self.asking.get() { None } else { parts.parent_based() });
        }
        let is_settled = retired.iter().all(|here| here.installed.is_none());
        self.seen.set(if is_settled { generation } else { Generation::NONE });
        self.retired.set(retired);
    }

    /// What is installed, as this thread knows it.
    pub(crate) fn installed(&self) -> Option<Arc<Installed>> {
        self.parts()?.here.installed.clone()
    }

    /// Whether a sampler or a provider of the application's is being asked on this thread.
    pub(crate) fn is_asking(&self) -> bool {
        self.asking.get()
    }

    /// Runs a sampler or a provider of the application's. None if it panics.
    pub(crate) fn asking<R>(&self, ask: impl FnOnce() -> R) -> Option<R> {
        self.asking.set(true);
        self.parent_based.set(None);
        let answer = guarded(ask);
        self.asking.set(false);
        self.parent_based.set(self.parts().and_then(|parts| parts.parent_based()));
        answer
    }

    /// Hands an ended span to the pipeline. None: it cannot, at the moment.
    fn push(&self, header: &Header, body: &[u8]) -> Option<()> {
        self.look_if_changed();
        self.parts()?.push(header, body);
        Some(())
    }

    /// Makes a context current, if there is one. Returns what [`detach`](Self::detach) needs.
    #[inline]
    pub(crate) fn attach(&self, context: impl FnOnce() -> Option<(Context, Place)>) -> usize {
        let (mut frame, mut guard) = (NOTHING, None);
        // In the middle of `Context::map_current` OpenTelemetry panics: then it is not current.
        guarded(|| {
            let Some((context, place)) = context() else { return };
            // Before it is current: what is at hand then would be put away for the call, and copied from there.
            frame = self.parts().map_or(NOTHING, |mut parts| parts.frames.push(place, false));
            guard = Some(context.attach());
        });
        if let Some(guard) = guard {
            self.keep(frame, guard);
        }
        frame
    }

    /// Keeps what made a frame current.
    #[expect(clippy::inline_always, reason = "a call would double it")]
    #[inline(always)]
    pub(crate) fn keep(&self, frame: usize, guard: ContextGuard) {
        if let Some(mut parts) = self.parts() {
            parts.frames.keep(frame, guard);
        }
    }

    /// Makes current again what was before.
    #[inline]
    pub(crate) fn detach(&self, frame: usize) {
        let over = self.parts().and_then(|mut parts| parts.frames.pop(frame));
        // Outside the borrow: what the context holds may be dropped here, and come back.
        drop(over);
    }

    /// Ends the span of a frame, if it has one, and makes current again what was before. `now` by the clock.
    #[expect(clippy::inline_always, reason = "a call would be a tenth of the whole")]
    #[inline(always)]
    pub(crate) fn exit(&self, frame: usize, now: Option<u64>) {
        self.look_if_changed();
        let guard = {
            let Some(mut parts) = self.parts() else { return };
            let span = parts.frames.span(frame);
            let guard = parts.frames.pop(frame);
            if let Some(ended) = span.and_then(SlotRef::release) {
                parts.end(ended, now.unwrap_or_else(clock::now));
            }
            guard
        };
        // Last, and outside the borrow: what the context holds may take its time to drop, and come back.
        drop(guard);
    }

    /// Ends a span, and lets go of its slot. False: it cannot, at the moment.
    #[inline]
    fn end(&self, span: SlotRef, now: u64) -> bool {
        self.look_if_changed();
        let Some(mut parts) = self.parts() else { return false };
        let Some(mut ended) = span.release() else { return true };
        let context = ended.get().context.take();
        parts.end(ended, now);
        drop(parts);
        // Last, and outside the borrow: it may hold anything, and what it holds may come back to us when it is dropped.
        drop(context);
        true
    }

    /// The span that was made current.
    #[inline]
    pub(crate) fn span_at(&self, frame: usize) -> Option<SlotRef> {
        self.parts()?.frames.span(frame)
    }

    /// The place of the span with this id, if it is the one that was made current last.
    #[inline]
    pub(crate) fn place_of(&self, span_id: u64) -> Place {
        self.parts().map_or(Place::NOWHERE, |parts| parts.frames.place_of(span_id))
    }
}

impl Here {
    fn of(generation: Generation) -> Self {
        let installed = installed::current();
        let pipeline = installed.as_ref().and_then(|installed| installed.pipeline.as_ref());
        Self { generation, producer: pipeline.map(Pipeline::producer), installed }
    }
}

impl Parts {
    fn parent_based(&self) -> Option<bool> {
        self.here.installed.as_ref().map(|_| self.rule.parent_based)
    }

    /// A random trace id, not zero.
    #[inline]
    pub(crate) fn trace_id(&mut self) -> u128 {
        (u128::from(self.ids.next_u64()) << 64 | u128::from(self.ids.next_u64())).max(1)
    }

    /// A random span id, not zero.
    #[inline]
    pub(crate) fn span_id(&mut self) -> u64 {
        self.ids.next_u64().max(1)
    }

    /// Counts a root that the sampler left out.
    #[inline]
    pub(crate) fn sampled_out(&mut self) {
        if let Some(producer) = &mut self.here.producer {
            producer.sampled_out();
        }
    }

    #[inline]
    fn push(&mut self, header: &Header, body: &[u8]) {
        if let Some(producer) = &mut self.here.producer {
            producer.push(header, body);
        }
    }

    #[inline]
    fn end(&mut self, mut ended: Own, now: u64) {
        let live = ended.get();
        live.finish(now.wrapping_add(live.offset), |header, body| self.push(header, body));
        live.trim();
        self.pool.put(ended);
    }
}

impl Drop for Local {
    /// Ends what is still entered: whoever holds it lives in another thread-local, and comes too late.
    fn drop(&mut self) {
        for span in self.parts.get_mut().frames.left_over() {
            end_late(span, clock::now());
        }
    }
}

/// Ends a span on a thread that is being torn down, or that is in the middle of another one.
#[cold]
fn end_late(span: SlotRef, now: u64) {
    let Some(mut ended) = span.release() else { return };
    let live = ended.get();
    live.finish(now.wrapping_add(live.offset), push_late);
    live.trim();
    let context = live.context.take();
    keep(ended);
    drop(context);
}

/// A generator seeded by the operating system; where it refuses, by the standard library's own keys.
fn generator() -> SmallRng {
    SmallRng::try_from_os_rng()
        .unwrap_or_else(|_| SmallRng::seed_from_u64(RandomState::new().hash_one(std::thread::current().id())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forked_process_goes_on_with_other_ids() {
        with(|local| {
            local.looks();
            let mut would_be = local.parts().unwrap().ids.clone();
            let mut next = || (local.parts().unwrap().span_id(), would_be.next_u64());
            let (same, expected) = next();
            assert_eq!(same, expected);
            installed::forked();
            local.looks();
            let (other, expected) = next();
            assert_ne!(other, expected);
        });
    }
}
