//! What runs longer than the function, and records in its span, takes what it needs for that with `move`.

use std::future::ready;
use std::thread::{JoinHandle, spawn};

use traced::{record, traced};

fn run<F: Future + 'static>(_: F) {}

#[traced(fields(rows = Empty))]
fn in_a_thread() {
    drop(spawn(|| record!(rows = 1)));
}

#[traced(fields(rows = Empty))]
fn in_a_thread_that_is_returned() -> Result<JoinHandle<()>, String> {
    Ok(spawn(|| {
        record!(rows = 1);
    }))
}

#[traced(fields(rows = Empty))]
async fn in_a_task() {
    run(async {
        record!(rows = 1);
    });
    ready(()).await;
}

#[traced(fields(rows = Empty))]
async fn with_move() {
    run(async move {
        record!(rows = 1);
    });
    drop(spawn(move || record!(rows = 1)));
    ready(()).await;
}

fn main() {}
