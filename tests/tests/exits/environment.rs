//! What the environment says.

use traced_tests::process::Finished;
use traced_tests::sink::Sink;

use crate::{MADE, subject_with};

const PROGRAM: (&str, &str) = ("current_thread", "inside");

/// Runs the program against a receiver that works, with a setting; returns what arrived as well.
fn with_setting(variable: &str, value: &str) -> (Finished, usize) {
    let sink = Sink::http();
    let url = sink.url();
    let finished =
        subject_with(PROGRAM, "report", &[("OTEL_EXPORTER_OTLP_ENDPOINT", &url), (variable, value)]);
    assert_eq!(finished.status.code(), Some(0), "{finished:#?}");
    (finished, sink.spans().len())
}

fn assert_counts(finished: &Finished, expected: &[(&str, u64)]) {
    for (what, number) in expected {
        assert_eq!(finished.number(&format!("shutdown.{what}")), *number, "{what}: {finished:#?}");
    }
}

#[test]
fn disabled_means_off() {
    for value in ["true", "TRUE"] {
        let (finished, arrived) = with_setting("OTEL_SDK_DISABLED", value);
        assert_eq!(arrived, 0);
        assert_counts(&finished, &[("made", 0), ("dropped", 0)]);
        assert_eq!((finished.stderr.as_str(), finished.value("shutdown.error")), ("", None));
    }
}

#[test]
fn no_exporter_means_that_nothing_is_sent_and_nothing_is_wrong() {
    let (finished, arrived) = with_setting("OTEL_TRACES_EXPORTER", "none");
    assert_eq!(arrived, 0);
    assert_counts(&finished, &[("exported", 0), ("failed", 0)]);
    assert_eq!((finished.stderr.as_str(), finished.value("shutdown.error")), ("", None));
}

#[test]
fn a_sampler_that_takes_nothing_counts_what_it_left_out() {
    let (finished, arrived) = with_setting("OTEL_TRACES_SAMPLER", "always_off");
    assert_eq!(arrived, 0);
    assert_counts(&finished, &[("made", 0)]);
    assert!(finished.number("shutdown.sampled_out") >= 500, "{finished:#?}");
}

#[test]
fn a_setting_that_cannot_be_used_is_told_and_the_rest_works() {
    for (variable, value) in [
        ("OTEL_SDK_DISABLED", "yes"),
        ("OTEL_TRACES_EXPORTER", "jaeger"),
        ("OTEL_TRACES_SAMPLER", "sometimes"),
        ("OTEL_PROPAGATORS", "smoke-signals"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "carrier-pigeon"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "never"),
        ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "-1"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "brotli"),
        ("OTEL_BSP_SCHEDULE_DELAY", "soon"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1.5"),
        ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "many"),
    ] {
        let (finished, arrived) = with_setting(variable, value);
        let told = |line: &str| line.contains(variable) && line.contains(value);
        assert!(finished.stderr.lines().any(told), "{variable}={value}: {finished:#?}");
        assert_eq!(arrived as u64, MADE, "{variable}={value}: {finished:#?}");
    }
}

#[test]
fn an_endpoint_that_needs_tls_is_told_and_the_program_runs() {
    let (variable, value) = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://localhost/v1/traces");
    let (finished, arrived) = with_setting(variable, value);
    let told = |line: &str| line.contains(variable) && line.contains(value) && line.contains("not sent");
    assert!(finished.stderr.lines().any(told), "{finished:#?}");
    assert_eq!(arrived, 0, "nothing is sent to the other endpoint: {finished:#?}");
}

#[test]
fn a_ratio_that_is_none_is_told() {
    for value in ["7", "NaN", "half"] {
        let sink = Sink::http();
        let url = sink.url();
        let finished = subject_with(
            PROGRAM,
            "report",
            &[
                ("OTEL_EXPORTER_OTLP_ENDPOINT", &url),
                ("OTEL_TRACES_SAMPLER", "traceidratio"),
                ("OTEL_TRACES_SAMPLER_ARG", value),
            ],
        );
        let told = |line: &str| line.contains("OTEL_TRACES_SAMPLER_ARG") && line.contains(value);
        assert!(finished.stderr.lines().any(told), "{finished:#?}");
        assert_eq!(sink.spans().len() as u64, MADE, "{finished:#?}");
    }
}

#[test]
fn bad_headers_are_told_without_their_value() {
    let (finished, arrived) = with_setting("OTEL_EXPORTER_OTLP_HEADERS", "api-key hunter2");
    assert_eq!(arrived as u64, MADE, "{finished:#?}");
    assert!(finished.stderr.contains("OTEL_EXPORTER_OTLP_HEADERS"), "{finished:#?}");
    assert!(!finished.stderr.contains("hunter2"), "{finished:#?}");
}
