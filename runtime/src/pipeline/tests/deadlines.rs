//! One deadline, kept from anywhere.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use tokio::runtime::Builder;

use super::super::{Config, FlushError, Pipeline, Reporter};
use super::kit::{Does, Fake, LONG, check, config, push, until, with};

const SHORT: Duration = Duration::from_millis(50);

/// Flushes and shuts down a pipeline that works, and one that never answers, in the given way.
fn in_all_cases(run: impl Fn(Box<dyn FnOnce() + Send>)) {
    for does in [Does::Succeed, Does::Hang] {
        let (pipeline, _) = with(does);
        run(Box::new(move || {
            push(&mut pipeline.producer(), 600);
            let timeout = if does == Does::Hang { SHORT } else { LONG };
            let began = Instant::now();
            let flushed = pipeline.flush(timeout);
            assert_eq!(flushed.is_ok(), does == Does::Succeed);
            let end = pipeline.shutdown(timeout);
            assert_eq!(end.is_ok(), does == Does::Succeed);
            assert!(began.elapsed() < LONG, "the deadline was not kept");
        }));
    }
}

/// Fails instead of hanging for ever.
fn bounded(run: impl FnOnce() + Send + 'static) {
    let (done, is_done) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        run();
        let _ = done.send(());
    });
    let done = is_done.recv_timeout(2 * LONG);
    assert!(!matches!(done, Err(std::sync::mpsc::RecvTimeoutError::Timeout)), "it hangs");
    thread.join().unwrap();
}

#[test]
fn without_a_runtime() {
    bounded(|| in_all_cases(|run| run()));
}

#[test]
fn on_a_current_thread_runtime() {
    bounded(|| {
        in_all_cases(|run| {
            let runtime = Builder::new_current_thread().build().unwrap();
            runtime.block_on(async { run() });
        });
    });
}

#[test]
fn on_multi_thread_runtimes_in_tasks_and_in_blocking_tasks() {
    bounded(|| {
        for workers in [1, 4] {
            in_all_cases(|run| {
                let runtime = Builder::new_multi_thread().worker_threads(workers).build().unwrap();
                runtime.block_on(async { run() });
            });
            in_all_cases(|run| {
                let runtime = Builder::new_multi_thread().worker_threads(workers).build().unwrap();
                runtime.block_on(async { tokio::spawn(async { run() }).await.unwrap() });
            });
            in_all_cases(|run| {
                let runtime = Builder::new_multi_thread().worker_threads(workers).build().unwrap();
                runtime.block_on(async { tokio::task::spawn_blocking(run).await.unwrap() });
            });
        }
    });
}

/// The simplest executor there is: no timer, no reactor.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let by = Instant::now() + LONG;
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
        assert!(Instant::now() < by, "the deadline was not kept");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn asynchronously_without_a_runtime() {
    for does in [Does::Succeed, Does::Hang, Does::Block(Duration::from_secs(2))] {
        let (pipeline, _) = with(does);
        push(&mut pipeline.producer(), 600);
        let timeout = if does == Does::Succeed { LONG } else { SHORT };
        let flushed = block_on(pipeline.flush_async(timeout));
        assert_eq!(flushed.is_ok(), does == Does::Succeed, "{flushed:?}");
        let end = block_on(pipeline.shutdown_async(timeout));
        assert_eq!(end.is_ok(), does == Does::Succeed, "{end:?}");
    }
}

#[test]
fn asynchronously_on_a_current_thread_runtime_without_a_timer() {
    let (pipeline, _) = with(Does::Hang);
    push(&mut pipeline.producer(), 600);
    let runtime = Builder::new_current_thread().build().unwrap();
    assert!(runtime.block_on(pipeline.flush_async(SHORT)).unwrap_err().is_timeout());
    let error = runtime.block_on(pipeline.shutdown_async(SHORT)).unwrap_err();
    assert_eq!(error.report().failed, 600);
}

#[test]
fn a_second_shutdown_returns_the_same_and_a_flush_says_so() {
    for does in [Does::Succeed, Does::Fail, Does::Hang] {
        let (pipeline, _) = with(does);
        push(&mut pipeline.producer(), 600);
        let first = pipeline.shutdown(if does == Does::Hang { SHORT } else { LONG });
        assert_eq!(pipeline.clone().shutdown(LONG), first);
        assert_eq!(block_on(pipeline.shutdown_async(LONG)), first);
        let error = pipeline.flush(LONG).unwrap_err();
        assert!(error.is_after_shutdown() && !error.is_timeout());
        assert!(error.to_string().starts_with("telemetry has been shut down ("), "{error}");
    }
}

#[test]
fn two_shutdowns_at_once_end_at_the_earlier_deadline() {
    let (pipeline, _) = with(Does::Hang);
    push(&mut pipeline.producer(), 600);
    let other = pipeline.clone();
    let patient = std::thread::spawn(move || other.shutdown(2 * LONG));
    let impatient = pipeline.shutdown(SHORT);
    assert!(impatient.clone().unwrap_err().is_timeout());
    assert_eq!(patient.join().unwrap(), impatient);
}

