//! Every order in which threads can meet in a slot, where live spans lie: the recorder's own file, with parts that try
//! them all in place of the standard library's.

#[path = "../../../runtime/src/recorder/slot.rs"]
#[expect(dead_code, reason = "what only the recorder uses")]
mod slot;

mod sync {
    pub(crate) use loom::cell::UnsafeCell;
    pub(crate) use loom::sync::atomic::{AtomicU64, Ordering};

    pub(crate) struct Backoff;

    impl Backoff {
        pub(crate) fn new() -> Self {
            Self
        }

        #[expect(clippy::unused_self, reason = "as the real one")]
        pub(crate) fn snooze(&self) {
            loom::thread::yield_now();
        }
    }
}

use loom::thread;
use slot::{Slot, SlotRef};
use sync::{AtomicU64, UnsafeCell};

type Own = slot::Own<Vec<u8>>;

fn new() -> Own {
    Slot::of(AtomicU64::new(Slot::<Vec<u8>>::HELD), UnsafeCell::new(None)).leak()
}

/// Publishes something to begin with.
fn published(mut free: Own, content: u8) -> SlotRef<Vec<u8>> {
    free.get().clear();
    free.get().push(content);
    free.publish()
}

#[test]
fn what_others_add_is_there_when_the_owner_takes_it_out() {
    loom::model(|| {
        let span = published(new(), 0);
        let other = thread::spawn(move || span.with(|content| content.push(1)).is_some());
        assert!(span.with(|content| content.push(2)).is_some());
        let content = span.release().unwrap().get().clone();
        // Who came in time is there, once; who came late was told.
        assert_eq!(content.contains(&1), other.join().unwrap());
        assert!(content.contains(&2));
        assert!(span.with(|_| ()).is_none());
    });
}

#[test]
fn one_of_those_who_take_it_out_gets_it() {
    loom::model(|| {
        let span = published(new(), 0);
        let other = thread::spawn(move || span.release().is_some());
        let here = span.release().is_some();
        assert_ne!(here, other.join().unwrap());
    });
}

#[test]
fn a_reference_never_reaches_what_comes_after() {
    loom::model(|| {
        let old = published(new(), 0);
        let late = thread::spawn(move || old.with(|content| content.push(1)).is_some());
        let mut free = old.release().unwrap();
        let came = free.get().contains(&1);
        let new = published(free, 7);
        assert_eq!(late.join().unwrap(), came);
        assert_eq!(new.with(|content| content.clone()), Some(vec![7]));
    });
}
