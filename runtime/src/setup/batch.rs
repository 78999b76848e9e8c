//! How spans are batched, and what may be held.

use std::time::Duration;

use super::InstallError;
use super::env::{self, NO_LIMIT, Source};
use crate::pipeline::{Config, Problem, Reporter};

const DEFAULT_SIZE: u64 = 512;
const DEFAULT_DELAY: Duration = Duration::from_secs(5);
const DEFAULT_EXPORT_TIMEOUT: Duration = Duration::from_secs(30);
const DEFAULT_MEMORY: usize = 16 * 1024 * 1024;
/// A few threads' worth: with less, spans would be dropped before there is a batch.
const LEAST_MEMORY: usize = 64 * 1024;
/// A delay of nothing would have the pipeline awake all the time.
const LEAST_DELAY: Duration = Duration::from_millis(1);

/// How spans are batched. What is not set comes from the environment (`OTEL_BSP_*`), or is the default.
///
/// ```
/// use std::time::Duration;
///
/// use traced::Batch;
///
/// let builder = traced::builder().batch(Batch::new().size(2048).delay(Duration::from_secs(1)));
/// # let _ = builder;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Batch {
    size: Option<usize>,
    delay: Option<Duration>,
    export_timeout: Option<Duration>,
    queue: Option<usize>,
}

impl Batch {
    /// Nothing is set.
    ///
    /// ```
    /// assert_eq!(traced::Batch::new(), traced::Batch::default());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// How many spans are sent at once at most: 1 or more, 512 by default, as
    /// `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`. Not more than the [`queue`](Self::queue) holds.
    ///
    /// ```
    /// let batch = traced::Batch::new().size(2048);
    /// # let _ = batch;
    /// ```
    pub fn size(mut self, spans: usize) -> Self {
        self.size = Some(spans);
        self
    }

    /// How long a span waits for its batch to fill at most: 5 seconds by default, and a millisecond at
    /// least; as `OTEL_BSP_SCHEDULE_DELAY`.
    ///
    /// ```
    /// let batch = traced::Batch::new().delay(std::time::Duration::from_millis(500));
    /// # let _ = batch;
    /// ```
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = Some(delay);
        self
    }

    /// How long one batch may take, repetitions included: 30 seconds by default, and as long as it takes if
    /// zero; as `OTEL_BSP_EXPORT_TIMEOUT`.
    ///
    /// ```
    /// let batch = traced::Batch::new().export_timeout(std::time::Duration::from_secs(10));
    /// # let _ = batch;
    /// ```
    pub fn export_timeout(mut self, timeout: Duration) -> Self {
        self.export_timeout = Some(timeout);
        self
    }

    /// How many spans may wait for an exporter, 1 or more; as `OTEL_BSP_MAX_QUEUE_SIZE`. By default the
    /// [memory](super::Builder::memory) alone bounds them.
    ///
    /// ```
    /// let batch = traced::Batch::new().queue(10_000);
    /// # let _ = batch;
    /// ```
    pub fn queue(mut self, spans: usize) -> Self {
        self.queue = Some(spans);
        self
    }
}

/// The settings of the pipeline.
pub(super) fn config(
    batch: &Batch,
    memory: Option<usize>,
    source: Source<'_>,
    reporter: &Reporter,
) -> Result<Config, InstallError> {
    let memory = at_least("memory", memory, LEAST_MEMORY)?.unwrap_or(DEFAULT_MEMORY);
    let queue_size = at_least("batch", batch.queue, 1)?
        .or_else(|| source.limit(&[env::BSP_MAX_QUEUE_SIZE], 1).map(size_of));
    Ok(Config {
        batch_size: batch_size(batch, queue_size, source, reporter)?,
        delay: delay(batch, source),
        export_timeout: match batch.export_timeout {
            Some(Duration::ZERO) => NO_LIMIT,
            Some(timeout) => timeout.min(NO_LIMIT),
            None => source.timeout(&[env::BSP_EXPORT_TIMEOUT], DEFAULT_EXPORT_TIMEOUT),
        },
        queue_size,
        memory,
        code_attributes: true,
        reporter: reporter.clone(),
    })
}

/// A batch that the queue cannot hold would never be full.
fn batch_size(
    batch: &Batch,
    queue_size: Option<usize>,
    source: Source<'_>,
    reporter: &Reporter,
) -> Result<usize, InstallError> {
    let variable = env::BSP_MAX_EXPORT_BATCH_SIZE;
    let (size, asked_by) = match at_least("batch", batch.size, 1)? {
        Some(size) => (size, Some("Batch::size")),
        None => (
            size_of(source.number(&[variable], 1, DEFAULT_SIZE)),
            source.text(&variable).is_some().then_some(variable.name),
        ),
    };
    let Some(queue_size) = queue_size.filter(|queue_size| *queue_size < size) else { return Ok(size) };
    if let Some(asked_by) = asked_by {
        let why = format!("the queue holds {queue_size} spans");
        reporter.report(Problem::setting(asked_by, &size.to_string(), &why, &queue_size.to_string()));
    }
    Ok(queue_size)
}

