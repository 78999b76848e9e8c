//! Puts the parts together, from what code and environment say.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::destinations::Through;
use super::env::{self, Source};
use super::filter::{self, Filter, FilterError};
use super::{
    Builder, InstallError, Telemetry, batch, builder, exporters, limits, propagators, resource, sampler,
};
use crate::pipeline::{Config, Pipeline};
use crate::propagation;
use crate::recorder::{self, Installation, SamplerChoice, Settings};

const DEFAULT_DEADLINE: Duration = Duration::from_secs(5);

/// Sets telemetry up from the environment (`OTEL_*`), which runs until the guard is dropped. The same as
/// [`builder`]`().`[`install`](Builder::install)`()`.
///
/// | variable | default | |
/// |---|---|---|
/// | `OTEL_TRACES_EXPORTER` | the first of these that is built in | `otlp`, `zipkin`, `console`, several with commas, or `none` |
/// | `OTEL_EXPORTER_OTLP_ENDPOINT` | `http://localhost:4318`, with gRPC `:4317` | where the Collector or the backend is |
/// | `OTEL_EXPORTER_OTLP_PROTOCOL` | the first of these that is built in | `http/protobuf`, `grpc` |
/// | `OTEL_EXPORTER_OTLP_HEADERS` | none | `key=value,..`, percent-encoded |
/// | `OTEL_EXPORTER_OTLP_COMPRESSION` | `none` | `gzip` |
/// | `OTEL_EXPORTER_ZIPKIN_ENDPOINT` | `http://localhost:9411/api/v2/spans` | |
/// | `OTEL_SERVICE_NAME` | `unknown_service:` and the program's name | |
/// | `OTEL_RESOURCE_ATTRIBUTES` | none | `key=value,..`, percent-encoded |
/// | `OTEL_TRACES_SAMPLER` | `parentbased_always_on` | `always_on`, `always_off`, `traceidratio`, also after `parentbased_` |
/// | `OTEL_TRACES_SAMPLER_ARG` | `1` | a share of all traces, from 0 to 1 |
/// | `OTEL_PROPAGATORS` | `tracecontext,baggage` | or `none` |
/// | `TRACED_FILTER` | everything | `info,db=off` |
/// | `OTEL_SDK_DISABLED` | `false` | |
///
/// Also `OTEL_EXPORTER_OTLP_TRACES_*`, which go before those without `TRACES_`; `OTEL_EXPORTER_*_TIMEOUT` in milliseconds;
/// `OTEL_BSP_*`, see [`Batch`](super::Batch); and the limits `OTEL_*_LIMIT`, see [`Limits`](crate::Limits). They mean what
/// [OpenTelemetry's specification](https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/) says.
///
/// ```
/// let _telemetry = traced::init()?;
/// # Ok::<(), traced::InstallError>(())
/// ```
///
/// # Errors
///
/// If telemetry is installed already, or if an exporter cannot be made. A mistake in the environment is
/// reported, and the default taken.
pub fn init() -> Result<Telemetry, InstallError> {
    builder().install()
}

/// A variable of this process. What is not Unicode in it cannot be meant, and is reported like other mistakes.
pub(super) fn process_environment(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

pub(super) fn install(
    builder: Builder,
    read: &dyn Fn(&str) -> Option<String>,
) -> Result<Telemetry, InstallError> {
    let place = Place::take()?;
    check_for_conflicts(&builder)?;
    let in_code = filter_in_code(&builder)?;
    let reporter = builder.reporter.clone();
    let source = Source::new(read, &reporter);
    let propagators = propagators::resolve(builder.propagators.as_deref(), source);
    let deadline = builder.deadline.unwrap_or(DEFAULT_DEADLINE);
    // Switching the SDK off leaves propagation on:
    // <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration>.
    let (installation, pipeline) = if source.boolean(&[env::SDK_DISABLED]) {
        (None, None)
    } else {
        filter::resolve(in_code, source).set();
        start(builder, source).inspect_err(|_| drop(traced_core::filter::set(None)))?
    };
    propagation::set_global(&propagators);
    Ok(Telemetry::new(installation, pipeline, place, deadline, reporter))
}

fn start(
    builder: Builder,
    source: Source<'_>,
) -> Result<(Option<Installation>, Option<Pipeline>), InstallError> {
    let code_attributes = builder.code_attributes.unwrap_or(true);
    if let Some(through) = builder.through {
        return Ok((Some(through.install(code_attributes)?), None));
    }
    let resource = resource::resolve(&builder.resource, source);
    let exporters = exporters::resolve(builder.exporters, &builder.over_otlp, source, &resource)?;
    let batch = builder.batch.unwrap_or_default();
    let config = batch::config(&batch, builder.memory, source, &builder.reporter)?;
    let config = Config { code_attributes, ..config };
    let sampler =
        builder.sampler.unwrap_or_else(|| SamplerChoice::BuiltIn(sampler::from_environment(source)));
    let limits = limits::resolve(builder.limits, source);

    let pipeline = Pipeline::start(config, exporters)?;
    match recorder::install(Settings { sampler, limits, pipeline: pipeline.clone() }) {
        Ok(installation) => Ok((Some(installation), Some(pipeline))),
        Err(failed) => {
            // Nothing was recorded, so that there is nothing to wait for and nothing to tell.
            let _ = pipeline.shutdown(Duration::ZERO);
            Err(failed.into())
        }
    }
}

fn filter_in_code(builder: &Builder) -> Result<Option<Filter>, InstallError> {
    let Some(text) = &builder.filter else { return Ok(None) };
    let wrong = |wrong: FilterError| InstallError::Setting {
        setting: "filter",
        value: text.clone(),
        why: wrong.to_string(),
    };
    Filter::parse(text).map(Some).map_err(wrong)
}

/// A provider of somebody else's heeds none of our settings for spans. Dropping them silently would be worse
/// than an error.
fn check_for_conflicts(builder: &Builder) -> Result<(), InstallError> {
    let Some(setting) = builder.through.as_ref().map(Through::setting) else { return Ok(()) };
    let mut useless: Vec<_> = builder.exporters.iter().map(exporters::Wish::setting).collect();
    useless.dedup();
    for (given, name) in [
        (!builder.over_otlp.headers.is_empty(), "headers"),
        (builder.over_otlp.compression.is_some(), "compression"),
        (!builder.resource.is_empty(), "resource"),
        (builder.sampler.is_some(), "sampler"),
        (builder.limits.is_some(), "limits"),
        (builder.batch.is_some(), "batch"),
        (builder.memory.is_some(), "memory"),
    ] {
        if given {
            useless.push(name);
        }
    }
    if useless.is_empty() { Ok(()) } else { Err(InstallError::Conflict { setting, useless }) }
}

/// The one place for an installation in a process. Free again when dropped.
#[derive(Debug)]
pub(super) struct Place(());

static TAKEN: AtomicBool = AtomicBool::new(false);

impl Place {
    fn take() -> Result<Self, InstallError> {
        if TAKEN.swap(true, Ordering::AcqRel) { Err(InstallError::AlreadyInstalled) } else { Ok(Self(())) }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        TAKEN.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests;
