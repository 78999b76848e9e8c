//! The builder's methods that say where spans go.

use std::fmt;

use opentelemetry::trace::{Tracer, TracerProvider};
use opentelemetry_sdk::trace::SpanExporter;

use super::Builder;
use super::exporters::Wish;
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
use super::otlp;
use crate::recorder::{self, InstallFailed, Installation};

/// Somebody else's provider that spans go through.
pub(super) enum Through {
    Provider { name: &'static str, install: InstallThrough },
    Global,
}

type InstallThrough = Box<dyn FnOnce(bool) -> Result<Installation, InstallFailed> + Send>;

impl Through {
    /// The builder's method that said so.
    pub(super) fn setting(&self) -> &'static str {
        match self {
            Self::Provider { .. } => "provider",
            Self::Global => "global_provider",
        }
    }

    pub(super) fn install(self, code_attributes: bool) -> Result<Installation, InstallFailed> {
        match self {
            Self::Provider { install, .. } => install(code_attributes),
            Self::Global => recorder::install_through_global(code_attributes),
        }
    }
}

/// The type only: a provider's own `Debug` may show the headers of its exporter.
impl fmt::Debug for Through {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Provider { name, .. } => write!(f, "provider({name})"),
            Self::Global => f.write_str("global_provider()"),
        }
    }
}

/// Where spans go. Several may be given, and each gets every span. What is given in code replaces
/// `OTEL_TRACES_EXPORTER`.
impl Builder {
    /// Exports over OTLP, by the protocol of `OTEL_EXPORTER_OTLP_PROTOCOL` (`http/protobuf` by default) to the
    /// server at this address. Over HTTP, `/v1/traces` is appended unless the address ends so.
    ///
    /// Headers, timeout and so on are those of `OTEL_EXPORTER_OTLP_*`.
    ///
    /// ```no_run
    /// let _telemetry = traced::builder().service("orders").otlp("http://collector:4318").install()?;
    /// # Ok::<(), traced::InstallError>(())
    /// ```
    #[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
    pub fn otlp(self, address: impl Into<String>) -> Self {
        self.otlp_by(address.into(), None)
    }

    /// Exports over OTLP by http/protobuf to the server at this address. `/v1/traces` is appended unless the
    /// address ends so.
    ///
    /// ```no_run
    /// let _telemetry = traced::builder().otlp_http("http://collector:4318").install()?;
    /// # Ok::<(), traced::InstallError>(())
    /// ```
    #[cfg(feature = "otlp-http")]
    pub fn otlp_http(self, address: impl Into<String>) -> Self {
        self.otlp_by(address.into(), Some(crate::export::otlp::Protocol::HttpProtobuf))
    }

    /// Exports over OTLP by gRPC to the server at this address.
    ///
    /// ```no_run
    /// let _telemetry = traced::builder().otlp_grpc("http://collector:4317").install()?;
    /// # Ok::<(), traced::InstallError>(())
    /// ```
    #[cfg(feature = "otlp-grpc")]
    pub fn otlp_grpc(self, address: impl Into<String>) -> Self {
        self.otlp_by(address.into(), Some(crate::export::otlp::Protocol::Grpc))
    }

    #[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
    fn otlp_by(mut self, address: String, protocol: Option<crate::export::otlp::Protocol>) -> Self {
        self.exporters.push(Wish::Otlp(otlp::Wish { address: Some(address), protocol }));
        self
    }

    /// Headers of every request over OTLP, such as credentials. They add to `OTEL_EXPORTER_OTLP_HEADERS`, and
    /// replace those with the same name. Nothing shows their values.
    ///
    /// ```
    /// let builder = traced::builder().headers([("api-key", "secret")]);
    /// assert!(!format!("{builder:?}").contains("secret"));
    /// ```
    #[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
    pub fn headers<K: Into<String>, V: Into<String>>(
        mut self,
        headers: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        self.over_otlp.headers.extend(headers.into_iter().map(|(name, value)| (name.into(), value.into())));
        self
    }

