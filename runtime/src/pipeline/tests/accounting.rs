//! made = exported + failed + dropped + queued, whatever happens.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::super::{Pipeline, Report};
use super::kit::{Does, Fake, LONG, check, config, header, push, until, with};

/// Exported, failed, dropped, queued.
fn counts(report: &Report) -> (u64, u64, u64, u64) {
    check(report);
    (report.exported, report.failed, report.dropped, report.queued)
}

#[test]
fn a_success_is_exported() {
    let (pipeline, seen) = with(Does::Succeed);
    let mut producer = pipeline.producer();
    push(&mut producer, 1000);
    producer.sampled_out();
    let report = pipeline.flush(LONG).unwrap();
    assert_eq!(counts(&report), (1000, 0, 0, 0));
    assert_eq!((report.made, report.sampled_out), (1000, 1));
    assert_eq!(seen.exported.load(Ordering::SeqCst), 1000);
    assert_eq!(seen.flushes.load(Ordering::SeqCst), 1);
    assert!(seen.largest_batch.load(Ordering::SeqCst) <= 512);
    assert!(seen.suppressed.load(Ordering::SeqCst));
    assert_eq!(
        report.to_string(),
        "1000 spans: 1000 exported; 1 trace left out by the sampler; fake Succeed"
    );
    let stats = pipeline.stats();
    assert_eq!((stats.made, stats.exported, stats.queued), (1000, 1000, 0));
    pipeline.shutdown(LONG).unwrap();
}

#[test]
fn what_is_not_acknowledged_has_failed() {
    for (does, expected) in [
        (Does::Fail, (0, 1000, 0, 0)),
        (Does::Panic, (0, 1000, 0, 0)),
        (Does::PanicAtOnce, (0, 1000, 0, 0)),
        // Batches of 512 and 488.
        (Does::Half, (500, 498, 2, 0)),
    ] {
        let (pipeline, _) = with(does);
        let mut producer = pipeline.producer();
        push(&mut producer, 1000);
        let error = pipeline.flush(LONG).unwrap_err();
        assert_eq!(counts(error.report()), expected, "{does:?}");
        assert!(!error.is_timeout() && !error.is_after_shutdown());
        assert!(error.report().exporters[0].last_problem.is_some());
        // Nothing was lost since; and the exporter still works.
        pipeline.flush(LONG).unwrap();
        push(&mut producer, 1);
        let error = pipeline.shutdown(LONG).unwrap_err();
        assert_eq!(error.report().made, 1001);
        assert_eq!(error.report().queued, 0);
        check(error.report());
    }
}

#[test]
fn what_is_acknowledged_stays_so_when_the_time_for_an_export_is_over() {
    let (fake, _) = Fake::new(Does::OneThenHang);
    let config = super::super::Config { export_timeout: Duration::from_millis(20), ..config() };
    let pipeline = Pipeline::start(config, vec![fake.make()]).unwrap();
    push(&mut pipeline.producer(), 1000);
    let error = pipeline.flush(LONG).unwrap_err();
    assert_eq!(counts(error.report()), (2, 998, 0, 0));
    let problem = error.report().exporters[0].last_problem.clone().unwrap();
    assert!(problem.contains("20ms"), "{problem}");
}

#[test]
fn what_is_left_at_shutdown_has_failed() {
    for (does, exported) in [(Does::Hang, 0), (Does::OneThenHang, 1)] {
        let (pipeline, _) = with(does);
        let mut producer = pipeline.producer();
        push(&mut producer, 1000);
        let error = pipeline.flush(Duration::from_millis(50)).unwrap_err();
        assert!(error.is_timeout(), "{error}");
        assert_eq!((error.report().queued, error.report().failed), (1000, 0));
        check(error.report());
        let error = pipeline.shutdown(Duration::from_millis(50)).unwrap_err();
        assert!(error.is_timeout());
        assert_eq!(counts(error.report()), (exported, 1000 - exported, 0, 0));
        // Later ones are dropped.
        push(&mut producer, 3);
        let stats = pipeline.stats();
        assert_eq!((stats.made, stats.dropped, stats.failed), (1003, 3, 1000 - exported));
    }
}

#[test]
fn a_dead_exporter_starves_no_other() {
    let (dead, _) = Fake::new(Does::Hang);
    let (alive, seen) = Fake::new(Does::Succeed);
    let config = super::super::Config { memory: 1 << 20, ..config() };
    let pipeline = Pipeline::start(config, vec![dead.make(), alive.make()]).unwrap();
    let mut producer = pipeline.producer();
    // Far more than the memory holds, at a pace that the one which is alive can keep.
    for _ in 0..100 {
        push(&mut producer, 500);
        let made = pipeline.stats().made;
        let _ = pipeline.flush(Duration::ZERO);
        until(|| seen.exported.load(Ordering::SeqCst) == made);
    }
    let error = pipeline.shutdown(Duration::ZERO).unwrap_err();
    let report = error.report();
    check(report);
    let [dead, alive] = &report.exporters[..] else { panic!("two") };
    assert_eq!((alive.exported, alive.failed, alive.dropped), (50_000, 0, 0));
    assert_eq!(dead.exported, 0);
    assert!(dead.dropped > 0 && dead.failed > 0, "{dead}");
    // The worst is what is said of all.
    assert_eq!((report.exported, report.dropped), (0, dead.dropped));
}

