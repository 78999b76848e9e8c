//! What each thread keeps: what is current, ids, free slots, and its end of the pipeline's queue.

use std::cell::{Cell, RefCell};
use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;
use std::sync::Arc;

use opentelemetry::{Context, ContextGuard};
use rand::rngs::SmallRng;
use rand::{RngCore, SeedableRng};

use super::fork;
use super::installed::{self, Installed};
use super::live::Live;
use super::pool::{self, Free, Pool, SlotRef, Taken};
use super::sampling::Rule;
use crate::context;
use crate::pipeline::Producer;
use crate::record::{Body, Header, Limits};

/// What [`Local::attach`] returns where it attached nothing.
pub(crate) const NOTHING: usize = usize::MAX;

thread_local! {
    static LOCAL: Local = Local::new();
}

pub(crate) struct Local {
    /// OpenTelemetry's thread-local was there when this was made.
    usable: bool,
    frames: RefCell<Vec<Frame>>,
    ids: RefCell<Ids>,
    pool: RefCell<Pool>,
    here: RefCell<Option<Rc<Here>>>,
    /// What is in `here`, at hand.
    rule: Cell<Option<Rule>>,
    generation: Cell<u64>,
    /// What this thread knew before, until [`Self::settle`].
    retired: RefCell<Vec<Rc<Here>>>,
    /// A sampler or a provider of the application's is being asked: what it calls makes no spans, or it would be asked for ever.
    asking: Cell<bool>,
}

/// Who records, as this thread knows it.
struct Here {
    installed: Arc<Installed>,
    producer: Option<RefCell<Producer>>,
}

/// Something that was made current on this thread.
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

/// Works with this thread's part, if the thread is not being torn down. OpenTelemetry's own thread-local must not
/// be touched then, since that panics: ours is made after it, so it goes first.
#[inline]
pub(crate) fn with<R>(work: impl FnOnce(&Local) -> R) -> Option<R> {
    LOCAL.try_with(|local| local.usable.then(|| work(local))).ok()?
}

/// Hands an ended span to the pipeline.
pub(crate) fn push(header: Header, body: &[u8]) {
    if with(|local| local.push(header, body)).is_none() {
        push_late(header, body);
    }
}

/// The same from a thread that is being torn down, and has no end of the queue any more: it gets one for this span.
#[cold]
pub(crate) fn push_late(header: Header, body: &[u8]) {
    let (_, installed) = installed::current();
    if let Some(pipeline) = installed.as_ref().and_then(|installed| installed.pipeline.as_ref()) {
        pipeline.producer().push(header, body);
    }
}

/// Keeps a released slot for the next span.
pub(crate) fn keep(free: Free, memory: Box<Live>) {
    // On a thread that is being torn down another one may have it.
    let mut kept = Some((free, memory));
    with(|local| kept.take().map(|(free, memory)| local.keep(free, memory)));
    if let Some((free, memory)) = kept {
        pool::give(free, memory);
    }
}

impl Local {
    fn new() -> Self {
        Self {
            // See `with`.
            usable: context::is_there(),
            frames: RefCell::default(),
            ids: RefCell::new(Ids { generator: generator(), forks: fork::count() }),
            pool: RefCell::default(),
            here: RefCell::default(),
            rule: Cell::new(None),
            generation: Cell::new(0),
            retired: RefCell::default(),
            asking: Cell::new(false),
        }
    }

    /// What is to be done with a new span; None if nobody records.
    #[inline]
    pub(crate) fn rule(&self) -> Option<Rule> {
        self.look_if_changed();
        if self.asking.get() { None } else { self.rule.get() }
    }

    #[inline]
    fn look_if_changed(&self) {
        if self.generation.get() != installed::generation() {
            self.look_again();
        }
    }

    /// What is installed, as this thread knows it.
    pub(crate) fn installed(&self) -> Option<Arc<Installed>> {
        self.here.borrow().as_ref().map(|here| here.installed.clone())
    }

    /// Makes a body empty, under the limits that hold.
    #[inline]
    pub(crate) fn reset(&self, body: &mut Body) {
        match &*self.here.borrow() {
            Some(here) => body.reset(&here.installed.limits),
            None => body.reset(&Limits::default()),
        }
    }

    /// Drops what was known before, which may be the last to hold a sampler of the application's. To be called where
    /// nothing is held: no slot, and no lock or borrow of OpenTelemetry's, under which it calls our spans and tracers.
    #[inline]
    pub(crate) fn settle(&self) {
        if !self.retired.borrow().is_empty() {
            let retired = self.retired.take();
            drop(retired);
        }
    }

    #[cold]
    fn look_again(&self) {
        let (generation, installed) = installed::current();
        let here = installed.map(|installed| {
            let producer = installed.pipeline.as_ref().map(|pipeline| RefCell::new(pipeline.producer()));
            Rc::new(Here { installed, producer })
        });
        self.generation.set(generation);
        self.rule.set(here.as_ref().map(|here| here.installed.rule));
        self.retired.borrow_mut().extend(self.here.replace(here));
    }

    /// Whether a sampler or a provider of the application's is being asked on this thread.
    pub(crate) fn is_asking(&self) -> bool {
        self.asking.get()
    }

