//! Which call sites make spans at all. One filter for the process; its verdict is kept at each call site, so that a call
//! that is filtered out costs two loads.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::callsite::CallSite;

/// Whether a call site makes spans: asked once for each, until another filter is set.
pub type Filter = Arc<dyn Fn(&CallSite) -> bool + Send + Sync>;

/// Which filter is in force. [`NONE`]: there is none.
static GENERATION: AtomicU32 = AtomicU32::new(NONE);

const NONE: u32 = 0;

static STATE: Mutex<State> = Mutex::new(State { last: NONE, filter: None });

struct State {
    /// The generation given last. A generation is one bit shorter than a verdict.
    last: u32,
    filter: Option<Filter>,
}

/// Sets the filter, or with `None` lets every call site make spans. Returns the one before.
///
/// ```
/// use std::sync::Arc;
///
/// use traced_core::{CallSite, Level, filter};
///
/// static SITE: CallSite = CallSite::new("app", "app.rs", 1, || "app::f::__here").level(Level::Debug);
/// assert!(SITE.is_on());
/// filter::set(Some(Arc::new(|site| site.span_level() <= Level::Info)));
/// assert!(!SITE.is_on());
/// filter::set(None);
/// assert!(SITE.is_on());
/// ```
pub fn set(filter: Option<Filter>) -> Option<Filter> {
    let mut state = state();
    let generation = if filter.is_some() {
        state.last = (state.last + 1) & (u32::MAX >> 1);
        state.last = state.last.max(1);
        state.last
    } else {
        NONE
    };
    let before = std::mem::replace(&mut state.filter, filter);
    GENERATION.store(generation, Ordering::Release);
    before
}

/// What a filter has said of a call site: its generation, and in the lowest bit what it said.
#[derive(Debug)]
pub(crate) struct Verdict(AtomicU32);

impl Verdict {
    pub(crate) const fn new() -> Self {
        Self(AtomicU32::new(NONE))
    }

    #[inline]
    pub(crate) fn of(&self, site: &CallSite) -> bool {
        let generation = GENERATION.load(Ordering::Acquire);
        if generation == NONE {
            return true;
        }
        let known = self.0.load(Ordering::Relaxed);
        if known >> 1 == generation { known & 1 == 1 } else { self.ask(site) }
    }

    #[cold]
    fn ask(&self, site: &CallSite) -> bool {
        let (filter, generation) = {
            let state = state();
            (state.filter.clone(), state.last)
        };
        // Without the lock: the filter may come back.
        let Some(filter) = filter else { return true };
        let is_on = filter(site);
        self.0.store(generation << 1 | u32::from(is_on), Ordering::Relaxed);
        is_on
    }
}

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn a_filter_is_asked_once_for_each_call_site_until_there_is_another() {
        static SITE: CallSite = CallSite::new("filter", "f.rs", 1, || "filter::f::__here").target("counted");
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        let says = |is_on: bool| -> Option<Filter> {
            Some(Arc::new(move |site| {
                assert_eq!(site.span_target(), "counted");
                ASKED.fetch_add(1, Ordering::Relaxed);
                is_on
            }))
        };
        let asked = || ASKED.load(Ordering::Relaxed);
        assert!(SITE.is_on());
        assert_eq!(asked(), 0);
        for (is_on, times) in [(false, 1), (true, 2), (false, 3)] {
            set(says(is_on));
            assert_eq!([SITE.is_on(), SITE.is_on(), SITE.is_on()], [is_on; 3]);
            assert_eq!(asked(), times);
        }
        set(None);
        assert!(SITE.is_on());
        assert_eq!(asked(), 3);
    }
}
