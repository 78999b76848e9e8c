//! Losses are told, at a limited rate.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::problem::{Kind, Problem};
use super::super::{Config, Pipeline, Reporter};
use super::kit::{Does, Fake, LONG, config, listening, push};

fn failed(exporter: &str, spans: u64) -> Problem {
    Problem::new(Kind::Failed, Some(exporter), spans, "refused".to_owned())
}

#[test]
fn the_first_is_told_at_once_and_the_rest_together() {
    let (reporter, problems) = listening();
    let start = Instant::now();
    let told = || -> Vec<String> { problems.lock().unwrap().drain(..).map(|it| it.to_string()).collect() };
    reporter.report_at(failed("a", 1), start);
    reporter.report_at(failed("b", 2), start);
    assert_eq!(told(), ["a: 1 span lost: refused", "b: 2 spans lost: refused"]);
    for second in 1..30 {
        reporter.report_at(failed("a", 10), start + Duration::from_secs(second));
    }
    assert!(told().is_empty());
    reporter.report_at(failed("a", 10), start + Duration::from_secs(30));
    assert_eq!(told(), ["a: 300 spans lost: refused (30 times since last reported)"]);
    // What was left out is told when its time has come, or at the end.
    reporter.report_at(failed("a", 5), start + Duration::from_secs(31));
    reporter.tell_held_back(start + Duration::from_secs(59), false);
    assert!(told().is_empty());
    reporter.tell_held_back(start + Duration::from_secs(60), false);
    assert_eq!(told(), ["a: 5 spans lost: refused"]);
    reporter.report_at(failed("a", 6), start + Duration::from_secs(61));
    reporter.tell_held_back(start + Duration::from_secs(62), true);
    assert_eq!(told(), ["a: 6 spans lost: refused"]);
    reporter.tell_held_back(start + Duration::from_secs(900), true);
    assert!(told().is_empty());
}

#[test]
fn every_bad_setting_is_told() {
    let (reporter, problems) = listening();
    for variable in ["A", "B"] {
        reporter.report(Problem::setting(variable, "x", "is no number", "5"));
    }
    let told: Vec<_> = problems.lock().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(told, ["A=x: is no number; using 5", "B=x: is no number; using 5"]);
}

#[test]
fn a_callback_that_panics_harms_nobody() {
    let (fake, _) = Fake::new(Does::Fail);
    let reporter = Reporter::to(Arc::new(|_| panic!("on purpose")));
    let pipeline = Pipeline::start(Config { reporter, ..config() }, vec![fake.make()]).unwrap();
    let mut producer = pipeline.producer();
    for _ in 0..3 {
        push(&mut producer, 10);
        assert!(pipeline.flush(LONG).is_err());
    }
    assert_eq!(pipeline.shutdown(LONG).unwrap().failed, 30);
}

#[test]
fn every_loss_is_told_by_the_end() {
    for does in [Does::Fail, Does::Panic, Does::Half] {
        let (reporter, problems) = listening();
        let (fake, _) = Fake::new(does);
        let pipeline = Pipeline::start(Config { reporter, ..config() }, vec![fake.make()]).unwrap();
        let mut producer = pipeline.producer();
        for _ in 0..5 {
            push(&mut producer, 100);
            let _ = pipeline.flush(LONG);
        }
        let _ = pipeline.shutdown(LONG);
        let problems = problems.lock().unwrap();
        // The first, and the other four together.
        assert_eq!(problems.len(), 2, "{problems:#?}");
        assert_eq!(problems[1].times, 4);
        let lost: u64 = problems.iter().map(Problem::spans_lost).sum();
        assert_eq!(lost, if does == Does::Half { 250 } else { 500 });
        assert_eq!(problems[0].exporter(), Some(format!("fake {does:?}").as_str()));
    }
}

#[test]
fn problems_reach_a_subscriber_of_the_program_from_the_pipelines_thread() {
    use super::super::quiet;
    // On a thread of its own, as subscribers and quiet are per thread.
    std::thread::spawn(|| {
        let subscribed = || tracing::dispatcher::get_default(tracing::Dispatch::is::<Fussy>);
        let _program = tracing::subscriber::set_default(Fussy);
        assert!(subscribed());
        quiet::enter();
        assert!(!subscribed());
        assert!(opentelemetry::Context::is_current_telemetry_suppressed());
        quiet::lifted(|| {
            assert!(subscribed());
            assert!(!opentelemetry::Context::is_current_telemetry_suppressed());
        });
        let _ = std::panic::catch_unwind(|| quiet::lifted(|| panic!("on purpose")));
        assert!(!subscribed());
        assert!(opentelemetry::Context::is_current_telemetry_suppressed());
    })
    .join()
    .unwrap();
}

/// A subscriber that wants nothing.
struct Fussy;

impl tracing::Subscriber for Fussy {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        false
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, _: &tracing::Event<'_>) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}
