//! The pipeline's thread, with a tokio runtime of its own, so that exporters work the same whatever runtime
//! the program has, or none.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use super::account::Account;
use super::control::Shared;
use super::lane::{Bounds, Driver, Lane};
use super::problem::{Kind, Problem};
use super::queue::Intake;
use super::report::Cause;
use super::worker::{End, Worker};
use super::{Config, guarded, quiet};
use crate::export::{BuildError, Exporter, MakeExporter};
use crate::record::Origins;

pub(super) struct Start {
    pub(super) config: Config,
    pub(super) shared: Arc<Shared>,
    pub(super) intake: Arc<Intake>,
    pub(super) makers: Vec<MakeExporter>,
    pub(super) started: SyncSender<Result<(), BuildError>>,
}

/// Runs until shutdown.
pub(super) fn run(start: Start) {
    quiet::enter();
    let shared = start.shared.clone();
    let _ = shared.thread.set(std::thread::current().id());
    let started = start.started.clone();
    let runtime = Builder::new_current_thread()
        .enable_all()
        .thread_name("traced-blocking")
        .on_thread_start(quiet::enter)
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = started.send(Err(BuildError(format!("no runtime for the pipeline: {error}"))));
            return;
        }
    };
    // A panic here is a mistake of ours. It must neither hang nor silence what waits.
    let ended = catch_unwind(AssertUnwindSafe(|| drive(&runtime, start)));
    // Does not wait for what exporters left behind on blocking threads.
    let dropped = catch_unwind(AssertUnwindSafe(|| runtime.shutdown_background()));
    match (ended, dropped) {
        (Ok(None), _) => {}
        (Ok(Some(end)), _) => {
            shared.end(end.answer);
            let answer = shared.control().ended.clone();
            let Some(answer) = answer else { return };
            for request in end.requests {
                request.answer(answer.clone());
            }
        }
        (Err(_), _) => {
            shared.end(Err(shared.error(Cause::Gone)));
            let why = "the pipeline panicked: nothing is exported any more; please report this".to_owned();
            shared.reporter.report(Problem::new(Kind::Pipeline, None, 0, why));
        }
    }
}

/// None if an exporter could not be made.
fn drive(runtime: &Runtime, start: Start) -> Option<End> {
    let Start { config, shared, intake, makers, started } = start;
    runtime.block_on(async {
        let exporters = match make(makers) {
            Ok(exporters) => exporters,
            Err(error) => {
                let _ = started.send(Err(error));
                return None;
            }
        };
        let accounts: Vec<_> =
            exporters.iter().map(|made| Arc::new(Account::new(made.name.clone()))).collect();
        shared.ledger.open_accounts(accounts.clone());
        let tick = exporters.iter().filter_map(|made| made.tick).min();
        let delay = tick.map_or(config.delay, |tick| tick.min(config.delay));
        let bounds = Bounds { spans: config.queue_size, bytes: intake.budget.plan().share };
        let lanes: Vec<_> = accounts.into_iter().map(|it| Arc::new(Lane::new(it, bounds))).collect();
        let drivers = exporters.into_iter().zip(&lanes).map(|(made, lane)| {
            let driver = Driver {
                exporter: made.exporter,
                tick: made.tick,
                lane: lane.clone(),
                export_timeout: config.export_timeout,
                reporter: config.reporter.clone(),
                intake: intake.clone(),
            };
            tokio::spawn(driver.run())
        });
        let drivers = drivers.collect();
        let origins = Origins::new(config.code_attributes);
        let worker = Worker::new(shared, intake, lanes, drivers, origins, config.batch_size, delay);
        let _ = started.send(Ok(()));
        drop(started);
        Some(worker.run().await)
    })
}

/// An exporter, and what it says of itself.
struct Made {
    name: String,
    tick: Option<Duration>,
    exporter: Box<dyn Exporter>,
}

fn make(makers: Vec<MakeExporter>) -> Result<Vec<Made>, BuildError> {
    let make = |make: MakeExporter| {
        let exporter = guarded::call(move || {
            let exporter = make()?;
            Ok(Made { name: exporter.name(), tick: exporter.tick_interval(), exporter })
        });
        exporter.unwrap_or_else(|panic| Err(BuildError(format!("making an exporter panicked: {panic}"))))
    };
    makers.into_iter().map(make).collect()
}
