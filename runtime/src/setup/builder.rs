//! What is said in code.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry::{Key, KeyValue, Value};
use opentelemetry_sdk::trace::{Sampler, ShouldSample};

use super::destinations::Through;
use super::exporters::{OverOtlp, Wish};
use super::{Batch, InstallError, Telemetry, install};
use crate::pipeline::{Problem, Reporter};
use crate::propagation::Propagator;
use crate::record::Limits;
use crate::recorder::SamplerChoice;

/// Sets telemetry up: what is said here comes before the environment (`OTEL_*`), and that before the default.
///
/// ```
/// use std::time::Duration;
///
/// let telemetry = traced::builder()
///     .service("orders")
///     .service_version(env!("CARGO_PKG_VERSION"))
///     .exporter(Nowhere)
///     .install()?;
///
/// // … the program …
///
/// telemetry.shutdown(Duration::from_secs(2))?;
/// # use opentelemetry_sdk::{error::OTelSdkResult, trace::{SpanData, SpanExporter}};
/// # #[derive(Debug)]
/// # struct Nowhere;
/// # impl SpanExporter for Nowhere {
/// #     async fn export(&self, _spans: Vec<SpanData>) -> OTelSdkResult { Ok(()) }
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
#[must_use = "nothing is set up before `install`"]
pub struct Builder {
    pub(super) resource: Vec<KeyValue>,
    pub(super) exporters: Vec<Wish>,
    pub(super) over_otlp: OverOtlp,
    pub(super) through: Option<Through>,
    pub(super) sampler: Option<SamplerChoice>,
    pub(super) filter: Option<String>,
    pub(super) limits: Option<Limits>,
    pub(super) code_attributes: Option<bool>,
    pub(super) batch: Option<Batch>,
    pub(super) memory: Option<usize>,
    pub(super) deadline: Option<Duration>,
    pub(super) propagators: Option<Vec<Propagator>>,
    pub(super) reporter: Reporter,
}

/// Sets telemetry up, in code as far as wanted: see [`Builder`].
///
/// ```
/// let builder = traced::builder().service("orders");
/// # let _ = builder;
/// ```
pub fn builder() -> Builder {
    Builder::default()
}

impl Builder {
    /// The name of the service that the spans are from: `service.name`. Otherwise `OTEL_SERVICE_NAME`, or
    /// `service.name` in `OTEL_RESOURCE_ATTRIBUTES`, or `unknown_service:` and the executable. An empty name
    /// counts as none.
    ///
    /// ```
    /// let builder = traced::builder().service("orders");
    /// # let _ = builder;
    /// ```
    pub fn service(self, name: impl Into<String>) -> Self {
        self.resource([("service.name", name.into())])
    }

    /// The version of the service: `service.version`.
    ///
    /// ```
    /// let builder = traced::builder().service_version(env!("CARGO_PKG_VERSION"));
    /// # let _ = builder;
    /// ```
    pub fn service_version(self, version: impl Into<String>) -> Self {
        self.resource([("service.version", version.into())])
    }

    /// Attributes of what the spans are from. They add to `OTEL_RESOURCE_ATTRIBUTES`, and replace those with
    /// the same key.
    ///
    /// ```
    /// let builder = traced::builder()
    ///     .resource([("deployment.environment.name", "production"), ("cloud.region", "eu-west-1")])
    ///     .resource([("process.pid", i64::from(std::process::id()))]);
    /// # let _ = builder;
    /// ```
    pub fn resource<K: Into<Key>, V: Into<Value>>(
        mut self,
        attributes: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        self.resource.extend(attributes.into_iter().map(|(key, value)| KeyValue::new(key, value)));
        self
    }

    /// Who decides which spans are kept. Otherwise `OTEL_TRACES_SAMPLER`, or all whose parent is.
    ///
    /// A sampler of your own has the attributes of every span evaluated, kept or not, since it is given them;
    /// those of `opentelemetry_sdk` do not.
    ///
    /// ```
    /// use opentelemetry_sdk::trace::Sampler;
    ///
    /// let a_tenth = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(0.1)));
    /// let builder = traced::builder().sampler(a_tenth);
    /// # let _ = builder;
    /// ```
    pub fn sampler(mut self, sampler: impl ShouldSample + 'static) -> Self {
        let built_in = (&sampler as &dyn Any).downcast_ref::<Sampler>().cloned();
        self.sampler = Some(match built_in {
            Some(built_in) => SamplerChoice::BuiltIn(built_in),
            None => SamplerChoice::Custom(Box::new(sampler)),
        });
        self
    }

    /// Which annotated functions make spans, by level and target; those that make none cost a few nanoseconds, and what
    /// they call is where they are. Otherwise `TRACED_FILTER`, or all.
    ///
    /// It is written as for `EnvFilter` of `tracing-subscriber`: `level`, `target` or `target=level`, with commas between
    /// them. A level is `trace`, `debug`, `info`, `warn`, `error` or `off`, and lets be what is at least as important: an
    /// annotated function is `info` unless it says otherwise. A target is the beginning of a module's path, or of what the
    /// function says is its target; alone it lets be all that fits. The longest target that fits is what holds, and of
    /// equal ones the last. What no part fits is off. Spans, fields and regular expressions are not understood.
    ///
    /// ```
    /// let builder = traced::builder().filter("info,db=off,my_crate::slow=debug");
    /// # let _ = builder;
    /// ```
    ///
    /// It holds beside a provider of your own too, and can be changed: [`Telemetry::set_filter`].
    pub fn filter(mut self, filter: impl Into<String>) -> Self {
        self.filter = Some(filter.into());
        self
    }

