//! What is installed: one for the process, found by threads without a lock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use traced_core::cell;

use super::provider::Provider;
use super::sampling::{Rule, SamplerChoice};
use super::seam::RECORDER;
use super::{capture, clock, failure, fork, through};
use crate::pipeline::Pipeline;
use crate::record::Limits;

/// What the recorder needs.
pub(crate) struct Settings {
    pub(crate) sampler: SamplerChoice,
    pub(crate) limits: Limits,
    pub(crate) pipeline: Pipeline,
}

/// What is installed.
#[derive(Debug)]
pub(crate) struct Installed {
    /// None: only captures see spans.
    pub(crate) sampler: Option<SamplerChoice>,
    pub(crate) rule: Rule,
    pub(crate) limits: Limits,
    pub(crate) pipeline: Option<Pipeline>,
}

/// Takes it out again.
#[derive(Debug)]
pub(crate) struct Installation(Kind);

#[derive(Debug)]
enum Kind {
    Own,
    Through,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InstallFailed {
    AlreadyInstalled,
    TooMany,
}

struct State {
    /// By [`install`].
    own: Option<Arc<Installed>>,
    /// Another provider records, by [`install_through`] or its like.
    through: bool,
    captures: usize,
}

static STATE: Mutex<State> = Mutex::new(State { own: None, through: false, captures: 0 });
static GENERATION: AtomicU64 = AtomicU64::new(0);

/// Of the low half, one for each change of what is installed; of the high half, one for each fork of the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Generation(u64);

impl Generation {
    /// One that there never is.
    pub(crate) const NONE: Self = Self(u64::MAX);
    const FORK: u64 = 1 << 32;

    pub(crate) fn changes(self) -> u64 {
        self.0 % Self::FORK
    }

    pub(crate) fn forks(self) -> u64 {
        self.0 / Self::FORK
    }
}

/// Changes whenever what is installed does, and in a process that was forked.
#[inline]
pub(crate) fn generation() -> Generation {
    Generation(GENERATION.load(Ordering::Acquire))
}

/// What is installed, of a generation read before or of a later one.
pub(crate) fn current() -> Option<Arc<Installed>> {
    let state = state();
    state.own.clone().or_else(|| (state.captures > 0).then(only_captures))
}

/// Tells every thread that this process was forked. It is in the midst of that: no more than this is allowed.
pub(super) fn forked() {
    GENERATION.fetch_add(Generation::FORK, Ordering::Release);
}

/// Installs our own recorder, behind `#[traced]` and as OpenTelemetry's global provider.
pub(crate) fn install(settings: Settings) -> Result<Installation, InstallFailed> {
    let mut state = state();
    if state.own.is_some() || state.through {
        return Err(InstallFailed::AlreadyInstalled);
    }
    state.own = Some(Arc::new(Installed {
        rule: Rule::of(&settings.sampler),
        sampler: Some(settings.sampler),
        limits: settings.limits,
        pipeline: Some(settings.pipeline),
    }));
    if let Err(failed) = changed(&state) {
        let unused = state.own.take();
        // The lock first: what is dropped may be the user's, and come back.
        drop(state);
        drop(unused);
        return Err(failed);
    }
    drop(state);
    use_global_provider();
    Ok(Installation(Kind::Own))
}

/// Makes `#[traced]` record through another provider.
pub(crate) fn install_through(target: through::Target) -> Result<Installation, InstallFailed> {
    let mut state = state();
    if state.own.is_some() || state.through {
        return Err(InstallFailed::AlreadyInstalled);
    }
    state.through = true;
    let mut unused = through::set(Some(target));
    let changed = changed(&state);
    if changed.is_err() {
        state.through = false;
        unused = through::set(None);
    }
    // The lock first: what is dropped may be the user's, and come back.
    drop(state);
    drop(unused);
    changed?;
    Ok(Installation(Kind::Through))
}

/// Makes our provider OpenTelemetry's global one, so that spans of third parties come to us.
pub(crate) fn use_global_provider() {
    opentelemetry::global::set_tracer_provider(Provider);
}

impl Installation {
    pub(crate) fn uninstall(&self) {
        let mut state = state();
        let (own, through) = match self.0 {
            Kind::Own => (state.own.take(), None),
            Kind::Through => {
                state.through = false;
                (None, through::set(None))
            }
        };
        // What was installed before had a place, so there is one.
        let _ = changed(&state);
        // The lock first: what is dropped may be the user's, and come back.
        drop(state);
        drop((own, through));
    }
}

/// A capture, for as long as this lives. Spans are recorded meanwhile even if nothing is installed.
#[derive(Debug)]
pub(crate) struct Capturing(pub(crate) capture::Registered);

impl Capturing {
    pub(crate) fn new() -> Self {
        let mut state = state();
        state.captures += 1;
        if state.captures == 1 {
            // More recorders than places: then the capture stays empty, which its test will notice.
            let _ = changed(&state);
        }
        Self(capture::Registered::new())
    }
}

impl Drop for Capturing {
    fn drop(&mut self) {
        let mut state = state();
        state.captures -= 1;
        if state.captures == 0 {
            let _ = changed(&state);
        }
    }
}

/// Tells every thread, and puts the right recorder in charge.
fn changed(state: &State) -> Result<(), InstallFailed> {
    clock::start();
    failure::note_panics();
    fork::watch();
    GENERATION.fetch_add(1, Ordering::Release);
    let installed = if state.through {
        cell::install(&through::THROUGH)
    } else if state.own.is_some() || state.captures > 0 {
        cell::install(&RECORDER)
    } else {
        cell::uninstall(&RECORDER);
        cell::uninstall(&through::THROUGH);
        Ok(())
    };
    installed.map_err(|_| InstallFailed::TooMany)
}

fn only_captures() -> Arc<Installed> {
    Arc::new(Installed { sampler: None, rule: Rule::CAPTURES, limits: Limits::default(), pipeline: None })
}

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}
