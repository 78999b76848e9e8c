//! What arrives is what was pushed, in each thread's order.

use std::sync::atomic::Ordering;

use super::kit::{Does, LONG, header, with};

#[test]
fn one_threads_spans_arrive_in_order() {
    let (pipeline, seen) = with(Does::Succeed);
    seen.keep_spans.store(true, Ordering::SeqCst);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let mut producer = pipeline.producer();
            scope.spawn(move || {
                for number in 0..5_000 {
                    let len = usize::try_from(number * 7 % 300).unwrap();
                    producer.push(&header(thread, number), &vec![3; len]);
                }
            });
        }
    });
    pipeline.shutdown(LONG).unwrap();
    let spans = seen.spans.lock().unwrap();
    assert_eq!(spans.len(), 20_000);
    for thread in 0..4 {
        let of_thread = spans.iter().filter(|span| span.0 == thread);
        for (number, span) in (0..5_000).zip(of_thread) {
            assert_eq!((span.1, span.2 as u64), (number, number * 7 % 300));
        }
    }
}

#[test]
fn records_larger_than_a_chunk_arrive_between_small_ones() {
    let (pipeline, seen) = with(Does::Succeed);
    seen.keep_spans.store(true, Ordering::SeqCst);
    let lens = [10, 3_935, 3_936, 3_937, 5_000, 400_000, 0, 4_000, 4_000, 7];
    let mut producer = pipeline.producer();
    for (number, len) in (0..).zip(lens) {
        producer.push(&header(0, number), &vec![9; len]);
    }
    pipeline.flush(LONG).unwrap();
    let arrived: Vec<_> = seen.spans.lock().unwrap().iter().map(|span| span.2).collect();
    assert_eq!(arrived, lens);
    // Nor is the large memory kept while the thread is idle.
    assert_eq!(producer.chunk_bytes(), 4096);
}

#[test]
fn bodies_arrive_byte_for_byte() {
    use super::super::budget::Plan;
    use super::super::queue::{Intake, Producer};
    use super::super::reader::{Pause, Room};
    use crate::record::{Batch, Origins};

    let intake = std::sync::Arc::new(Intake::new(Plan::new(16 << 20, 1), true));
    let mut producer = Producer::new(intake.clone());
    let bodies: Vec<Vec<u8>> = (0..40).map(|len| (1..=len).collect()).collect();
    for (number, body) in (0..).zip(&bodies) {
        producer.push(&header(0, number), body);
    }
    let mut batch = Batch::default();
    let mut reader = intake.take_new().remove(0);
    let room = Room { spans: 100, bytes: 1 << 20 };
    let pause = reader.read(u64::MAX, &mut batch, &mut Origins::default(), room, &intake.budget);
    assert_eq!(pause, Pause::Target);
    let arrived: Vec<_> = batch.spans().map(|span| span.body.to_vec()).collect();
    assert_eq!(arrived, bodies);
}
