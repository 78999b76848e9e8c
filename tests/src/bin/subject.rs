//! A program that tests start: it makes a thousand spans, in one of many ways, and ends, in one of many ways.
//!
//! `subject RUNTIME GUARD END`
//!
//! | argument | values |
//! |---|---|
//! | `RUNTIME` | `none`, `current_thread`, `one_worker`, `many_workers` |
//! | `GUARD` | `outside` the runtime, `inside` of the asynchronous main, or handed to a `task` |
//! | `END` | `return`, `report` (shuts down and prints what became of the spans), `report_async`, `flush` (and then shuts down), `panic` |

use std::pin::pin;
use std::process::ExitCode;
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use traced::{FlushError, Report, Telemetry, traced};

const DEADLINE: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [runtime, guard, end] = arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] else {
        eprintln!("usage: subject RUNTIME GUARD END");
        return ExitCode::from(2);
    };
    match (runtime, guard) {
        ("none", "outside") => {
            let telemetry = traced::init().unwrap();
            poll_to_end(emit());
            finish(telemetry, end);
        }
        (_, "outside") => {
            let telemetry = traced::init().unwrap();
            let runtime = build(runtime);
            runtime.block_on(emit());
            finish(telemetry, end);
        }
        (_, "inside") => build(runtime).block_on(async {
            let telemetry = traced::init().unwrap();
            emit().await;
            if end == "report_async" {
                let start = Instant::now();
                let report = telemetry.shutdown_async(DEADLINE).await;
                print("shutdown", start, &report);
            } else {
                finish(telemetry, end);
            }
        }),
        (_, "task") => build(runtime).block_on(async {
            let telemetry = traced::init().unwrap();
            emit().await;
            let end = end.to_owned();
            let task = tokio::spawn(async move { finish(telemetry, &end) });
            if let Err(error) = task.await {
                std::panic::resume_unwind(error.into_panic());
            }
        }),
        _ => panic!("no such place for the guard: {guard}"),
    }
    ExitCode::SUCCESS
}

fn build(runtime: &str) -> tokio::runtime::Runtime {
    let mut builder = match runtime {
        "current_thread" => tokio::runtime::Builder::new_current_thread(),
        "one_worker" | "many_workers" => tokio::runtime::Builder::new_multi_thread(),
        _ => panic!("no such runtime: {runtime}"),
    };
    builder.worker_threads(if runtime == "one_worker" { 1 } else { 8 }).enable_all().build().unwrap()
}

/// Ends telemetry. For `return`, its guard is dropped.
fn finish(telemetry: Telemetry, end: &str) {
    match end {
        "return" => drop(telemetry),
        "report" => shut_down(&telemetry),
        "flush" => {
            let start = Instant::now();
            print("flush", start, &telemetry.flush(DEADLINE));
            shut_down(&telemetry);
        }
        "panic" => doomed(),
        _ => panic!("no such end: {end}"),
    }
}

fn shut_down(telemetry: &Telemetry) {
    let start = Instant::now();
    print("shutdown", start, &telemetry.shutdown(DEADLINE));
}

#[traced]
fn doomed() {
    panic!("the end that was asked for");
}

fn print(what: &str, start: Instant, result: &Result<Report, FlushError>) {
    println!("{what}.ms={}", start.elapsed().as_millis());
    let report = match result {
        Ok(report) => report,
        Err(error) => {
            println!("{what}.error={error}");
            println!("{what}.timeout={}", error.is_timeout());
            error.report()
        }
    };
    println!("{what}.made={}", report.made);
    println!("{what}.exported={}", report.exported);
    println!("{what}.failed={}", report.failed);
    println!("{what}.dropped={}", report.dropped);
    println!("{what}.queued={}", report.queued);
    println!("{what}.sampled_out={}", report.sampled_out);
}

/// A thousand spans: 300 by synchronous code, 600 by asynchronous code, and 100 on a thread that is still there
/// when the program ends, and has done nothing since.
async fn emit() {
    for number in 0..150 {
        outer(number);
    }
    if tokio::runtime::Handle::try_current().is_ok() {
        let tasks: Vec<_> = (0..10).map(|task| traced::spawn(thirty_outers(task))).collect();
        for task in tasks {
            task.await.unwrap();
        }
    } else {
        for task in 0..10 {
            thirty_outers(task).await;
        }
    }
    let (done, is_done) = mpsc::channel();
    std::thread::spawn(move || {
        for number in 0..50 {
            outer(number);
        }
        done.send(()).unwrap();
        loop {
            std::thread::park();
        }
    });
    is_done.recv().unwrap();
}

#[traced(fields(number))]
fn outer(number: u64) -> u64 {
    inner(number + 1)
}

#[traced]
fn inner(number: u64) -> u64 {
    number
}

async fn thirty_outers(task: u64) {
    for number in 0..30 {
        outer_async(task * 30 + number).await;
    }
}

#[traced(fields(number))]
async fn outer_async(number: u64) -> u64 {
    tokio::task::yield_now().await;
    inner_async(number + 1).await
}

#[traced]
async fn inner_async(number: u64) -> u64 {
    tokio::task::yield_now().await;
    number
}

/// Runs a future without any runtime.
fn poll_to_end<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}
