//! What a program is told when its collector dies.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use traced::opentelemetry::trace::{TraceContextExt as _, TraceId};
use traced::{Batch, Report, Stats, Telemetry, traced};

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

    // As long as the collector lives, what counts as exported is what it holds.
    let trace = work(499);
    telemetry.flush(Duration::from_secs(10)).unwrap();
    let url = format!("{}/api/v3/traces/{trace}", collector.query);
    let held = poll(&url, |answer| Some(spans(answer).len()).filter(|held| *held >= 500)).await;
    let Stats { made, exported, .. } = telemetry.stats();
    assert_eq!((held, made, exported), (500, 500, 500));

    // It dies while the program works.
    let done = Arc::new(AtomicBool::new(false));
    let program = thread::spawn({
        let done = Arc::clone(&done);
        move || (0..=u32::MAX).take_while(|_| !done.load(Ordering::Relaxed)).map(paced).sum::<u64>()
    });
    wait_for(&telemetry, |stats| stats.exported > 500);
    collector.kill().await;
    wait_for(&telemetry, |stats| stats.failed > 0);
    let acknowledged = telemetry.stats().exported;
    done.store(true, Ordering::Relaxed);
    let worked = program.join().unwrap();

    let started = Instant::now();
    let told = telemetry.shutdown(Duration::from_secs(2)).unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(3), "it took {:?}", started.elapsed());
    let &Report { made, exported, failed, dropped, queued, .. } = told.report();
    assert_eq!(made, 500 + worked, "{told}");
    assert!(exported > 500 && failed > 0, "{told}");
    assert_eq!(exported, acknowledged, "the dead acknowledge nothing: {told}");
    assert_eq!(exported + failed + dropped + queued, made, "{told}");
}

fn wait_for(telemetry: &Telemetry, condition: impl Fn(Stats) -> bool) {
    let started = Instant::now();
    while !condition(telemetry.stats()) {
        assert!(started.elapsed() < Duration::from_secs(20), "{:?}", telemetry.stats());
        thread::sleep(Duration::from_millis(5));
    }
}

/// Ten spans, at a pace that a collector keeps up with. Returns how many.
fn paced(_round: u32) -> u64 {
    work(9);
    thread::sleep(Duration::from_millis(1));
    10
}

/// A span, and so many below it.
#[traced]
fn work(steps: u32) -> TraceId {
    for number in 0..steps {
        step(number);
    }
    traced::current().context().span().span_context().trace_id()
}

#[traced(fields(number))]
fn step(number: u32) {
    std::hint::black_box(number);
}
