//! Records spans: the seam's recorder, and the tracer provider of the OpenTelemetry API.
//!
//! | file | what lives there |
//! |---|---|
//! | `seam` | spans of annotated functions |
//! | `tell` | what they are told while they live, and their outcome |
//! | `provider`, `span` | spans of third parties, through OpenTelemetry's API |
//! | `start` | parent, sampling and ids of a new span |
//! | `sampling` | the rule that a sampler comes down to |
//! | `live` | a span that has begun |
//! | `slot`, `sync`, `pool` | where it lies |
//! | `failure` | errors and panics |
//! | `fork` | being told when this process is forked |
//! | `local`, `frames` | what each thread keeps, and what it made current |
//! | `installed` | who records |
//! | `said` | what a call says of its span, in OpenTelemetry's own form |
//! | `through` | the seam's recorder over somebody else's provider |
//! | `capture` | spans for a test to see |
//! | `clock` | the time |
//! | `counter`, `rate` | the processor's counter, and how fast it runs |

pub(crate) mod capture;
mod clock;
mod counter;
mod failure;
mod fork;
mod frames;
mod installed;
mod live;
mod local;
mod pool;
mod provider;
mod rate;
mod said;
mod sampling;
mod seam;
mod slot;
mod span;
mod start;
mod sync;
mod tell;
mod through;

pub(crate) use installed::{Capturing, InstallFailed, Installation, Settings, install, use_global_provider};
pub(crate) use sampling::SamplerChoice;
pub(crate) use through::{install_through, install_through_global};

/// Runs what may be the user's code, such as a field's expression. Its panic is printed by the panic hook and goes no
/// further: the program would not have panicked without telemetry.
#[inline]
fn guarded<R>(work: impl FnOnce() -> R) -> Option<R> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).ok()
}
