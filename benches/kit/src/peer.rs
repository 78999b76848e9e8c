//! What a peer implements, and the groups of calls that are measured.

use std::future::Future;
use std::hint::black_box;
use std::io;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::order::{Case, To};

/// Spans in a group: a batch by default, with each peer.
pub(crate) const GROUP: u64 = 512;

/// Of [`Sampling::Ratio`].
pub const RATIO: f64 = 0.01;

/// What to set up.
#[derive(Clone, Debug)]
pub struct Setup {
    pub to: To,
    pub sampling: Sampling,
}

/// Which traces are sampled, where nobody has decided yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampling {
    All,
    None,
    /// [`RATIO`] of them.
    Ratio,
}

/// Somebody who makes spans, each as its users would write it.
pub trait Peer: 'static {
    /// Kept while telemetry runs.
    type Guard;

    /// Sets telemetry up with the peer's defaults.
    fn install(setup: &Setup) -> Self::Guard;

    /// Spans exported so far.
    fn exported(guard: &Self::Guard) -> u64;

    /// Exports what is left.
    fn flush(guard: &Self::Guard);

    /// Exports what is left and ends telemetry.
    fn shutdown(guard: &Self::Guard);

    /// Spans lost, by the peer's own count, if it has one.
    fn lost(_guard: &Self::Guard) -> Option<u64> {
        None
    }

    /// Works below a new sampled span.
    fn under_root(work: impl FnOnce());

    /// Works below a span that is not sampled.
    fn under_unsampled(work: impl FnOnce());

    /// A function without arguments.
    fn plain();

    /// The same, where the peer can be told that it makes no span itself.
    fn leaf() {
        Self::plain();
    }

    /// The same called where there is no parent.
    fn root() {
        Self::plain();
    }

    /// A function whose three arguments are recorded.
    fn attributes(id: i64, name: &str, express: bool);

    /// A function that yields twice, by [`Twice`].
    fn yields() -> impl Future<Output = ()>;

    /// A function that fails, by [`refused`].
    ///
    /// # Errors
    ///
    /// Always.
    fn fails() -> io::Result<()>;

    /// A function that calls itself until there are so many spans, called where there is no parent.
    fn tree(depth: u32);
}

/// The work of a function: none that costs anything, and none that the compiler removes.
pub fn work() {
    black_box(());
}

/// The error of a function that fails.
#[must_use]
pub fn refused() -> io::Error {
    io::ErrorKind::ConnectionRefused.into()
}

/// A future that is pending twice.
#[derive(Debug, Default)]
pub struct Twice(u8);

impl Future for Twice {
    type Output = ();

    fn poll(mut self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        self.0 += 1;
        if self.0 > 2 { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// Polls a future until it is ready.
fn poll_to_the_end<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

impl Case {
    /// None: nothing is set up.
    pub(crate) fn setup(self) -> Option<Setup> {
        let sampling = match self {
            Self::Nothing => return None,
            Self::UnsampledRoot => Sampling::None,
            Self::Ratio => Sampling::Ratio,
            _ => Sampling::All,
        };
        Some(Setup { to: To::Drop, sampling })
    }

    /// Calls, the function that a case is about about [`GROUP`] times. Returns calls, and how many spans they
    /// export for sure.
    #[inline]
    pub(crate) fn group<P: Peer>(self) -> (u64, u64) {
        match self {
            Self::Child | Self::Threads => children::<P>(P::plain),
            Self::Leaf => children::<P>(P::leaf),
            Self::Attributes => {
                children::<P>(|| P::attributes(black_box(42), black_box("c-123456"), black_box(true)))
            }
            Self::Async => children::<P>(|| poll_to_the_end(P::yields())),
            Self::Error => children::<P>(|| {
                let _ = black_box(P::fails());
            }),
            Self::Root => {
                (0..GROUP).for_each(|_| P::root());
                (GROUP, GROUP)
            }
            Self::Tree => {
                (0..GROUP / 10).for_each(|_| P::tree(10));
                (GROUP / 10 * 10, GROUP / 10 * 10)
            }
            Self::UnsampledParent => {
                P::under_unsampled(|| (0..GROUP).for_each(|_| P::plain()));
                (GROUP, 0)
            }
            Self::UnsampledRoot | Self::Ratio => {
                (0..GROUP).for_each(|_| P::root());
                (GROUP, 0)
            }
            Self::Nothing => {
                (0..GROUP).for_each(|_| P::plain());
                (GROUP, 0)
            }
        }
    }
}

/// A root and its children.
#[inline]
fn children<P: Peer>(call: impl Fn()) -> (u64, u64) {
    P::under_root(|| (1..GROUP).for_each(|_| call()));
    (GROUP, GROUP)
}
