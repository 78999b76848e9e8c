//! What has become of every span, counted per exporter. For each exporter, at any time:
//! made = exported + failed + dropped + queued.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::queue::Intake;
use super::report::{ExporterReport, Report, Stats};
use crate::export::Tally;

/// What one exporter did. Written on the pipeline's thread, read on any.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) name: String,
    exported: AtomicU64,
    failed: AtomicU64,
    dropped: AtomicU64,
    problem: Mutex<Option<String>>,
}

/// Spans that did not arrive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Lost {
    pub(super) failed: u64,
    pub(super) dropped: u64,
}

impl Lost {
    pub(super) fn total(self) -> u64 {
        self.failed + self.dropped
    }

    pub(super) fn since(self, before: Self) -> Self {
        Self {
            failed: self.failed.saturating_sub(before.failed),
            dropped: self.dropped.saturating_sub(before.dropped),
        }
    }
}

impl Account {
    pub(super) fn new(name: String) -> Self {
        Self {
            name,
            exported: AtomicU64::default(),
            failed: AtomicU64::default(),
            dropped: AtomicU64::default(),
            problem: Mutex::default(),
        }
    }

    /// Counts a batch of that many spans: what the exporter did not count has failed.
    pub(super) fn settle(&self, spans: usize, tally: &Tally) -> Lost {
        // An exporter that counts more than there is must not make the sum wrong; what it says has failed
        // does not count as exported.
        let exported = tally.exported.min(spans.saturating_sub(tally.failed));
        let dropped = tally.dropped.min(spans - exported);
        let lost = Lost { failed: (spans - exported - dropped) as u64, dropped: dropped as u64 };
        self.exported.fetch_add(exported as u64, Ordering::Release);
        self.failed.fetch_add(lost.failed, Ordering::Release);
        self.dropped.fetch_add(lost.dropped, Ordering::Release);
        lost
    }

    pub(super) fn count_dropped(&self, spans: usize) {
        self.dropped.fetch_add(spans as u64, Ordering::Release);
    }

    pub(super) fn count_failed(&self, spans: u64) {
        self.failed.fetch_add(spans, Ordering::Release);
    }

    pub(super) fn remember(&self, problem: String) {
        *self.problem.lock().unwrap_or_else(PoisonError::into_inner) = Some(problem);
    }

    /// In a forked process the lock may be held for ever.
    fn problem(&self, forked: bool) -> Option<String> {
        if forked {
            return self.problem.try_lock().ok()?.clone();
        }
        self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn exported(&self) -> u64 {
        self.exported.load(Ordering::Acquire)
    }

    fn lost(&self) -> Lost {
        Lost { failed: self.failed.load(Ordering::Acquire), dropped: self.dropped.load(Ordering::Acquire) }
    }
}

/// All counts.
#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) intake: Arc<Intake>,
    accounts: OnceLock<Vec<Arc<Account>>>,
    /// Nothing is sent any more: what is left has failed.
    over: AtomicBool,
}

impl Ledger {
    pub(super) fn new(intake: Arc<Intake>) -> Self {
        Self { intake, accounts: OnceLock::new(), over: AtomicBool::new(false) }
    }

    pub(super) fn open_accounts(&self, accounts: Vec<Arc<Account>>) {
        // Set once, at the start.
        let _ = self.accounts.set(accounts);
    }

    fn accounts(&self) -> &[Arc<Account>] {
        self.accounts.get().map_or(&[], Vec::as_slice)
    }

    /// From now on what is left counts as failed.
    pub(super) fn close(&self) {
        self.over.store(true, Ordering::SeqCst);
    }

    pub(super) fn report(&self) -> Report {
        let over = self.over.load(Ordering::SeqCst);
        // What became of spans first, and then how many were made, so that the difference is never negative.
        let done: Vec<_> =
            self.accounts().iter().map(|account| (account.exported(), account.lost())).collect();
        let counts = self.intake.counts();
        let made = counts.made();
        let exporters = self.accounts().iter().zip(done).map(|(account, (exported, lost))| {
            let dropped = lost.dropped + counts.dropped();
            let left = made.saturating_sub(exported + lost.failed + dropped);
            let (failed, queued) = if over { (lost.failed + left, 0) } else { (lost.failed, left) };
            let last_problem = account.problem(self.intake.is_forked());
            ExporterReport { name: account.name.clone(), exported, failed, dropped, queued, last_problem }
        });
        Report::new(made, counts.sampled_out, exporters.collect(), counts.dropped())
    }

    pub(super) fn stats(&self) -> Stats {
        Stats::from(&self.report())
    }

    /// What has been lost for each exporter since the start.
    pub(super) fn lost(&self) -> Vec<Lost> {
        let dropped = self.intake.counts().dropped();
        let accounts = self.accounts().iter().map(|account| account.lost());
        accounts.map(|lost| Lost { dropped: lost.dropped + dropped, ..lost }).collect()
    }

    /// Counts what is left as failed, for good; what that is for each exporter.
    pub(super) fn fail_the_rest(&self) -> Vec<u64> {
        let left = self.report().exporters.iter().map(|exporter| exporter.queued).collect::<Vec<_>>();
        for (account, left) in self.accounts().iter().zip(&left) {
            account.count_failed(*left);
        }
        left
    }
}
