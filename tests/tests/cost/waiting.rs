//! Whether recording waits for anybody cannot be seen from outside. What can be: it goes on, and its program ends in
//! order, while everything that it could wait for stands still.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use traced::{Telemetry, traced};
use traced_tests::alone;

const SPANS: usize = 10_000;

/// Closed until it is opened.
#[derive(Debug, Default)]
struct Gate {
    open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    fn open(&self) {
        *self.open.lock().unwrap() = true;
        self.opened.notify_all();
    }

    fn pass(&self) {
        drop(self.opened.wait_while(self.open.lock().unwrap(), |open| !*open).unwrap());
    }
}

/// Holds up the thread that exports, the pipeline's own, until a gate is opened.
#[derive(Debug)]
struct Stands {
    gate: Arc<Gate>,
    entered: mpsc::Sender<()>,
    sent: Arc<AtomicUsize>,
}

impl SpanExporter for Stands {
    async fn export(&self, spans: Vec<SpanData>) -> OTelSdkResult {
        let _ = self.entered.send(());
        self.gate.pass();
        self.sent.fetch_add(spans.len(), Ordering::SeqCst);
        Ok(())
    }
}

#[traced(fields(number))]
fn work(number: usize) {
    std::hint::black_box(number);
}

/// With a pipeline that stands still in its exporter.
fn standing(memory: usize) -> (Telemetry, Arc<Gate>, Arc<AtomicUsize>) {
    let (gate, sent) = (Arc::<Gate>::default(), Arc::default());
    let (entered, is_there) = mpsc::channel();
    let exporter = Stands { gate: gate.clone(), entered, sent: Arc::clone(&sent) };
    let soon = traced::Batch::default().delay(Duration::from_millis(1));
    let telemetry = traced::builder().exporter(exporter).memory(memory).batch(soon).install().unwrap();
    work(0);
    is_there.recv().unwrap();
    (telemetry, gate, sent)
}

#[test]
fn recording_goes_on_while_the_pipeline_stands_still() {
    alone!({
        let (telemetry, gate, sent) = standing(64 << 20);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..SPANS).for_each(work));
            }
        });
        // Here everything has been recorded, and nothing has been exported.
        assert_eq!(sent.load(Ordering::SeqCst), 0);
        gate.open();
        let report = telemetry.shutdown(Duration::from_secs(20)).unwrap();
        assert_eq!(sent.load(Ordering::SeqCst), 4 * SPANS + 1);
        assert_eq!((report.made, report.exported), (4 * SPANS as u64 + 1, 4 * SPANS as u64 + 1));
    });
}

#[test]
fn recording_goes_on_without_memory_and_counts_what_it_drops() {
    alone!({
        let (telemetry, gate, sent) = standing(1 << 20);
        (0..10 * SPANS).for_each(work);
        assert_eq!(sent.load(Ordering::SeqCst), 0);
        gate.open();
        let report = match telemetry.shutdown(Duration::from_secs(20)) {
            Ok(report) => report,
            Err(error) => error.report().clone(),
        };
        assert_eq!(report.made, 10 * SPANS as u64 + 1);
        assert_eq!(report.exported, sent.load(Ordering::SeqCst) as u64);
        assert_eq!(report.exported + report.dropped, report.made, "{report:?}");
        assert!(report.dropped > 0 && report.exported > 0, "{report:?}");
    });
}

#[test]
fn a_program_ends_in_time_while_its_exporter_stands_still() {
    alone!({
        let (telemetry, _gate, _sent) = standing(64 << 20);
        (0..SPANS).for_each(work);
        let error = telemetry.shutdown(Duration::from_millis(100)).unwrap_err();
        assert!(error.is_timeout(), "{error}");
        assert_eq!(error.report().made, SPANS as u64 + 1);
        assert_eq!(error.report().exported, 0);
    });
}

struct Slow<'a> {
    gate: &'a Gate,
    entered: mpsc::Sender<()>,
}

impl fmt::Display for Slow<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entered.send(()).unwrap();
        self.gate.pass();
        f.write_str("at last")
    }
}

#[test]
fn others_record_and_flush_while_a_display_takes_its_time() {
    #[traced(fields(%slow))]
    fn held_up(slow: &Slow<'_>) {
        std::hint::black_box(slow);
    }
    #[traced]
    fn parent(slow: &Slow<'_>) {
        held_up(slow);
    }
    alone!({
        let (entered, is_there) = mpsc::channel();
        let exporter = opentelemetry_sdk::trace::InMemorySpanExporter::default();
        let telemetry = traced::builder().exporter(exporter.clone()).install().unwrap();
        let gate = Gate::default();
        std::thread::scope(|scope| {
            let slow = Slow { gate: &gate, entered };
            scope.spawn(move || parent(&slow));
            is_there.recv().unwrap();
            (0..SPANS).for_each(work);
            let report = telemetry.flush(Duration::from_secs(20));
            // Before anything can fail: the thread would be waited for.
            gate.open();
            assert_eq!(report.unwrap().exported, SPANS as u64);
        });
        let report = telemetry.flush(Duration::from_secs(20)).unwrap();
        assert_eq!(report.exported, SPANS as u64 + 2);
        let spans = exporter.get_finished_spans().unwrap();
        let held_up = spans.iter().find(|span| span.name == "held_up").unwrap();
        assert!(held_up.attributes.iter().any(|pair| pair.value.as_str() == "at last"), "{held_up:?}");
    });
}
