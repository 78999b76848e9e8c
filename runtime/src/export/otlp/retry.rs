//! When to try again.
//! Specification: <https://opentelemetry.io/docs/specs/otlp/#failures>.

use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};

/// How often one request is tried. With the delays below that is three seconds at most where nobody
/// listens, so that a shutdown under the default deadline can still say why.
pub(super) const ATTEMPTS: u32 = 5;

const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(5);

/// Exponential, with jitter, so that the clients of a server that comes back do not all come at once.
pub(super) struct Backoff(SmallRng);

impl Backoff {
    pub(super) fn new() -> Self {
        Self(SmallRng::from_os_rng())
    }

    /// How long to wait after an attempt (the first is 1), given what the server asked for.
    pub(super) fn delay(&mut self, attempt: u32, asked: Option<Duration>) -> Duration {
        if let Some(asked) = asked.filter(|asked| !asked.is_zero()) {
            // As asked or a little longer, never shorter. Saturates at what nobody waits for.
            return asked.saturating_add(asked.min(LONGEST).mul_f64(self.0.random_range(0.0..0.1)));
        }
        let doubled = FIRST.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)));
        doubled.min(LONGEST).mul_f64(self.0.random_range(0.5..1.0))
    }
}
