//! The models.

use loom::future::block_on;
use loom::thread;

use super::budget::Plan;
use super::chunk::CHUNK_BYTES;
use super::queue::{Intake, Producer};
use super::reader::{Pause, Reader, Room};
use super::sync::Arc;
use crate::record::{Batch, Header, Origins};

fn model(run: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(run);
}

fn intake() -> Arc<Intake> {
    Arc::new(Intake::new(Plan::new(0, 1), true))
}

fn push(producer: &mut Producer, ids: std::ops::RangeInclusive<u64>) {
    for id in ids {
        producer.push(&Header { span_id: id, start: id, end: id, ..Header::default() }, &[]);
    }
}

/// Reads as `drain.rs` does.
struct Pipeline {
    intake: Arc<Intake>,
    readers: Vec<Reader>,
    spans: Batch,
}

impl Pipeline {
    fn new(intake: &Arc<Intake>) -> Self {
        Self { intake: intake.clone(), readers: Vec::new(), spans: Batch::default() }
    }

    fn pass(&mut self) {
        self.readers.append(&mut self.intake.take_new());
        let room = Room { spans: usize::MAX, bytes: usize::MAX };
        let budget = &self.intake.budget;
        for mut reader in std::mem::take(&mut self.readers) {
            let target = reader.queue().pushed();
            let pause = reader.read(target, &mut self.spans, &mut Origins, room, budget);
            assert_eq!(pause, Pause::Target);
            if reader.is_done() {
                self.intake.retire(reader.queue().id());
                reader.give_back(budget);
            } else {
                self.readers.push(reader);
            }
        }
    }

    /// Nothing of a thread is left.
    fn check_that_all_is_given_back(&self) {
        assert_eq!((self.intake.queues(), self.readers.len()), (0, 0));
        assert_eq!(self.intake.budget.used(), self.intake.budget.spare() * CHUNK_BYTES);
    }
}

#[test]
fn what_is_pushed_is_read_in_order_and_all_is_given_back() {
    model(|| {
        let intake = intake();
        let mut producer = Producer::new(intake.clone());
        // Two chunks, and part of a third.
        let thread = thread::spawn(move || push(&mut producer, 1..=5));
        let mut pipeline = Pipeline::new(&intake);
        pipeline.pass();
        assert!(intake.counts().made() >= pipeline.spans.len() as u64);
        thread.join().unwrap();
        pipeline.pass();
        assert_eq!(pipeline.spans.0, [1, 2, 3, 4, 5]);
        pipeline.check_that_all_is_given_back();
    });
}

#[test]
fn chunks_go_round() {
    model(|| {
        let intake = intake();
        let mut producer = Producer::new(intake.clone());
        push(&mut producer, 1..=3);
        // Perhaps in the chunk that the first spans were in.
        let thread = thread::spawn(move || push(&mut producer, 4..=6));
        let mut pipeline = Pipeline::new(&intake);
        pipeline.pass();
        thread.join().unwrap();
        pipeline.pass();
        assert_eq!(pipeline.spans.0, [1, 2, 3, 4, 5, 6]);
        pipeline.check_that_all_is_given_back();
    });
}

#[test]
fn a_body_that_is_elsewhere_is_there_once_its_header_is() {
    model(|| {
        let intake = intake();
        let mut producer = Producer::new(intake.clone());
        let thread = thread::spawn(move || {
            push(&mut producer, 1..=1);
            producer.push(&Header { span_id: 2, start: 2, end: 2, ..Header::default() }, &[0; 1000]);
            push(&mut producer, 3..=3);
        });
        let mut pipeline = Pipeline::new(&intake);
        pipeline.pass();
        thread.join().unwrap();
        pipeline.pass();
        assert_eq!(pipeline.spans.0, [1, 2, 3]);
        pipeline.check_that_all_is_given_back();
    });
}

#[test]
fn whoever_brings_much_wakes_the_sleeping_pipeline() {
    model(|| {
        let intake = intake();
        let mut producer = Producer::new(intake.clone());
        // The second chunk is much.
        let thread = thread::spawn(move || push(&mut producer, 1..=3));
        // It may be woken early, by who does not see yet how much it awaits.
        block_on(async {
            while intake.fall_asleep(2) {
                intake.bell.rung().await;
                intake.bell.set_asleep(false);
            }
        });
        thread.join().unwrap();
    });
}

#[test]
fn a_flush_wakes_the_pipeline_however_it_falls_asleep() {
    model(|| {
        let intake = intake();
        let theirs = intake.clone();
        let thread = thread::spawn(move || {
            let mut producer = Producer::new(theirs.clone());
            push(&mut producer, 1..=1);
            theirs.bell.ring();
        });
        block_on(intake.bell.rung());
        let mut pipeline = Pipeline::new(&intake);
        pipeline.pass();
        assert_eq!(pipeline.spans.0, [1]);
        thread.join().unwrap();
    });
}

#[test]
fn at_a_shutdown_all_is_counted_and_nothing_is_left_behind() {
    model(|| {
        let intake = intake();
        let mut producer = Producer::new(intake.clone());
        let thread = thread::spawn(move || push(&mut producer, 1..=3));
        intake.close();
        let mut pipeline = Pipeline::new(&intake);
        pipeline.pass();
        intake.abandon();
        thread.join().unwrap();
        let counts = intake.counts();
        assert_eq!(counts.made(), 3);
        let read = pipeline.spans.len() as u64;
        assert!(read <= counts.pushed);
        assert_eq!(intake.queues(), 0);
    });
}