    /// How much a span may hold. Otherwise the `OTEL_…_LIMIT` variables, or the specification's defaults.
    ///
    /// ```
    /// let mut limits = traced::Limits::default();
    /// limits.value_length = Some(4096);
    /// let builder = traced::builder().limits(limits);
    /// # let _ = builder;
    /// ```
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// Whether the spans of annotated functions say where in the code they are from: `code.function.name`,
    /// `code.file.path` and `code.line.number`, which they do by default. It holds for every exporter, and beside a
    /// provider of your own.
    ///
    /// ```
    /// let builder = traced::builder().code_attributes(false);
    /// # let _ = builder;
    /// ```
    pub fn code_attributes(mut self, wanted: bool) -> Self {
        self.code_attributes = Some(wanted);
        self
    }

    /// How spans are batched. What is not set there comes from `OTEL_BSP_*`.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use traced::Batch;
    ///
    /// let builder = traced::builder().batch(Batch::new().size(2048).delay(Duration::from_secs(1)));
    /// # let _ = builder;
    /// ```
    pub fn batch(mut self, batch: Batch) -> Self {
        self.batch = Some(batch);
        self
    }

    /// How many bytes may be held of spans that are recorded and not yet sent, for all threads together:
    /// 64 KiB or more, 16 MiB by default. Spans that do not fit are dropped and counted.
    ///
    /// ```
    /// let builder = traced::builder().memory(64 * 1024 * 1024);
    /// # let _ = builder;
    /// ```
    pub fn memory(mut self, bytes: usize) -> Self {
        self.memory = Some(bytes);
        self
    }

    /// How long dropping the [`Telemetry`] may take at most: 5 seconds by default.
    ///
    /// ```
    /// let builder = traced::builder().deadline(std::time::Duration::from_secs(2));
    /// # let _ = builder;
    /// ```
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Which headers carry the context. Otherwise `OTEL_PROPAGATORS`, or both.
    ///
    /// ```
    /// use traced::propagation::Propagator;
    ///
    /// let builder = traced::builder().propagators([Propagator::TraceContext]);
    /// # let _ = builder;
    /// ```
    pub fn propagators(mut self, propagators: impl IntoIterator<Item = Propagator>) -> Self {
        self.propagators = Some(propagators.into_iter().collect());
        self
    }

    /// Where problems of telemetry itself go: settings that are not understood, spans that are not exported.
    /// Otherwise to `tracing` where it has a subscriber, else to standard error.
    ///
    /// ```
    /// let builder = traced::builder().report_to(|problem| eprintln!("telemetry: {problem}"));
    /// # let _ = builder;
    /// ```
    pub fn report_to(mut self, callback: impl Fn(&Problem) + Send + Sync + 'static) -> Self {
        self.reporter = Reporter::to(Arc::new(callback));
        self
    }

    /// Starts telemetry, which runs until the guard is dropped.
    ///
    /// ```
    /// let _telemetry = traced::builder().service("orders").exporter(Nowhere).install()?;
    /// # use opentelemetry_sdk::{error::OTelSdkResult, trace::{SpanData, SpanExporter}};
    /// # #[derive(Debug)]
    /// # struct Nowhere;
    /// # impl SpanExporter for Nowhere {
    /// #     async fn export(&self, _spans: Vec<SpanData>) -> OTelSdkResult { Ok(()) }
    /// # }
    /// # Ok::<(), traced::InstallError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If telemetry is installed already, if something said in code cannot be, or if an exporter cannot be
    /// made. A mistake in the environment is reported, and the default taken.
    pub fn install(self) -> Result<Telemetry, InstallError> {
        install::install(self, &install::process_environment)
    }
}

/// Without credentials: of the headers the names only, of addresses neither users nor queries.
impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self.over_otlp.headers.iter().map(|(name, _)| name).collect();
        let sampler: Option<&dyn fmt::Debug> = self.sampler.as_ref().map(|sampler| match sampler {
            SamplerChoice::BuiltIn(sampler) => sampler as &dyn fmt::Debug,
            SamplerChoice::Custom(sampler) => sampler,
        });
        f.debug_struct("Builder")
            .field("resource", &self.resource)
            .field("exporters", &self.exporters)
            .field("headers", &headers)
            .field("compression", &self.over_otlp.compression)
            .field("through", &self.through)
            .field("sampler", &sampler)
            .field("filter", &self.filter)
            .field("limits", &self.limits)
            .field("code_attributes", &self.code_attributes)
            .field("batch", &self.batch)
            .field("memory", &self.memory)
            .field("deadline", &self.deadline)
            .field("propagators", &self.propagators)
            .finish_non_exhaustive()
    }
}
