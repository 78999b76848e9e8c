//! A shutdown that is asked for on the pipeline's own thread fails, and leaves everything as it was.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use traced::{Telemetry, traced};
use traced_tests::alone;

static TELEMETRY: Mutex<Option<Arc<Telemetry>>> = Mutex::new(None);

/// Fails the first time.
#[derive(Debug, Default)]
struct Exporter {
    calls: AtomicUsize,
    sent: Arc<AtomicUsize>,
}

impl SpanExporter for Exporter {
    async fn export(&self, spans: Vec<SpanData>) -> OTelSdkResult {
        if self.calls.fetch_add(1, Ordering::SeqCst) == 0 {
            return Err(OTelSdkError::InternalFailure("the first time".to_owned()));
        }
        self.sent.fetch_add(spans.len(), Ordering::SeqCst);
        Ok(())
    }
}

#[traced]
fn work() {}

#[test]
fn a_shutdown_by_the_callback_changes_nothing() {
    alone!({
        let exporter = Exporter::default();
        let sent = exporter.sent.clone();
        let answers: Arc<Mutex<Vec<String>>> = Arc::default();
        let into = answers.clone();
        let telemetry = traced::builder()
            .exporter(exporter)
            .report_to(move |_| {
                let telemetry = TELEMETRY.lock().unwrap().clone();
                if let Some(telemetry) = telemetry {
                    let answer = telemetry.shutdown(Duration::from_secs(5));
                    into.lock().unwrap().push(answer.unwrap_err().to_string());
                }
            })
            .install()
            .unwrap();
        let telemetry = Arc::new(telemetry);
        *TELEMETRY.lock().unwrap() = Some(telemetry.clone());
        work();
        telemetry.flush(Duration::from_secs(5)).unwrap_err();
        *TELEMETRY.lock().unwrap() = None;
        let answers = answers.lock().unwrap();
        assert!(answers.len() == 1 && answers[0].contains("the pipeline's own thread"), "{answers:?}");

        work();
        drop(telemetry);
        assert_eq!(sent.load(Ordering::SeqCst), 1, "what was recorded since is sent at the end");
    });
}