    /// Runs a sampler or a provider of the application's. None if it panics.
    pub(crate) fn asking<R>(&self, ask: impl FnOnce() -> R) -> Option<R> {
        self.asking.set(true);
        let answer = super::guarded(ask);
        self.asking.set(false);
        answer
    }

    /// Hands an ended span to the pipeline.
    #[inline]
    pub(crate) fn push(&self, header: Header, body: &[u8]) {
        self.look_if_changed();
        if let Some(here) = &*self.here.borrow()
            && let Some(producer) = &here.producer
        {
            producer.borrow_mut().push(header, body);
        }
    }

    /// Counts a root that the sampler left out.
    #[inline]
    pub(crate) fn sampled_out(&self) {
        if let Some(here) = &*self.here.borrow()
            && let Some(producer) = &here.producer
        {
            producer.borrow_mut().sampled_out();
        }
    }

    /// Keeps a released slot for the next span.
    #[inline]
    pub(crate) fn keep(&self, free: Free, memory: Box<Live>) {
        self.pool.borrow_mut().put(free, memory);
    }

    /// A free slot, and a span to fill in.
    #[inline]
    pub(crate) fn take_slot(&self) -> Taken {
        self.pool.borrow_mut().take()
    }

    /// A random trace id, not zero.
    #[inline]
    pub(crate) fn trace_id(&self) -> u128 {
        let mut ids = self.ids.borrow_mut();
        ids.check();
        let ids = &mut ids.generator;
        (u128::from(ids.next_u64()) << 64 | u128::from(ids.next_u64())).max(1)
    }

    /// A random span id, not zero.
    #[inline]
    pub(crate) fn span_id(&self) -> u64 {
        let mut ids = self.ids.borrow_mut();
        ids.check();
        ids.generator.next_u64().max(1)
    }

    /// Makes a context current. Returns what [`detach`](Self::detach) needs.
    #[inline]
    pub(crate) fn attach(&self, context: impl FnOnce() -> Context, place: Place) -> usize {
        self.push_frame(Some(context), place, false)
    }

    /// The same for a span that ends where it is detached; without a context it has its place and is not current.
    #[inline]
    pub(crate) fn enter(&self, context: Option<impl FnOnce() -> Context>, place: Place) -> usize {
        self.push_frame(context, place, true)
    }

    #[inline]
    fn push_frame(&self, context: Option<impl FnOnce() -> Context>, place: Place, ends: bool) -> usize {
        // In the middle of `Context::map_current` OpenTelemetry panics: then the span is recorded, and not current.
        let guard = context.and_then(|context| super::guarded(|| context().attach()));
        let mut frames = self.frames.borrow_mut();
        let at = frames.len();
        // Filled in where it lies: see `Start`.
        frames.push(Frame::default());
        if let Some(frame) = frames.last_mut() {
            frame.place = place;
            frame.guard = guard;
            frame.ends = ends;
        }
        at
    }

    /// The span that was made current.
    #[inline]
    pub(crate) fn span_at(&self, frame: usize) -> Option<SlotRef> {
        self.frames.borrow().get(frame)?.place.span
    }

    /// Makes current again what was before.
    #[inline]
    pub(crate) fn detach(&self, frame: usize) {
        let guard = {
            let mut frames = self.frames.borrow_mut();
            let last = frames.len().wrapping_sub(1);
            let Some(over) = frames.get_mut(frame) else { return };
            over.is_over = true;
            let guard = over.guard.take();
            if frame == last {
                // In place: frames that were just written are not to be moved.
                let ended = frames.iter().rev().take_while(|frame| frame.is_over).count();
                frames.truncate(last + 1 - ended);
            }
            guard
        };
        // Outside the borrow: what the context holds may be dropped here, and come back.
        drop(guard);
    }

    /// The place of the span with this id, if it is the one that was made current last.
    #[inline]
    pub(crate) fn place_of(&self, span_id: u64) -> Place {
        match self.frames.borrow().last() {
            Some(frame) if frame.place.span_id == span_id && span_id != 0 => frame.place,
            _ => Place::NOWHERE,
        }
    }
}

impl Drop for Local {
    /// Ends what is still entered: whoever holds it lives in another thread-local, and comes too late.
    fn drop(&mut self) {
        let frames = self.frames.take();
        for frame in frames.iter().rev().filter(|frame| frame.ends && !frame.is_over) {
            super::seam::end_late(frame.place.span, super::clock::now());
        }
    }
}

/// Random ids. A forked process must not go on where its parent does, so it starts anew.
struct Ids {
    generator: SmallRng,
    forks: u32,
}

impl Ids {
    #[inline]
    fn check(&mut self) {
        let forks = fork::count();
        if self.forks != forks {
            *self = Self { generator: generator(), forks };
        }
    }
}

/// A generator seeded by the operating system; where it refuses, by the standard library's own keys.
fn generator() -> SmallRng {
    SmallRng::try_from_os_rng()
        .unwrap_or_else(|_| SmallRng::seed_from_u64(RandomState::new().hash_one(std::thread::current().id())))
}
