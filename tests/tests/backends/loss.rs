//! What a program is told when its collector dies.

use std::time::{Duration, Instant};

use traced::opentelemetry::trace::{TraceContextExt as _, TraceId};
use traced::{Batch, Report, Stats, traced};

use super::collector::Collector;
use super::fetch::poll;
use super::jaeger::spans;

#[tokio::test]
#[ignore = "needs Jaeger and Zipkin: .ci/backends start"]
async fn every_span_is_accounted_for_when_the_collector_dies() {
    let mut collector = Collector::start().await;
    let batch =
        Batch::new().size(50).delay(Duration::from_millis(20)).export_timeout(Duration::from_millis(500));
    // What goes wrong is what is tested: nobody needs to read of it.
    let telemetry =
        traced::builder().otlp_grpc(&collector.grpc).batch(batch).report_to(|_| {}).install().unwrap();

    let trace = work(499);
    telemetry.flush(Duration::from_secs(10)).unwrap();
    let url = format!("{}/api/v3/traces/{trace}", collector.query);
    let held = poll(&url, |answer| (spans(answer).len() >= 500).then(|| spans(answer).len())).await;
    let Stats { made, exported, .. } = telemetry.stats();
    assert_eq!((held, made, exported), (500, 500, 500));

    collector.kill().await;
    work(499);
    let failed = telemetry.flush(Duration::from_secs(10)).unwrap_err();
    assert!(failed.report().failed > 0, "{failed}");

    work(49);
    let started = Instant::now();
    let shut_down = telemetry.shutdown(Duration::from_secs(2));
    assert!(started.elapsed() < Duration::from_secs(3), "it took {:?}", started.elapsed());
    let error = shut_down.unwrap_err();
    let &Report { made, exported, failed, dropped, queued, .. } = error.report();
    assert_eq!(made, 500 + 500 + 50);
    assert_eq!(exported, 500, "{error}");
    assert!(failed >= 500, "{error}");
    assert_eq!(exported + failed + dropped + queued, made, "{error}");
}

/// A span, and so many below it.
#[traced]
fn work(steps: usize) -> TraceId {
    for number in 0..steps {
        step(number);
    }
    traced::current().context().span().span_context().trace_id()
}

#[traced(fields(number))]
fn step(number: usize) {
    std::hint::black_box(number);
}
