//! The filter: what it leaves out passes its place on.

use std::cell::Cell;

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use traced::{InstallError, Telemetry, traced};
use traced_tests::alone;

thread_local! {
    static EVALUATED: Cell<u32> = const { Cell::new(0) };
}

fn evaluated() -> u32 {
    EVALUATED.set(EVALUATED.get() + 1);
    EVALUATED.get()
}

#[traced]
fn outer() {
    middle();
    inner();
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(later());
}

#[traced(level = "debug", ret, fields(evaluated = evaluated(), late = Empty))]
fn middle() -> bool {
    traced::record!(late = 1);
    traced::current().set("told by", "middle");
    inner();
    deeper::inner();
    true
}

#[traced(target = "db::pool")]
fn inner() {}

#[traced(level = tracing::Level::TRACE)]
async fn later() {
    tokio::task::yield_now().await;
    inner();
}

mod deeper {
    #[traced::traced(level = 5)]
    pub(super) fn inner() {}
}

/// What is exported, as `name < parent`.
fn exported(exporter: &InMemorySpanExporter) -> Vec<String> {
    let spans = exporter.get_finished_spans().unwrap();
    exporter.reset();
    let parent = |span: &opentelemetry_sdk::trace::SpanData| {
        spans.iter().find(|other| other.span_context.span_id() == span.parent_span_id).map(|span| &*span.name)
    };
    spans.iter().map(|span| format!("{} < {}", span.name, parent(span).unwrap_or("-"))).collect()
}

fn run(telemetry: &Telemetry, exporter: &InMemorySpanExporter) -> Vec<String> {
    outer();
    let _ = telemetry.flush(std::time::Duration::from_secs(10)).unwrap();
    exported(exporter)
}

const ALL: [&str; 7] = [
    "inner < middle",
    "inner < middle",
    "middle < outer",
    "inner < outer",
    "inner < later",
    "later < outer",
    "outer < -",
];

fn follows_the_filter(telemetry: &Telemetry, exporter: &InMemorySpanExporter) {
    assert_eq!(run(telemetry, exporter), ALL);
    let evaluated = EVALUATED.get();
    for (filter, expected) in [
        (
            "info",
            &["inner < outer", "inner < outer", "inner < outer", "inner < outer", "outer < -"] as &[&str],
        ),
        (
            "debug",
            &[
                "inner < middle",
                "inner < middle",
                "middle < outer",
                "inner < outer",
                "inner < outer",
                "outer < -",
            ],
        ),
        ("trace,db=off", &["inner < middle", "middle < outer", "later < outer", "outer < -"]),
        ("interop", &["inner < middle", "middle < outer", "later < outer", "outer < -"]),
        ("db", &["inner < -", "inner < -", "inner < -"]),
        ("interop::filter::deeper", &["inner < -"]),
        ("off", &[]),
        ("warn", &["inner < -"]),
        ("", &ALL),
    ] {
        telemetry.set_filter(filter).unwrap();
        assert_eq!(run(telemetry, exporter), expected, "{filter}");
    }
    assert_eq!(EVALUATED.get() - evaluated, 4, "only of spans that are made");
}

#[test]
fn a_filter_that_changes_is_followed() {
    alone!({
        let exporter = InMemorySpanExporter::default();
        let telemetry = traced::builder().exporter(exporter.clone()).install().unwrap();
        follows_the_filter(&telemetry, &exporter);
    });
}

#[test]
fn it_holds_for_a_provider_too() {
    alone!({
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        let telemetry = traced::builder().provider(provider).install().unwrap();
        follows_the_filter(&telemetry, &exporter);
    });
}

#[test]
fn a_filter_that_cannot_be_understood_changes_nothing() {
    alone!({
        let exporter = InMemorySpanExporter::default();
        let wrong =
            traced::builder().exporter(exporter.clone()).filter("info,db=loud").install().unwrap_err();
        let InstallError::Setting { setting, value, .. } = &wrong else { panic!("{wrong}") };
        assert_eq!((*setting, value.as_str()), ("filter", "info,db=loud"));
        assert!(wrong.to_string().contains("there is no level `loud`"), "{wrong}");
        let telemetry = traced::builder().exporter(exporter.clone()).filter("off").install().unwrap();
        telemetry.set_filter("[span]=info").unwrap_err();
        assert!(run(&telemetry, &exporter).is_empty());
        drop(telemetry);
        // It goes with the telemetry that it was given to.
        let telemetry = traced::builder().exporter(exporter.clone()).install().unwrap();
        assert_eq!(run(&telemetry, &exporter), ALL);
    });
}

#[test]
fn blocks_are_left_out_too() {
    alone!({
        let exporter = InMemorySpanExporter::default();
        let telemetry = traced::builder().exporter(exporter.clone()).filter("info").install().unwrap();
        traced::span!("shown").in_scope(|| {
            traced::span!("closure"; level = "debug").in_scope(inner);
            {
                let _guard = traced::span!("guard"; level = "debug").guard();
                inner();
            }
            let handle = traced::span!("handle"; level = "debug").start();
            handle.set("key", 1).in_scope(inner);
            handle.end();
            let mut evaluated = 0;
            let mut value = || {
                evaluated += 1;
                evaluated
            };
            traced::span!("fields", n = value(); level = "debug").in_scope(|| {});
            drop(traced::span!("future", n = value(); level = "debug").in_future(async {}));
            assert_eq!(evaluated, 0);
        });
        let _ = telemetry.flush(std::time::Duration::from_secs(10)).unwrap();
        assert_eq!(exported(&exporter), ["inner < shown", "inner < shown", "inner < shown", "shown < -"]);
    });
}

#[traced(level = "debug", parent = cx)]
fn elsewhere(cx: &Context) {
    inner();
}

#[traced(level = "debug", root)]
async fn nowhere() {
    inner();
    tokio::task::yield_now().await;
    inner();
}

#[traced]
fn other() -> Context {
    Context::current()
}

#[traced("outer")]
fn outer_of_others() {
    let other = other();
    elsewhere(&other);
    assert!(Context::current().span().span_context() != other.span().span_context());
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(nowhere());
}

#[test]
fn what_is_left_out_passes_its_parent_on_wherever_that_is() {
    alone!({
        let exporter = InMemorySpanExporter::default();
        let telemetry = traced::builder().exporter(exporter.clone()).filter("info").install().unwrap();
        outer_of_others();
        let _ = telemetry.flush(std::time::Duration::from_secs(10)).unwrap();
        assert_eq!(
            exported(&exporter),
            ["other < outer", "inner < other", "inner < -", "inner < -", "outer < -"]
        );
    });
}
