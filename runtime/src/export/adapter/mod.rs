//! Any `SpanExporter` of OpenTelemetry's SDK, behind the pipeline.
//!
//! `data` builds what it takes, with the texts that `known` keeps, and `job` runs it where it may do as it likes.

mod data;
mod job;
mod known;
#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanExporter;
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use super::{BoxFuture, Exporter, Tally};
use crate::record::Batch;
use job::{Job, isolated};

/// Gives the exporter its resource and builds `SpanData` for it from the records.
pub(crate) fn exporter<E: SpanExporter + 'static>(exporter: E, resource: &Resource) -> Box<dyn Exporter> {
    Box::new(Adapter::new(exporter, resource))
}

/// How long the exporter may take to shut down, after it has been flushed.
const SHUTDOWN: Duration = Duration::from_secs(1);

struct Adapter<E: SpanExporter + 'static> {
    /// None only while this is being dropped.
    exporter: Option<Arc<E>>,
    /// An exporter is never called while it is still busy, which it may be after its caller gave up on it:
    /// <https://opentelemetry.io/docs/specs/otel/trace/sdk/#exportbatch>.
    turn: Arc<Mutex<()>>,
    /// What went wrong where nobody was there to be told.
    problem: Option<String>,
}

impl<E: SpanExporter + 'static> Adapter<E> {
    fn new(mut exporter: E, resource: &Resource) -> Self {
        let set = catch_unwind(AssertUnwindSafe(|| exporter.set_resource(resource)));
        let problem = set.err().map(|panic| format!("setting its resource {}", job::panicked(&*panic)));
        Self { exporter: Some(Arc::new(exporter)), turn: Arc::default(), problem }
    }

    /// The type's name: `{:?}` of an exporter may show what it authenticates with.
    fn type_name() -> &'static str {
        let name = std::any::type_name::<E>();
        name.split('<').next().unwrap_or(name)
    }

    async fn send(&mut self, batch: &Arc<Batch>) -> Result<(), String> {
        let turn = self.turn.clone().lock_owned().await;
        let exporter = self.exporter.clone().ok_or("it was shut down")?;
        let batch = batch.clone();
        let sent = Job::start(move |signal| {
            let _turn = turn;
            // Built where it is dropped: memory that is freed on another core than it was allocated on is dear.
            let data = data::spans(&batch);
            drop(batch);
            signal.drive(exporter.export(data))
        });
        sent.await?.ok_or("the export was given up")?.map_err(|error| error.to_string())
    }
}

impl<E: SpanExporter + 'static> Exporter for Adapter<E> {
    fn name(&self) -> String {
        format!("exporter {}", Self::type_name())
    }

    fn export<'a>(&'a mut self, batch: &'a Arc<Batch>, tally: &'a mut Tally) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if let Some(problem) = self.problem.take() {
                tally.problem = Some(problem);
            }
            match self.send(batch).await {
                Ok(()) => tally.exported += batch.len(),
                Err(problem) => {
                    tally.failed += batch.len();
                    tally.problem = Some(format!("{}: {problem}", Self::type_name()));
                }
            }
        })
    }

    fn flush(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let turn = self.turn.clone().lock_owned().await;
            let Some(exporter) = self.exporter.clone() else { return };
            let flushed = Job::start(move |_| {
                let _turn = turn;
                exporter.force_flush()
            });
            if let Err(problem) = flushed.await.and_then(|result| result.map_err(|error| error.to_string())) {
                self.problem = Some(format!("{}: flushing failed: {problem}", Self::type_name()));
            }
        })
    }
}

impl<E: SpanExporter + 'static> Drop for Adapter<E> {
    /// Shuts the exporter down and drops it, on a thread of its own: either may block, and some HTTP clients
    /// panic when they are dropped on a runtime's thread.
    fn drop(&mut self) {
        let Some(exporter) = self.exporter.take() else { return };
        let runtime = Handle::try_current().ok();
        let (done, ended) = std::sync::mpsc::channel();
        let thread = std::thread::Builder::new().name("traced-shutdown".to_owned());
        let spawned = thread.spawn(move || {
            let _runtime = runtime.as_ref().map(Handle::enter);
            // What it answers comes too late to be counted.
            let _ = isolated(move || {
                let _ = exporter.shutdown_with_timeout(SHUTDOWN);
                drop(exporter);
                let _ = done.send(());
            });
        });
        if spawned.is_ok() {
            let _ = ended.recv_timeout(SHUTDOWN);
        }
    }
}
