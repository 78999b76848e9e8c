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
    generation: u64,
    /// By [`install`].
    own: Option<Arc<Installed>>,
    /// Another provider records, by [`install_through`] or its like.
    through: bool,
    captures: usize,
}

static STATE: Mutex<State> = Mutex::new(State { generation: 0, own: None, through: false, captures: 0 });
static GENERATION: AtomicU64 = AtomicU64::new(0);

/// Changes whenever what is installed does.
#[inline]
pub(crate) fn generation() -> u64 {
    GENERATION.load(Ordering::Acquire)
}

/// What is installed, and the generation that it is of.
pub(crate) fn current() -> (u64, Option<Arc<Installed>>) {
    let state = state();
    let installed = state.own.clone().or_else(|| (state.captures > 0).then(only_captures));
    (state.generation, installed)
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
    if let Err(failed) = changed(&mut state) {
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
    let changed = changed(&mut state);
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
        let _ = changed(&mut state);
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
            let _ = changed(&mut state);
        }
        Self(capture::Registered::new())
    }
}

impl Drop for Capturing {
    fn drop(&mut self) {
        let mut state = state();
        state.captures -= 1;
        if state.captures == 0 {
            let _ = changed(&mut state);
        }
    }
}

/// Tells every thread, and puts the right recorder in charge.
fn changed(state: &mut State) -> Result<(), InstallFailed> {
    clock::start();
    failure::note_panics();
    fork::watch();
    state.generation += 1;
    GENERATION.store(state.generation, Ordering::Release);
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
