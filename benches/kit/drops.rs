//! Exporters for every peer, each with the OpenTelemetry that it uses: included by path, no module of the kit.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

/// Spans exported so far.
static EXPORTED: AtomicU64 = AtomicU64::new(0);

pub(crate) fn exported() -> u64 {
    EXPORTED.load(Ordering::Acquire)
}

pub(crate) fn add(count: u64) {
    EXPORTED.fetch_add(count, Ordering::Release);
}

/// Drops its batch, after so many milliseconds.
#[derive(Debug)]
pub(crate) struct Drops(pub(crate) u64);

impl SpanExporter for Drops {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        if self.0 > 0 {
            futures_timer::Delay::new(Duration::from_millis(self.0)).await;
        }
        let count = batch.len() as u64;
        drop(batch);
        add(count);
        Ok(())
    }
}
