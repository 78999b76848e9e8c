//! Code of the application's that panics, or comes back to us, where it is asked or dropped: the program goes on as it
//! would without telemetry, and nothing of what was recorded is wrong.

use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use opentelemetry::trace::{Link, SpanKind, TraceContextExt as _, TraceId, Tracer as _, TracerProvider};
use opentelemetry::{Context, InstrumentationScope, KeyValue, global};
use opentelemetry_sdk::trace::{
    InMemorySpanExporter, SamplingDecision, SamplingResult, SdkTracerProvider, ShouldSample,
};
use traced::traced;
use traced_tests::alone;

#[traced]
fn leaf() {}

/// Prints a part, and panics.
struct Fragile;

impl fmt::Display for Fragile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("part")?;
        panic!("in a Display")
    }
}

#[traced(fields(before = 1, fragile = %Fragile, after = 2))]
fn with_fragile_field() -> u8 {
    7
}

#[test]
fn a_display_that_panics_costs_its_own_text_alone() {
    let capture = traced::testing::capture();
    assert_eq!(with_fragile_field(), 7);
    traced::current().set("nowhere", 1);
    assert_eq!(capture.tree(), "with_fragile_field before=1 fragile=part after=2\n");
}

#[test]
fn so_it_does_behind_a_provider_of_the_applications() {
    alone!({
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        let _telemetry = traced::builder().provider(provider).install().unwrap();
        assert_eq!(with_fragile_field(), 7);
        let spans = exporter.get_finished_spans().unwrap();
        let value =
            |key| spans[0].attributes.iter().find(|pair| pair.key.as_str() == key).unwrap().value.to_string();
        assert_eq!(
            (value("before"), value("fragile"), value("after")),
            ("1".into(), "part".into(), "2".into())
        );
    });
}

/// An error that holds another, and panics when it is asked for it.
#[derive(Debug)]
struct Holder;

impl AsRef<dyn Error + Send + Sync> for Holder {
    fn as_ref(&self) -> &(dyn Error + Send + Sync + 'static) {
        panic!("in as_ref")
    }
}

#[test]
fn an_error_that_panics_when_asked_leaves_no_span_current() {
    #[traced]
    fn asked() -> Result<(), Holder> {
        Err(Holder)
    }
    #[traced]
    async fn asked_later() -> Result<(), Holder> {
        Err(Holder)
    }
    let capture = traced::testing::capture();
    assert!(catch_unwind(asked).is_err());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| runtime.block_on(asked_later()))).is_err());
    leaf();
    let roots = capture.spans();
    let names: Vec<_> = roots.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["asked", "asked_later", "leaf"]);
    assert!(roots.iter().all(|span| span.parent_id == opentelemetry::trace::SpanId::INVALID));
}

#[test]
fn a_panic_that_was_resumed_is_not_told_as_another() {
    #[traced]
    fn resumes() {
        resume_unwind(Box::new("the real one"));
    }
    let capture = traced::testing::capture();
    assert!(catch_unwind(|| panic!("an old one")).is_err());
    assert!(catch_unwind(resumes).is_err());
    assert!(!capture.tree().contains("an old one"), "{}", capture.tree());
    assert!(capture.tree().contains("not known"), "{}", capture.tree());
}

#[test]
fn inside_of_map_current_a_span_is_recorded_though_it_cannot_be_current() {
    let capture = traced::testing::capture();
    Context::map_current(|_| leaf());
    leaf();
    assert_eq!(capture.tree(), "leaf\nleaf\n");
}

/// A sampler of the application's.
#[derive(Clone, Debug)]
struct Sampler(fn());

impl ShouldSample for Sampler {
    fn should_sample(
        &self,
        _: Option<&Context>,
        _: TraceId,
        _: &str,
        _: &SpanKind,
        _: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        (self.0)();
        SamplingResult {
            decision: SamplingDecision::RecordAndSample,
            attributes: Vec::new(),
            trace_state: opentelemetry::trace::TraceState::default(),
        }
    }
}

fn exported_with(sampler: impl ShouldSample + 'static) -> usize {
    let exporter = InMemorySpanExporter::default();
    let telemetry = traced::builder().exporter(exporter.clone()).sampler(sampler).install().unwrap();
    leaf();
    telemetry.flush(std::time::Duration::from_secs(10)).unwrap();
    exporter.get_finished_spans().unwrap().len()
}

#[test]
fn a_sampler_that_is_traced_is_not_asked_about_itself() {
    alone!({
        assert_eq!(exported_with(Sampler(leaf)), 1);
    });
}

#[test]
fn a_sampler_that_panics_is_as_good_as_none() {
    alone!({
        assert_eq!(exported_with(Sampler(|| panic!("in a sampler"))), 1);
    });
}

/// Something of the application's whose destructor makes spans and tells the current one.
#[derive(Clone, Debug)]
struct ComesBack(Sampler);

impl Drop for ComesBack {
    fn drop(&mut self) {
        leaf();
        Context::current().span().set_attribute(KeyValue::new("dropped", true));
    }
}

impl ShouldSample for ComesBack {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        self.0.should_sample(parent, trace_id, name, kind, attributes, links)
    }
}

#[test]
fn a_sampler_that_comes_back_when_it_is_dropped_hangs_nobody() {
    alone!({
        let telemetry = traced::builder()
            .exporter(InMemorySpanExporter::default())
            .sampler(ComesBack(Sampler(|| ())))
            .install()
            .unwrap();
        let open = Context::current_with_span(global::tracer("theirs").start("open"));
        drop(telemetry);
        // The last that holds the sampler is this thread, which learns of it while the span ends.
        let _attached = open.clone().attach();
        open.span().end();
        leaf();
    });
}

#[test]
fn a_provider_that_comes_back_when_it_is_dropped_hangs_nobody() {
    struct Provider(SdkTracerProvider);

    impl TracerProvider for Provider {
        type Tracer = opentelemetry_sdk::trace::SdkTracer;

        fn tracer_with_scope(&self, scope: InstrumentationScope) -> Self::Tracer {
            leaf();
            self.0.tracer_with_scope(scope)
        }
    }

    impl Drop for Provider {
        fn drop(&mut self) {
            leaf();
        }
    }

    alone!({
        let provider = Provider(SdkTracerProvider::default());
        let telemetry = traced::builder().provider(provider).install().unwrap();
        with_fragile_field();
        drop(telemetry);
    });
}