#[test]
fn a_queue_size_bounds_what_waits() {
    let (dead, seen) = Fake::new(Does::Hang);
    let config = super::super::Config { queue_size: Some(100), batch_size: 1000, ..config() };
    let pipeline = Pipeline::start(config, vec![dead.make()]).unwrap();
    let mut producer = pipeline.producer();
    push(&mut producer, 100);
    let _ = pipeline.flush(Duration::ZERO);
    until(|| seen.batches.load(Ordering::SeqCst) == 1);
    push(&mut producer, 500);
    let _ = pipeline.flush(Duration::from_millis(20));
    until(|| pipeline.stats().dropped == 400);
    let error = pipeline.shutdown(Duration::ZERO).unwrap_err();
    assert_eq!(counts(error.report()), (0, 200, 400, 0));
}

#[test]
fn without_exporters_spans_are_dropped_and_nothing_fails() {
    let pipeline = Pipeline::start(config(), Vec::new()).unwrap();
    let mut producer = pipeline.producer();
    push(&mut producer, 10);
    let report = pipeline.flush(LONG).unwrap();
    assert_eq!((report.made, report.dropped, report.queued), (10, 10, 0));
    assert_eq!(report.to_string(), "10 spans: 0 exported, 10 dropped; no exporter");
    drop(producer);
    assert_eq!(pipeline.shutdown(LONG).unwrap(), report);
    assert!(pipeline.flush(LONG).unwrap_err().is_after_shutdown());
    assert_eq!(pipeline.stats().dropped, 10);
}

#[test]
fn flushes_that_race_with_pushes_lose_nothing() {
    let (pipeline, seen) = with(Does::Succeed);
    std::thread::scope(|scope| {
        for thread in 0..2 {
            let mut producer = pipeline.producer();
            scope.spawn(move || {
                for number in 0..50_000 {
                    producer.push(&header(thread, number), &[1; 3]);
                    if number % 1000 == 0 {
                        std::thread::sleep(Duration::from_millis(1));
                    }
                }
            });
        }
        for _ in 0..50 {
            let before = pipeline.stats().made;
            let report = pipeline.flush(LONG).unwrap();
            check(&report);
            // Each thread may have counted a span that it was about to push.
            assert!(report.exported + 2 >= before);
        }
    });
    let report = pipeline.shutdown(LONG).unwrap();
    assert_eq!(counts(&report), (100_000, 0, 0, 0));
    assert_eq!(seen.exported.load(Ordering::SeqCst), 100_000);
}

#[test]
fn a_million_spans_of_two_threads_are_all_accounted_for() {
    const EACH: u64 = 500_000;
    let (pipeline, seen) = with(Does::Succeed);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let mut producer = pipeline.producer();
            scope.spawn(move || push(&mut producer, EACH));
        }
    });
    let report = match pipeline.shutdown(LONG) {
        Ok(report) => report,
        Err(error) => error.report().clone(),
    };
    check(&report);
    assert_eq!((report.made, report.failed, report.queued), (2 * EACH, 0, 0));
    assert_eq!(report.made, report.exported + report.dropped);
    assert_eq!(report.exported, seen.exported.load(Ordering::SeqCst));
}

#[test]
fn a_partial_batch_leaves_after_the_delay_or_the_tick() {
    let (fake, seen) = Fake::new(Does::Succeed);
    let short = super::super::Config { delay: Duration::from_millis(10), ..config() };
    let pipeline = Pipeline::start(short, vec![fake.make()]).unwrap();
    let mut producer = pipeline.producer();
    push(&mut producer, 3);
    until(|| seen.exported.load(Ordering::SeqCst) == 3);
    push(&mut producer, 3);
    until(|| seen.exported.load(Ordering::SeqCst) == 6);

    let (mut fake, seen) = Fake::new(Does::Succeed);
    fake.tick = Some(Duration::from_millis(10));
    let pipeline = Pipeline::start(config(), vec![fake.make()]).unwrap();
    push(&mut pipeline.producer(), 3);
    until(|| seen.exported.load(Ordering::SeqCst) == 3 && seen.ticks.load(Ordering::SeqCst) >= 3);
}

#[test]
fn full_batches_leave_at_once() {
    // The delay is an hour, so whoever pushes has to wake the pipeline.
    let (pipeline, seen) = with(Does::Succeed);
    until(|| pipeline.is_asleep());
    assert_eq!(pipeline.chunks_to_wake(), 512 * 64 / 4096);
    let mut producer = pipeline.producer();
    push(&mut producer, 2 * 512);
    until(|| seen.exported.load(Ordering::SeqCst) >= 512);
}

#[test]
fn a_shutdown_that_races_with_threads_and_their_ends_accounts_for_all() {
    for _ in 0..20 {
        let (pipeline, seen) = with(Does::Succeed);
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let pipeline = &pipeline;
                scope.spawn(move || {
                    // Each producer ends as a thread's does.
                    for number in 0..300 {
                        let mut producer = pipeline.producer();
                        push(&mut producer, (thread + number) % 5);
                    }
                });
            }
            std::thread::sleep(Duration::from_millis(1));
            // What comes later is dropped, which it says.
            let _ = pipeline.shutdown(LONG);
        });
        let stats = pipeline.stats();
        assert_eq!(stats.made, 8 * 300 / 5 * (1 + 2 + 3 + 4));
        // What a thread was about to push when it was closed may have come too late.
        assert_eq!(stats.made, stats.exported + stats.dropped + stats.failed);
        assert!(stats.failed <= 8, "{stats:?}");
        assert_eq!(stats.exported, seen.exported.load(Ordering::SeqCst));
        assert_eq!(pipeline.queues(), 0);
    }
}
