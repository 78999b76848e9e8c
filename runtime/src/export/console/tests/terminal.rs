//! The exporter against writers that behave as terminals, pipes and pagers do.

use std::io::{Error, ErrorKind, Write};
use std::sync::{Arc, Mutex, mpsc};

use opentelemetry_sdk::Resource;

use super::super::exporter::Console;
use super::*;
use crate::export::{Exporter as _, Tally};

/// Keeps what is written, or fails.
#[derive(Clone, Default)]
struct Paper {
    text: Arc<Mutex<Vec<u8>>>,
    error: Arc<Mutex<Option<ErrorKind>>>,
}

impl Paper {
    fn text(&self) -> String {
        String::from_utf8(self.text.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if let Some(kind) = *self.error.lock().unwrap() {
            return Err(Error::from(kind));
        }
        self.text.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn console(writer: impl Write + Send + 'static) -> Console {
    let resource = Resource::builder_empty().with_service_name("orders").build();
    Console::new(Box::new(writer), Style { color: false, width: 100 }, &resource).unwrap()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

/// Exports spans of a new trace, and says what became of them.
async fn export(console: &mut Console, trace: u128, spans: u64) -> Tally {
    let mut tally = Tally::default();
    let spans = (1..=spans).map(|id| span(id, id - 1, "work", 0, 1).trace(trace));
    console.export(&batch(spans), &mut tally).await;
    tally
}

#[test]
fn spans_are_shown_when_quiet_and_at_a_flush() {
    let paper = Paper::default();
    let mut console = console(paper.clone());
    run(async {
        assert_eq!(export(&mut console, 1, 2).await.exported, 2);
        console.tick();
        console.output_is_written().await;
        assert_eq!(paper.text(), "");
        tokio::time::sleep(QUIET).await;
        console.tick();
        console.output_is_written().await;
        assert_eq!(paper.text().matches("work").count(), 2);
        export(&mut console, 2, 3).await;
        console.flush().await;
        assert_eq!(paper.text().matches("work").count(), 5);
    });
    assert!(paper.text().contains("  orders  3 spans"));
}

#[test]
fn a_closed_pipe_is_counted_and_said() {
    let paper = Paper::default();
    let mut console = console(paper.clone());
    run(async {
        *paper.error.lock().unwrap() = Some(ErrorKind::BrokenPipe);
        assert_eq!(export(&mut console, 1, 2).await.exported, 2);
        console.flush().await;
        let tally = export(&mut console, 2, 3).await;
        assert_eq!((tally.exported, tally.failed), (0, 3));
        assert_eq!(tally.problem.unwrap(), "nobody reads the standard output any more");
    });
}

#[test]
fn a_full_disk_is_counted_and_tried_again() {
    let paper = Paper::default();
    let mut console = console(paper.clone());
    run(async {
        *paper.error.lock().unwrap() = Some(ErrorKind::StorageFull);
        export(&mut console, 1, 5).await;
        console.flush().await;
        *paper.error.lock().unwrap() = None;
        // The five that are lost are taken from the next that come: sums are right.
        let tally = export(&mut console, 2, 3).await;
        assert_eq!((tally.exported, tally.failed), (0, 3));
        assert!(tally.problem.unwrap().starts_with("cannot write to the console: "));
        let tally = export(&mut console, 3, 3).await;
        assert_eq!((tally.exported, tally.failed, tally.problem), (1, 2, None));
        console.flush().await;
        assert_eq!(paper.text().matches("work").count(), 6);
    });
}

/// A pager that waits for its reader.
struct Pager(mpsc::Receiver<()>);

impl Write for Pager {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let _ = self.0.recv();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_stuck_terminal_holds_nobody_up_and_takes_no_more_memory() {
    let (_reader, stuck) = mpsc::channel();
    let mut console = console(Pager(stuck));
    run(async {
        let begun = Instant::now();
        let mut failed = 0;
        for trace in 1..=40 {
            let big = [span(1, 0, "big", 0, 1).trace(trace).event("e", 0, &[("k", Value::Str("x"))])];
            let big = big.into_iter().chain((2..3000).map(|id| span(id, 1, "work", 0, 1).trace(trace)));
            let mut tally = Tally::default();
            console.export(&batch(big), &mut tally).await;
            failed += tally.failed;
            let flushed = tokio::time::timeout(Duration::from_millis(1), console.flush()).await;
            assert!(flushed.is_err());
        }
        assert!(failed > 0);
        assert!(begun.elapsed() < Duration::from_secs(20));
    });
}
