//! Who records. One atomic: while it is zero, an annotated call costs a load and a branch.

use std::num::NonZeroUsize;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::recorder::Recorder;

/// Recorders that have ever been installed. There is one for each way to record and for each major version
/// of the runtime in the program, so a handful of places is plenty; and places that are only ever filled
/// need no unsafe code to be read.
static PLACES: [OnceLock<&'static dyn Recorder>; 16] = [const { OnceLock::new() }; 16];

/// The place of the recorder in charge, plus one; zero while nobody records.
static IN_CHARGE: AtomicUsize = AtomicUsize::new(0);

/// The recorder in charge, if somebody records.
#[inline]
#[must_use]
pub fn recorder() -> Option<&'static dyn Recorder> {
    InCharge::now().and_then(InCharge::recorder)
}

/// That somebody records: all that is asked where it is asked once for each annotated function.
#[derive(Clone, Copy)]
pub(crate) struct InCharge(NonZeroUsize);

impl InCharge {
    #[inline]
    pub(crate) fn now() -> Option<Self> {
        NonZeroUsize::new(IN_CHARGE.load(Ordering::Acquire)).map(Self)
    }

    /// That this one records, if it has ever been installed.
    pub(crate) fn of(recorder: &'static dyn Recorder) -> Option<Self> {
        let is_there = |place: &OnceLock<&'static dyn Recorder>| {
            place.get().is_some_and(|there| std::ptr::addr_eq(*there, recorder))
        };
        NonZeroUsize::new(PLACES.iter().position(is_there)? + 1).map(Self)
    }

    #[inline]
    pub(crate) fn recorder(self) -> Option<&'static dyn Recorder> {
        in_place(self.0.get())
    }
}

/// Puts a recorder in charge. Spans that have begun end with the recorder that began them.
///
/// # Errors
///
/// [`TooMany`] where sixteen other recorders have been in charge of this process before.
pub fn install(recorder: &'static dyn Recorder) -> Result<(), TooMany> {
    for (index, place) in PLACES.iter().enumerate() {
        let there = *place.get_or_init(|| recorder);
        if std::ptr::addr_eq(there, recorder) {
            IN_CHARGE.store(index + 1, Ordering::Release);
            return Ok(());
        }
    }
    Err(TooMany)
}

/// Takes a recorder out of charge, if it is the one in charge.
pub fn uninstall(recorder: &'static dyn Recorder) {
    let place = IN_CHARGE.load(Ordering::Acquire);
    if in_place(place).is_some_and(|there| std::ptr::addr_eq(there, recorder)) {
        // Lost to somebody who installed another one meanwhile: then theirs stays.
        let _ = IN_CHARGE.compare_exchange(place, 0, Ordering::AcqRel, Ordering::Relaxed);
    }
}

/// More recorders than the cell has places for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TooMany;

impl std::fmt::Display for TooMany {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} different recorders were installed in this process before: reuse one of them",
            PLACES.len()
        )
    }
}

impl std::error::Error for TooMany {}

#[inline]
fn in_place(place: usize) -> Option<&'static dyn Recorder> {
    PLACES.get(place.checked_sub(1)?)?.get().copied()
}
