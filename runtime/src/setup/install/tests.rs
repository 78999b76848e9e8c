//! What is installed without a recorder; the rest is tested from outside, in processes of their own.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider, SpanData, SpanExporter};

use super::install;
use crate::pipeline::{Report, Stats};
use crate::record::Limits;
use crate::recorder::SamplerChoice;
use crate::setup::testing::Environment;
use crate::setup::{Batch, Builder, InstallError, Telemetry, builder};

/// Only one test at a time has the place of the process.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn disabled() -> Environment {
    Environment::of([("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACES_SAMPLER", "not read then")])
}

fn installed(builder: Builder, environment: &Environment) -> Result<Telemetry, InstallError> {
    let builder = Builder { reporter: environment.reporter(), ..builder };
    install(builder, &environment.read())
}

#[derive(Debug)]
struct Own {
    password: &'static str,
}

impl SpanExporter for Own {
    async fn export(&self, _spans: Vec<SpanData>) -> OTelSdkResult {
        assert!(!self.password.is_empty());
        Ok(())
    }
}

#[test]
fn a_disabled_installation_works_and_counts_nothing() {
    let _alone = alone();
    let environment = disabled();
    let telemetry = installed(builder().exporter(Own { password: "hunter2" }), &environment).unwrap();
    let second = Duration::from_secs(1);
    assert_eq!(telemetry.flush(second), Ok(Report::default()));
    assert_eq!(telemetry.stats(), Stats::default());
    assert_eq!(telemetry.shutdown(second), Ok(Report::default()));
    assert_eq!(telemetry.shutdown(second), Ok(Report::default()));
    assert_eq!(telemetry.flush(second), Ok(Report::default()));
    drop(telemetry);
    environment.assert_refused([]);
}

#[test]
fn a_disabled_installation_reads_its_propagators() {
    let _alone = alone();
    let environment = Environment::of([("OTEL_SDK_DISABLED", "true"), ("OTEL_PROPAGATORS", "b3")]);
    drop(installed(builder(), &environment).unwrap());
    environment.assert_refused([("OTEL_PROPAGATORS", "b3")]);
}

#[test]
fn there_is_one_installation_at_a_time() {
    let _alone = alone();
    let environment = disabled();
    let first = installed(builder(), &environment).unwrap();
    assert_eq!(installed(builder(), &environment).unwrap_err(), InstallError::AlreadyInstalled);
    first.shutdown(Duration::from_secs(1)).unwrap();

    let second = installed(builder(), &environment).unwrap();
    // The guard of an installation that is over has no say in the next.
    first.shutdown(Duration::from_secs(1)).unwrap();
    drop(first);
    assert_eq!(installed(builder(), &environment).unwrap_err(), InstallError::AlreadyInstalled);
    drop(second);
    drop(installed(builder(), &environment).unwrap());
}

#[test]
fn an_installation_that_fails_leaves_the_place_free() {
    let _alone = alone();
    let environment = Environment::of([("OTEL_TRACES_EXPORTER", "none")]);
    let error = installed(builder().memory(1), &environment).unwrap_err();
    assert!(matches!(error, InstallError::Setting { setting: "memory", .. }), "{error:?}");
    drop(installed(builder(), &disabled()).unwrap());
}

#[test]
fn settings_beside_a_provider_that_would_not_heed_them_are_errors() {
    let _alone = alone();
    let provider = SdkTracerProvider::builder().build();
    let useless = builder()
        .exporter(Own { password: "hunter2" })
        .exporter(Own { password: "hunter2" })
        .service("orders")
        .sampler(Sampler::AlwaysOn)
        .limits(Limits::default())
        .batch(Batch::new())
        .memory(1 << 20);
    let names = vec!["exporter", "resource", "sampler", "limits", "batch", "memory"];
    let error = installed(useless.provider(provider), &Environment::of([])).unwrap_err();
    assert_eq!(error, InstallError::Conflict { setting: "provider", useless: names });

    #[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
    {
        let useless = builder().headers([("api-key", "hunter2")]).compression(crate::Compression::Gzip);
        let error = installed(useless.global_provider(), &Environment::of([])).unwrap_err();
        let useless = vec!["headers", "compression"];
        assert_eq!(error, InstallError::Conflict { setting: "global_provider", useless });
    }

    let error = installed(builder().service("a").global_provider(), &Environment::of([])).unwrap_err();
    assert_eq!(error, InstallError::Conflict { setting: "global_provider", useless: vec!["resource"] });
}

#[test]
fn the_samplers_of_the_sdk_are_known_as_such() {
    #[derive(Clone, Debug)]
    struct Mine;

    impl opentelemetry_sdk::trace::ShouldSample for Mine {
        fn should_sample(
            &self,
            _: Option<&opentelemetry::Context>,
            _: opentelemetry::trace::TraceId,
            _: &str,
            _: &opentelemetry::trace::SpanKind,
            _: &[opentelemetry::KeyValue],
            _: &[opentelemetry::trace::Link],
        ) -> opentelemetry_sdk::trace::SamplingResult {
            opentelemetry_sdk::trace::SamplingResult {
                decision: opentelemetry_sdk::trace::SamplingDecision::Drop,
                attributes: Vec::new(),
                trace_state: opentelemetry::trace::TraceState::default(),
            }
        }
    }

    let built_in = builder().sampler(Sampler::AlwaysOff).sampler;
    assert!(matches!(built_in, Some(SamplerChoice::BuiltIn(Sampler::AlwaysOff))));
    assert!(matches!(builder().sampler(Mine).sampler, Some(SamplerChoice::Custom(_))));
}

#[test]
fn a_builder_does_not_show_credentials() {
    let builder = builder()
        .service("orders")
        .exporter(Own { password: "hunter2" })
        .provider(SdkTracerProvider::builder().with_simple_exporter(Own { password: "hunter2" }).build());
    #[cfg(feature = "otlp-http")]
    let builder = builder
        .headers([("api-key", "hunter2")])
        .otlp("https://user:hunter2@host/path?key=hunter2")
        .otlp_http("https://user:hunter2@host");
    #[cfg(feature = "otlp-grpc")]
    let builder = builder.headers([("api-key", "hunter2")]).otlp_grpc("https://user:hunter2@host");
    #[cfg(feature = "zipkin")]
    let builder = builder.zipkin("https://user:hunter2@host");
    let shown = format!("{builder:?} {builder:#?}");
    assert!(shown.contains("orders") && shown.contains("Own"), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
    #[cfg(feature = "otlp-http")]
    assert!(shown.contains("api-key") && shown.contains("https://***@host/path?***"), "{shown}");
}

#[test]
fn the_guard_and_its_futures_may_move_between_threads() {
    fn send<T: Send>(_: &T) {}
    fn send_and_sync<T: Send + Sync>() {}
    fn futures(telemetry: &Telemetry) {
        send(&telemetry.flush_async(Duration::ZERO));
        send(&telemetry.shutdown_async(Duration::ZERO));
    }
    send_and_sync::<Telemetry>();
    send_and_sync::<InstallError>();
    let _ = futures;
}