fn delay(batch: &Batch, source: Source<'_>) -> Duration {
    let delay = batch.delay.unwrap_or_else(|| {
        let default = u64::try_from(DEFAULT_DELAY.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(source.number(&[env::BSP_SCHEDULE_DELAY], 0, default))
    });
    delay.clamp(LEAST_DELAY, NO_LIMIT)
}

fn at_least(
    setting: &'static str,
    value: Option<usize>,
    least: usize,
) -> Result<Option<usize>, InstallError> {
    match value {
        Some(value) if value < least => Err(InstallError::Setting {
            setting,
            value: value.to_string(),
            why: format!("expected {least} or more"),
        }),
        value => Ok(value),
    }
}

fn size_of(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Batch, NO_LIMIT, config};
    use crate::pipeline::Config;
    use crate::setup::InstallError;
    use crate::setup::testing::Environment;

    const DELAY: &str = "OTEL_BSP_SCHEDULE_DELAY";
    const TIMEOUT: &str = "OTEL_BSP_EXPORT_TIMEOUT";
    const QUEUE: &str = "OTEL_BSP_MAX_QUEUE_SIZE";
    const SIZE: &str = "OTEL_BSP_MAX_EXPORT_BATCH_SIZE";

    fn resolved(environment: &Environment, batch: &Batch) -> Config {
        environment.with(|source| config(batch, None, source, &environment.reporter())).unwrap()
    }

    /// Size, delay, timeout, queue.
    fn numbers(config: &Config) -> (usize, u128, u128, Option<usize>) {
        let timeout = if config.export_timeout == NO_LIMIT { 0 } else { config.export_timeout.as_millis() };
        (config.batch_size, config.delay.as_millis(), timeout, config.queue_size)
    }

    #[test]
    fn batching_of_the_environment() {
        for (variable, value, expected, accepted) in [
            (DELAY, "", (512, 5000, 30_000, None), true),
            (DELAY, " 100 ", (512, 100, 30_000, None), true),
            (DELAY, "0", (512, 1, 30_000, None), true),
            (DELAY, "-1", (512, 5000, 30_000, None), false),
            (DELAY, "1s", (512, 5000, 30_000, None), false),
            (DELAY, "18446744073709551615", (512, NO_LIMIT.as_millis(), 30_000, None), true),
            (TIMEOUT, "", (512, 5000, 30_000, None), true),
            (TIMEOUT, "100", (512, 5000, 100, None), true),
            (TIMEOUT, "0", (512, 5000, 0, None), true),
            (TIMEOUT, "18446744073709551615", (512, 5000, 0, None), true),
            (TIMEOUT, "soon", (512, 5000, 30_000, None), false),
            (QUEUE, "", (512, 5000, 30_000, None), true),
            (QUEUE, "1000", (512, 5000, 30_000, Some(1000)), true),
            (QUEUE, "100", (100, 5000, 30_000, Some(100)), true),
            (QUEUE, "0", (512, 5000, 30_000, None), false),
            (QUEUE, "much", (512, 5000, 30_000, None), false),
            (SIZE, "", (512, 5000, 30_000, None), true),
            (SIZE, "1", (1, 5000, 30_000, None), true),
            (SIZE, "0", (512, 5000, 30_000, None), false),
            (SIZE, "-512", (512, 5000, 30_000, None), false),
        ] {
            let environment = Environment::of([(variable, value)]);
            let config = resolved(&environment, &Batch::new());
            assert_eq!(numbers(&config), expected, "{variable}={value}");
            assert_eq!(config.memory, 16 * 1024 * 1024);
            environment.assert_refused((!accepted).then_some((variable, value)));
        }
    }

    #[test]
    fn a_batch_fits_into_the_queue() {
        let environment = Environment::of([(QUEUE, "100"), (SIZE, "200")]);
        assert_eq!(numbers(&resolved(&environment, &Batch::new())), (100, 5000, 30_000, Some(100)));
        environment.assert_refused([(SIZE, "200")]);
        assert_eq!(resolved(&environment, &Batch::new().size(300)).batch_size, 100);
        environment.assert_refused([("Batch::size", "300")]);
        assert_eq!(resolved(&environment, &Batch::new().size(300).queue(400)).batch_size, 300);
        environment.assert_refused([]);
    }

    #[test]
    fn batching_of_the_code_comes_first() {
        let environment = Environment::of([(DELAY, "x"), (TIMEOUT, "x"), (QUEUE, "x"), (SIZE, "x")]);
        let batch = Batch::new()
            .size(10)
            .queue(20)
            .delay(Duration::from_millis(30))
            .export_timeout(Duration::from_millis(40));
        assert_eq!(numbers(&resolved(&environment, &batch)), (10, 30, 40, Some(20)));
        environment.assert_refused([]);
        let batch = batch.delay(Duration::ZERO).export_timeout(Duration::ZERO);
        assert_eq!(numbers(&resolved(&environment, &batch)), (10, 1, 0, Some(20)));
        let batch = batch.delay(Duration::MAX).export_timeout(Duration::MAX);
        assert_eq!(numbers(&resolved(&environment, &batch)), (10, NO_LIMIT.as_millis(), 0, Some(20)));
    }

    #[test]
    fn numbers_in_code_that_cannot_work_are_errors() {
        let environment = Environment::of([]);
        for (batch, memory, setting) in [
            (Batch::new().size(0), None, "batch"),
            (Batch::new().queue(0), None, "batch"),
            (Batch::new(), Some(1000), "memory"),
        ] {
            let error =
                environment.with(|source| config(&batch, memory, source, &environment.reporter())).err();
            assert!(
                matches!(error, Some(InstallError::Setting { setting: at, .. }) if at == setting),
                "{error:?}"
            );
        }
        let config =
            environment.with(|source| config(&Batch::new(), Some(1 << 20), source, &environment.reporter()));
        assert_eq!(config.unwrap().memory, 1 << 20);
    }
}
