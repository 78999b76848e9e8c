//! Collects what all threads have pushed into batches.

use std::sync::Arc;

use super::budget::Charge;
use super::lane::Held;
use super::queue::Intake;
use super::reader::{Dropped, Pause, Reader, Room};
use crate::record::{Batch, Origins};

/// Reads the queues of all threads, pass by pass. A pass goes through every queue once, up to what was in it
/// when the pass came to it, and so ends even if threads push faster than it reads.
#[derive(Debug)]
pub(super) struct Drain {
    intake: Arc<Intake>,
    readers: Vec<Reader>,
    origins: Origins,
    /// The batch being filled, and what it takes of the memory budget.
    batch: Batch,
    charge: Charge,
    room: Room,
    /// Where the pass is, and how far to read there.
    next: usize,
    target: Option<u64>,
    passing: bool,
    started: u64,
    finished: u64,
    dropped: Dropped,
}

/// How far it came.
#[derive(Debug)]
pub(super) enum Step {
    /// A batch is full.
    Full(Held),
    /// A pass is done.
    Done,
}

impl Drain {
    pub(super) fn new(intake: Arc<Intake>, origins: Origins, batch_spans: usize) -> Self {
        Self {
            readers: Vec::new(),
            origins,
            batch: Batch::default(),
            charge: Charge::new(intake.budget.clone()),
            room: Room { spans: batch_spans, bytes: intake.budget.plan().batch },
            next: 0,
            target: None,
            passing: false,
            started: 0,
            finished: 0,
            dropped: Dropped::default(),
            intake,
        }
    }

    /// Goes on with the pass, or starts one.
    pub(super) fn step(&mut self) -> Step {
        if !self.passing {
            self.passing = true;
            self.started += 1;
            self.readers.append(&mut self.intake.take_new());
        }
        let budget = &*self.intake.budget;
        while let Some(reader) = self.readers.get_mut(self.next) {
            let target = *self.target.get_or_insert_with(|| reader.queue().pushed());
            let batch = &mut self.batch;
            if reader.read(target, batch, &mut self.origins, self.room, budget) == Pause::Full {
                return Step::Full(self.take());
            }
            self.target = None;
            let dropped = reader.newly_dropped();
            self.dropped.over_budget += dropped.over_budget;
            self.dropped.too_large += dropped.too_large;
            if reader.is_done() {
                let reader = self.readers.swap_remove(self.next);
                self.intake.retire(reader.queue().id());
                reader.give_back(budget);
            } else {
                self.next += 1;
            }
        }
        self.charge.grow_to(self.batch.allocated());
        self.next = 0;
        self.passing = false;
        self.finished = self.started;
        Step::Done
    }

    /// What is in the batch being filled.
    pub(super) fn take(&mut self) -> Held {
        self.charge.grow_to(self.batch.allocated());
        let (batch, charge) = (self.batch.next(), Charge::new(self.intake.budget.clone()));
        Held {
            batch: Arc::new(std::mem::replace(&mut self.batch, batch)),
            charge: std::mem::replace(&mut self.charge, charge),
        }
    }

    /// The spans in the batch being filled.
    pub(super) fn len(&self) -> usize {
        self.batch.len()
    }

    pub(super) fn is_passing(&self) -> bool {
        self.passing
    }

    /// The pass that has read all that was pushed before this call, once it has finished.
    pub(super) fn pass_after_now(&self) -> u64 {
        self.started + 1
    }

    pub(super) fn has_finished(&self, pass: u64) -> bool {
        self.finished >= pass
    }

    /// What threads have dropped since the last call.
    pub(super) fn take_dropped(&mut self) -> Dropped {
        std::mem::take(&mut self.dropped)
    }

    /// Looks at what threads have dropped while nothing is read.
    pub(super) fn look_for_drops(&mut self) {
        for reader in &mut self.readers {
            let dropped = reader.newly_dropped();
            self.dropped.over_budget += dropped.over_budget;
            self.dropped.too_large += dropped.too_large;
        }
    }
}
