//! One budget for all threads, given back.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::super::{Config, Pipeline};
use super::kit::{Does, Fake, LONG, check, config, header, listening, push, until, with};

#[test]
fn many_threads_together_stay_within_the_budget() {
    for (threads, does) in
        [(64, Does::Hang), (256, Does::Slow(Duration::from_millis(1))), (512, Does::Succeed)]
    {
        let (fake, _) = Fake::new(does);
        let memory = 4 << 20;
        let pipeline = Pipeline::start(Config { memory, ..config() }, vec![fake.make()]).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..threads {
                let mut producer = pipeline.producer();
                let pipeline = &pipeline;
                scope.spawn(move || {
                    for number in 0..500 {
                        producer.push(&header(thread, number), &[5; 300]);
                    }
                    assert!(pipeline.budget().used() <= memory);
                });
            }
        });
        let report = match pipeline.shutdown(Duration::from_secs(1)) {
            Ok(report) => report,
            Err(error) => error.report().clone(),
        };
        check(&report);
        assert_eq!(report.made, threads * 500);
        assert!(pipeline.budget().peak() <= memory, "{} {does:?}", pipeline.budget().peak());
    }
}

#[test]
fn two_exporters_one_slow_stay_within_the_budget() {
    let (slow, _) = Fake::new(Does::Slow(Duration::from_millis(5)));
    let (dead, _) = Fake::new(Does::Hang);
    let memory = 1 << 20;
    let config = Config { memory, ..config() };
    let pipeline = Pipeline::start(config, vec![slow.make(), dead.make()]).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let mut producer = pipeline.producer();
            scope.spawn(move || {
                for number in 0..20_000 {
                    producer.push(&header(0, number), &[5; 8]);
                    if number % 100 == 0 {
                        std::thread::yield_now();
                    }
                }
            });
        }
    });
    let error = pipeline.shutdown(Duration::from_millis(100)).unwrap_err();
    check(error.report());
    assert!(pipeline.budget().peak() <= memory, "{}", pipeline.budget().peak());
}

#[test]
fn memory_is_given_back() {
    let (pipeline, _) = with(Does::Succeed);
    let budget = pipeline.budget();
    for _ in 0..3 {
        let mut producer = pipeline.producer();
        push(&mut producer, 20_000);
        pipeline.flush(LONG).unwrap();
        // The idle thread's chunk, and those that go round.
        until(|| budget.used() - budget.spare() * 4096 == 4096);
        drop(producer);
        pipeline.flush(LONG).unwrap();
        until(|| budget.used() == budget.spare() * 4096);
    }
    assert!(budget.spare() * 4096 <= 1 << 20);
}

#[test]
fn spare_memory_is_given_back_when_it_is_quiet() {
    let (fake, _) = Fake::new(Does::Succeed);
    let quick = Config { delay: Duration::from_millis(5), ..config() };
    let pipeline = Pipeline::start(quick, vec![fake.make()]).unwrap();
    push(&mut pipeline.producer(), 20_000);
    pipeline.flush(LONG).unwrap();
    until(|| pipeline.budget().used() == 0);
}

#[test]
fn ten_thousand_short_threads_leave_nothing_behind() {
    let (pipeline, seen) = with(Does::Succeed);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..2_500 {
                    let mut producer = pipeline.producer();
                    std::thread::spawn(move || push(&mut producer, 2)).join().unwrap();
                }
            });
        }
    });
    let report = pipeline.flush(LONG).unwrap();
    assert_eq!((report.made, report.exported), (20_000, 20_000));
    assert_eq!(seen.exported.load(Ordering::SeqCst), 20_000);
    assert_eq!(pipeline.queues(), 0);
    until(|| pipeline.budget().used() == pipeline.budget().spare() * 4096);
}

#[test]
fn a_thread_that_records_nothing_leaves_nothing_behind() {
    let (pipeline, _) = with(Does::Succeed);
    let mut producer = pipeline.producer();
    producer.sampled_out();
    assert_eq!(pipeline.queues(), 1);
    drop(producer);
    assert_eq!((pipeline.queues(), pipeline.budget().used()), (0, 0));
    assert_eq!(pipeline.stats().sampled_out, 1);
}

#[test]
fn a_thread_local_end_of_the_queue_outlives_its_thread() {
    use std::cell::RefCell;
    thread_local! {
        static PRODUCER: RefCell<Option<super::super::Producer>> = const { RefCell::new(None) };
    }
    let (pipeline, _) = with(Does::Succeed);
    for _ in 0..10 {
        let mut producer = pipeline.producer();
        let thread = std::thread::spawn(move || {
            push(&mut producer, 3);
            PRODUCER.set(Some(producer));
        });
        thread.join().unwrap();
    }
    assert_eq!(pipeline.flush(LONG).unwrap().exported, 30);
    assert_eq!(pipeline.queues(), 0);
}

#[test]
fn what_an_exporter_has_no_room_for_waits_with_the_threads() {
    let (fake, seen) = Fake::new(Does::Slow(Duration::from_millis(10)));
    // With a delay that is over at once, partial batches are due meanwhile.
    let config = Config { memory: 1 << 20, delay: Duration::from_millis(1), ..config() };
    let pipeline = Pipeline::start(config, vec![fake.make()]).unwrap();
    let mut producer = pipeline.producer();
    // More than the exporter's half, less than all.
    for number in 0..500 {
        producer.push(&header(0, number), &[5; 1000]);
    }
    let report = pipeline.flush(LONG).unwrap();
    assert_eq!((report.made, report.exported), (500, 500));
    assert!(seen.batches.load(Ordering::SeqCst) > 5);
    assert!(pipeline.budget().peak() <= 1 << 20);
}

