//! What every function of `tests/tests/compiled/drop_order.rs` uses: things that note when they are dropped.
#![allow(unused, clippy::all)]

use std::cell::{Cell, RefCell};
#[allow(unused_imports)] // In the prelude of 2024.
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use traced::__private::recorder::{Change, Evaluate, Recorder, SpanIds};
use traced::__private::{Attached, CallSite, Carried, Handle, Outcome, cell};

thread_local! {
    static DROPPED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
    /// Whether the end of a span is noted, too.
    static EXITS: Cell<bool> = const { Cell::new(false) };
}

pub struct Noisy(&'static str);

type Maybe = Option<Noisy>;

impl Noisy {
    /// Asked of a temporary, which lives on.
    fn none(&self) -> Option<Noisy> {
        None
    }

    /// A temporary that borrows.
    fn guard(&self, name: &'static str) -> Guard<'_> {
        Guard(self, Noisy(name))
    }
}

impl Drop for Noisy {
    fn drop(&mut self) {
        DROPPED.with_borrow_mut(|dropped| dropped.push(self.0));
    }
}

/// Its name in a pattern makes no variable.
pub struct Unit;

impl Drop for Unit {
    fn drop(&mut self) {
        DROPPED.with_borrow_mut(|dropped| dropped.push("unit"));
    }
}

struct Guard<'a>(&'a Noisy, Noisy);

impl Guard<'_> {
    fn none(&self) -> Option<Noisy> {
        None
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        DROPPED.with_borrow_mut(|dropped| dropped.push("guard"));
    }
}

pub struct Pair {
    left: Noisy,
    right: Noisy,
}

pub struct Holder(Noisy);

fn touch(_: &[&Noisy]) {}

/// Pending once.
struct Once(bool);

impl Future for Once {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// Polls it so many times at most.
fn polled(future: impl Future, times: u8) {
    let mut future = pin!(future);
    for _ in 0..times {
        if future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            break;
        }
    }
    DROPPED.with_borrow_mut(|dropped| dropped.push("polled"));
}

fn report(function: &str, run: impl FnOnce()) {
    let panicked = catch_unwind(AssertUnwindSafe(run)).is_err();
    let dropped = DROPPED.take().join(" ");
    println!("{function}: {dropped}{}", if panicked { " panicked" } else { "" });
}

/// Records every span, and forgets it.
struct Forgets;

static FORGETS: Forgets = Forgets;

impl Recorder for Forgets {
    fn enter(&self, _: &'static CallSite, _: Evaluate<'_>) -> Option<Attached> {
        Some(Attached::new(0))
    }

    fn begin(&self, _: &'static CallSite, _: Evaluate<'_>) -> Option<Handle> {
        Some(Handle::new(&(), 0))
    }

    fn attach(&self, _: &Handle) -> Attached {
        Attached::new(0)
    }

    fn exit(&self, _: Attached, _: Outcome<'_>) {
        if EXITS.get() {
            DROPPED.with_borrow_mut(|dropped| dropped.push("exit"));
        }
    }

    fn detach(&self, _: Attached) {}
    fn end(&self, _: Handle, _: Outcome<'_>) {}
    fn change_span(&self, _: &Handle, _: Change<'_>) {}
    fn change(&self, _: Change<'_>) {}

    fn entered(&self, _: &Attached) -> Option<Handle> {
        None
    }

    fn is_recording(&self, _: &Handle) -> bool {
        true
    }

    fn current(&self) -> Option<SpanIds> {
        None
    }

    fn carry(&self) -> Option<Box<dyn Carried>> {
        None
    }
}