    /// How requests over OTLP are compressed. Otherwise `OTEL_EXPORTER_OTLP_COMPRESSION` (`gzip` or `none`), or not at
    /// all.
    ///
    /// By gzip, spans take about a tenth of the bytes, and some hundred nanoseconds more each on telemetry's own
    /// thread: worth it where bytes cost, and not to a collector on the same host.
    ///
    /// ```
    /// let builder = traced::builder().compression(traced::Compression::Gzip);
    /// # let _ = builder;
    /// ```
    #[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
    pub fn compression(mut self, compression: crate::Compression) -> Self {
        self.over_otlp.compression = Some(compression);
        self
    }

    /// Exports to the Zipkin server at this address. `/api/v2/spans` is appended to an address without a path.
    ///
    /// ```no_run
    /// let _telemetry = traced::builder().service("orders").zipkin("http://zipkin:9411").install()?;
    /// # Ok::<(), traced::InstallError>(())
    /// ```
    #[cfg(feature = "zipkin")]
    pub fn zipkin(mut self, address: impl Into<String>) -> Self {
        self.exporters.push(Wish::Zipkin(Some(address.into())));
        self
    }

    /// Shows traces in the terminal, as trees.
    ///
    /// ```
    /// let _telemetry = traced::builder().service("orders").console().install()?;
    /// # Ok::<(), traced::InstallError>(())
    /// ```
    #[cfg(feature = "console")]
    pub fn console(mut self) -> Self {
        self.exporters.push(Wish::Console);
        self
    }

    /// Exports by a `SpanExporter` of your own. It runs on telemetry's own thread and tokio runtime, never on
    /// yours, and may take its time there.
    ///
    /// ```
    /// use opentelemetry_sdk::error::OTelSdkResult;
    /// use opentelemetry_sdk::trace::{SpanData, SpanExporter};
    ///
    /// #[derive(Debug)]
    /// struct Names;
    ///
    /// impl SpanExporter for Names {
    ///     async fn export(&self, spans: Vec<SpanData>) -> OTelSdkResult {
    ///         for span in spans {
    ///             println!("{}", span.name);
    ///         }
    ///         Ok(())
    ///     }
    /// }
    ///
    /// let _telemetry = traced::builder().exporter(Names).install()?;
    /// # Ok::<(), traced::InstallError>(())
    /// ```
    pub fn exporter(mut self, exporter: impl SpanExporter + 'static) -> Self {
        self.exporters.push(Wish::own(exporter));
        self
    }

    /// Records through a tracer provider of your own, with its sampler, processors and exporters; slower
    /// than what is built in. Flushing it and shutting it down stays with you: the [`Telemetry`](super::Telemetry)
    /// then counts nothing. Settings that it would not heed (exporters, sampler, resource, limits, batch,
    /// memory) are an error beside it.
    ///
    /// ```
    /// use opentelemetry_sdk::trace::SdkTracerProvider;
    ///
    /// let provider = SdkTracerProvider::builder().build();
    /// let _telemetry = traced::builder().provider(provider.clone()).install()?;
    /// # Ok::<(), traced::InstallError>(())
    /// ```
    pub fn provider<P>(mut self, provider: P) -> Self
    where
        P: TracerProvider + Send + Sync + 'static,
        P::Tracer: Send + Sync + 'static,
        <P::Tracer as Tracer>::Span: Send + Sync + 'static,
    {
        self.through = Some(Through::Provider {
            name: std::any::type_name::<P>(),
            install: Box::new(move |code_attributes| recorder::install_through(provider, code_attributes)),
        });
        self
    }

    /// Records through the provider that `opentelemetry::global` holds: see [`provider`](Self::provider).
    /// Set it before.
    ///
    /// ```
    /// let _telemetry = traced::builder().global_provider().install()?;
    /// # Ok::<(), traced::InstallError>(())
    /// ```
    pub fn global_provider(mut self) -> Self {
        self.through = Some(Through::Global);
        self
    }
}