#[test]
fn an_exporter_that_blocks_the_thread_does_not_block_others() {
    let (pipeline, seen) = with(Does::Block(Duration::from_secs(3)));
    let mut producer = pipeline.producer();
    push(&mut producer, 600);
    let _ = pipeline.flush(Duration::ZERO);
    until(|| seen.batches.load(Ordering::SeqCst) == 1);
    assert!(pipeline.flush(SHORT).unwrap_err().is_timeout());
    let error = pipeline.shutdown(SHORT).unwrap_err();
    assert!(error.is_timeout());
    assert_eq!((error.report().failed, error.report().queued), (600, 0));
    check(error.report());
    assert_eq!(pipeline.shutdown(SHORT).unwrap_err(), error);
    // Later ones are dropped, and the rest of the counts stay.
    push(&mut producer, 1);
    assert_eq!(pipeline.stats().dropped, 1);
}

#[test]
fn a_flush_that_an_exporter_never_ends_keeps_its_deadline() {
    let (mut fake, seen) = Fake::new(Does::Succeed);
    fake.flush = Does::Hang;
    let pipeline = Pipeline::start(config(), vec![fake.make()]).unwrap();
    let mut producer = pipeline.producer();
    push(&mut producer, 10);
    // The deadline of the exporter's flush and the caller's are one: either may be seen first.
    let _ = pipeline.flush(SHORT);
    assert_eq!(seen.flushes.load(Ordering::SeqCst), 1);
    push(&mut producer, 10);
    let _ = pipeline.shutdown(SHORT);
    assert_eq!(pipeline.stats().exported, 20);
}

#[test]
fn a_flush_that_panics_is_reported() {
    let (mut fake, _) = Fake::new(Does::Succeed);
    fake.flush = Does::Panic;
    let pipeline = Pipeline::start(config(), vec![fake.make()]).unwrap();
    push(&mut pipeline.producer(), 10);
    let report = pipeline.flush(LONG).unwrap();
    assert_eq!(
        report.exporters[0].last_problem.as_deref(),
        Some("the exporter panicked while flushing: on purpose")
    );
    pipeline.shutdown(LONG).unwrap();
}

#[test]
fn the_pipelines_own_thread_does_not_wait_for_itself() {
    static PIPELINE: OnceLock<Pipeline> = OnceLock::new();
    let errors: Arc<Mutex<Vec<FlushError>>> = Arc::default();
    let into = errors.clone();
    let reporter = Reporter::to(Arc::new(move |_| {
        let Some(pipeline) = PIPELINE.get() else { return };
        into.lock().unwrap().extend([pipeline.flush(LONG), pipeline.shutdown(LONG)].map(Result::unwrap_err));
    }));
    let (fake, _) = Fake::new(Does::Fail);
    let pipeline = Pipeline::start(Config { reporter, ..config() }, vec![fake.make()]).unwrap();
    let pipeline = PIPELINE.get_or_init(|| pipeline);
    push(&mut pipeline.producer(), 10);
    let began = Instant::now();
    assert!(pipeline.flush(2 * LONG).is_err());
    assert!(began.elapsed() < LONG);
    let errors = errors.lock().unwrap();
    assert_eq!(errors.len(), 2);
    assert!(errors.iter().all(|it| it.to_string().contains("the pipeline's own thread")), "{errors:?}");
}

#[test]
fn a_forked_process_is_told_so_and_does_not_hang() {
    let (fake, _) = Fake::new(Does::Succeed);
    let pipeline = Pipeline::start_forked(config(), vec![fake.make()]);
    let mut producer = pipeline.producer();
    push(&mut producer, 10);
    for error in [pipeline.flush(LONG), pipeline.shutdown(LONG), block_on(pipeline.flush_async(LONG))] {
        assert!(error.unwrap_err().to_string().contains("forked"));
    }
}

#[test]
fn the_last_handle_that_is_dropped_ends_the_pipeline() {
    let (pipeline, seen) = with(Does::Succeed);
    let mut producer = pipeline.producer();
    push(&mut producer, 10);
    drop(pipeline);
    until(|| seen.exported.load(Ordering::SeqCst) == 10);
    // The exporter is dropped with the thread.
    until(|| Arc::strong_count(&seen) == 1);
}

#[test]
fn exporters_that_cannot_be_made_stop_the_start() {
    use crate::export::BuildError;
    let (fine, seen) = Fake::new(Does::Succeed);
    let bad = || -> crate::export::MakeExporter { Box::new(|| Err(BuildError("no such place".to_owned()))) };
    let error = Pipeline::start(config(), vec![fine.make(), bad()]).unwrap_err();
    assert_eq!(error.to_string(), "no such place");
    until(|| Arc::strong_count(&seen) == 1);
    let error = Pipeline::start(config(), vec![Box::new(|| panic!("on purpose"))]).unwrap_err();
    assert_eq!(error.to_string(), "making an exporter panicked: on purpose");
}
