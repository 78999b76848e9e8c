use std::collections::HashSet;
use std::time::Duration;

use super::{ALL, NO_LIMIT, OTLP_HEADERS, SDK_DISABLED, SERVICE_NAME, ZIPKIN_TIMEOUT, pair};
use crate::setup::testing::Environment;

#[test]
fn every_variable_is_in_the_table_once() {
    let names: HashSet<_> = ALL.iter().map(|variable| variable.name).collect();
    assert_eq!(names.len(), ALL.len());
    assert!(names.iter().all(|name| name.starts_with("OTEL_") || *name == "TRACED_FILTER"));
}

#[test]
fn values_are_trimmed_and_an_empty_one_is_none() {
    for (value, expected) in [("", None), (" \t", None), (" a b ", Some("a b"))] {
        let environment = Environment::of([("OTEL_SERVICE_NAME", value)]);
        assert_eq!(environment.with(|source| source.text(&SERVICE_NAME)).as_deref(), expected);
    }
    assert_eq!(Environment::of([]).with(|source| source.text(&SERVICE_NAME)), None);
}

#[test]
fn only_true_is_true() {
    for (value, expected, accepted) in [
        ("", false, true),
        ("true", true, true),
        (" TRUE ", true, true),
        ("False", false, true),
        ("1", false, false),
        ("yes", false, false),
        ("on", false, false),
    ] {
        let environment = Environment::of([("OTEL_SDK_DISABLED", value)]);
        assert_eq!(environment.with(|source| source.boolean(&[SDK_DISABLED])), expected, "{value}");
        environment.assert_refused((!accepted).then_some(("OTEL_SDK_DISABLED", value)));
    }
}

#[test]
fn a_refusal_says_what_is_accepted_and_what_is_taken() {
    let environment = Environment::of([("OTEL_EXPORTER_ZIPKIN_TIMEOUT", "soon")]);
    environment.with(|source| source.timeout(&[ZIPKIN_TIMEOUT], Duration::from_secs(10)));
    let warnings = environment.warnings().concat();
    for part in ["OTEL_EXPORTER_ZIPKIN_TIMEOUT", "soon", "a whole number of milliseconds", "10000"] {
        assert!(warnings.contains(part), "{warnings}");
    }
}

#[test]
fn the_value_of_a_secret_variable_cannot_be_reported() {
    let environment = Environment::of([]);
    environment.with(|source| source.refuse(&OTLP_HEADERS, "hunter2", "why", "nothing"));
    let warnings = environment.warnings().concat();
    assert!(warnings.contains(OTLP_HEADERS.name) && !warnings.contains("hunter2"), "{warnings}");
}

#[test]
fn the_longest_time_can_be_added_to_a_clock() {
    assert!(std::time::Instant::now().checked_add(NO_LIMIT).is_some());
    assert!(std::time::SystemTime::now().checked_add(NO_LIMIT).is_some());
}

#[test]
fn pairs() {
    assert_eq!(pair(" a = b%2Cc "), Ok(("a".to_owned(), "b,c".to_owned())));
    assert_eq!(pair("%61=%F0%9F%A6%80"), Ok(("a".to_owned(), "🦀".to_owned())));
    for bad in ["", "a", "=a", "a=%", "a=%4", "a=%4g", "a=%ff", "%=a"] {
        assert!(pair(bad).is_err(), "{bad}");
    }
}