#[test]
fn threads_that_end_after_shutdown_leave_nothing_behind() {
    let (pipeline, _) = with(Does::Succeed);
    let mut before = pipeline.producer();
    push(&mut before, 5);
    pipeline.shutdown(LONG).unwrap();
    let mut after = pipeline.producer();
    push(&mut after, 5);
    push(&mut before, 5);
    drop((before, after));
    assert_eq!(pipeline.queues(), 0);
    let stats = pipeline.stats();
    assert_eq!((stats.made, stats.exported, stats.dropped), (15, 5, 10));
}

#[test]
fn spans_without_memory_are_dropped_counted_and_reported() {
    let (reporter, problems) = listening();
    let (fake, _) = Fake::new(Does::Hang);
    let config = Config { memory: 256 << 10, reporter, ..config() };
    let pipeline = Pipeline::start(config, vec![fake.make()]).unwrap();
    let mut producer = pipeline.producer();
    push(&mut producer, 10_000);
    let error = pipeline.shutdown(Duration::from_millis(50)).unwrap_err();
    let report = error.report();
    check(report);
    assert!(report.dropped > 0 && report.failed > 0);
    let problems = problems.lock().unwrap();
    let lost: u64 = problems.iter().map(super::super::Problem::spans_lost).sum();
    assert_eq!(lost, 10_000, "{problems:#?}");
    assert!(
        problems.iter().any(|it| it.to_string().contains("the memory for telemetry (256 KiB) is in use"))
    );
}

#[test]
fn a_span_too_large_is_dropped_counted_and_reported() {
    let (reporter, problems) = listening();
    let (fake, _) = Fake::new(Does::Succeed);
    let pipeline = Pipeline::start(Config { reporter, ..config() }, vec![fake.make()]).unwrap();
    let mut producer = pipeline.producer();
    push(&mut producer, 1);
    producer.push(&header(0, 1), &vec![0; 2 << 20]);
    push(&mut producer, 1);
    let error = pipeline.flush(LONG).unwrap_err();
    assert_eq!((error.report().exported, error.report().dropped), (2, 1));
    let problems = problems.lock().unwrap();
    assert!(
        problems.iter().any(|it| it.to_string().starts_with("1 span lost: larger than 512 KiB")),
        "{problems:?}"
    );
}

#[test]
fn a_long_chain_of_chunks_is_dropped_without_overflowing_the_stack() {
    use super::super::budget::Plan;
    use super::super::queue::{Intake, Producer};
    let intake = Arc::new(Intake::new(Plan::new(1 << 30, 1), true));
    let mut producer = Producer::new(intake.clone());
    for number in 0..100_000 {
        producer.push(&header(0, number), &[0; 3000]);
    }
    drop(producer);
    let small = std::thread::Builder::new().stack_size(64 << 10);
    small.spawn(move || drop(intake.take_new())).unwrap().join().unwrap();
}

#[test]
fn spans_larger_than_a_chunk_are_bounded_and_given_back() {
    let (fake, _) = Fake::new(Does::Hang);
    let memory = 1 << 20;
    let pipeline = Pipeline::start(Config { memory, ..config() }, vec![fake.make()]).unwrap();
    let mut producer = pipeline.producer();
    for number in 0..400 {
        producer.push(&header(0, number), &[5; 10_000]);
    }
    let error = pipeline.shutdown(Duration::from_millis(20)).unwrap_err();
    check(error.report());
    assert!(error.report().dropped > 200, "{}", error.report());
    assert!(pipeline.budget().peak() <= memory, "{}", pipeline.budget().peak());

    let (pipeline, _) = with(Does::Succeed);
    let budget = pipeline.budget();
    let mut producer = pipeline.producer();
    for number in 0..100 {
        producer.push(&header(0, number), &[5; 10_000]);
    }
    assert_eq!(pipeline.flush(LONG).unwrap().exported, 100);
    until(|| budget.used() - budget.spare() * 4096 == 4096);
}

#[test]
fn the_parts_of_the_memory_are_within_it() {
    use super::super::budget::Plan;
    for memory in [0, 64 << 10, 1 << 20, 16 << 20, 1 << 30] {
        for exporters in 1..50 {
            let plan = Plan::new(memory, exporters);
            // Vectors may be twice as large as what they hold. One batch is being filled.
            let parts = plan.chunks + exporters * plan.share + 2 * plan.batch;
            assert!(parts <= plan.limit, "{plan:?}");
            // An exporter that has nothing gets one batch, whatever its share.
            assert!(2 * plan.batch <= plan.share, "{plan:?}");
        }
    }
}

#[test]
fn fresh_memory_is_made_for_several_spans_at_once() {
    use super::super::budget::{Budget, Plan};
    let budget = Budget::new(Plan::new(1 << 20, 1));
    let chunk = budget.draw().unwrap();
    assert_eq!((budget.spare(), budget.used()), (15, 16 * 4096));
    budget.put_back(chunk);
    budget.trim(10);
    assert_eq!((budget.spare(), budget.used()), (6, 6 * 4096));
    // Until there is no more.
    let drawn: Vec<_> = std::iter::from_fn(|| budget.draw()).collect();
    assert_eq!(drawn.len(), budget.plan().chunks / 4096);
    assert_eq!((budget.spare(), budget.used()), (0, budget.plan().chunks));
}
