//! What an annotated `async fn` returns is as large, and as much `Send` and `Sync`, as without the attribute.

use std::cell::Cell;
use std::rc::Rc;

use traced::traced;

/// An argument that is dropped: what a future keeps of it, it keeps until its end.
struct Large([u8; 4096]);

impl Drop for Large {
    fn drop(&mut self) {
        self.0[0] = 0;
    }
}

macro_rules! both {
    ($($function:item)+) => {
        mod bare {
            use super::*;
            $($function)+
        }
        mod annotated {
            use super::*;
            $(#[traced] $function)+
        }
        mod rooted {
            use super::*;
            $(#[traced(root, ret, fields(key = 1, late = Empty))] $function)+
        }
    };
}

both! {
    pub(super) async fn nothing() {}

    pub(super) async fn waits(n: u8) -> u8 {
        tokio::task::yield_now().await;
        n
    }

    pub(super) async fn with_a_result(text: &str) -> Result<String, std::fmt::Error> {
        tokio::task::yield_now().await;
        Ok(text.to_owned())
    }

    pub(super) async fn with_a_local(n: usize) -> u8 {
        let local = [1; 1024];
        tokio::task::yield_now().await;
        local[n]
    }

    pub(super) async fn with_an_argument(large: Large) -> u8 {
        tokio::task::yield_now().await;
        large.0[0]
    }

    pub(super) async fn not_send(shared: Rc<u8>) -> u8 {
        tokio::task::yield_now().await;
        *shared
    }

    pub(super) async fn not_sync(cell: Cell<u8>) -> u8 {
        tokio::task::yield_now().await;
        cell.get()
    }
}

#[test]
fn size() {
    let added = |bare: usize, annotated: usize| annotated.saturating_sub(bare);
    macro_rules! added {
        ($($name:ident($($argument:expr),*)),+) => {
            [$((
                stringify!($name),
                added(size_of_val(&bare::$name($($argument),*)), size_of_val(&annotated::$name($($argument),*))),
                added(size_of_val(&bare::$name($($argument),*)), size_of_val(&rooted::$name($($argument),*))),
            )),+]
        };
    }
    let sizes =
        added![nothing(), waits(1), with_a_result(""), with_a_local(1), with_an_argument(Large([0; 4096]))];
    println!("{sizes:?}");
    assert!(sizes.iter().all(|(_, added, rooted)| *added.max(rooted) <= 96), "{sizes:?}");
}

/// Whether the type of a value is `Send` and `Sync`: what is inherent goes before what a trait has.
macro_rules! auto_traits {
    ($value:expr) => {{
        struct Of<T>(T);
        #[allow(dead_code)]
        trait No {
            fn is_send(&self) -> bool {
                false
            }
            fn is_sync(&self) -> bool {
                false
            }
        }
        impl<T> No for Of<T> {}
        impl<T: Send> Of<T> {
            #[allow(dead_code)]
            fn is_send(&self) -> bool {
                true
            }
        }
        impl<T: Sync> Of<T> {
            #[allow(dead_code)]
            fn is_sync(&self) -> bool {
                true
            }
        }
        let of = Of($value);
        let answer = (of.is_send(), of.is_sync());
        drop(of.0);
        answer
    }};
}

#[test]
fn send_and_sync() {
    macro_rules! compare {
        ($($name:ident($($argument:expr),*) => $expected:expr;)+) => {$(
            assert_eq!(auto_traits!(bare::$name($($argument),*)), $expected, "bare {}", stringify!($name));
            assert_eq!(auto_traits!(annotated::$name($($argument),*)), $expected, stringify!($name));
            assert_eq!(auto_traits!(rooted::$name($($argument),*)), $expected, "rooted {}", stringify!($name));
        )+};
    }
    compare! {
        nothing() => (true, true);
        waits(1) => (true, true);
        with_a_result("") => (true, true);
        with_an_argument(Large([0; 4096])) => (true, true);
        not_send(Rc::new(1)) => (false, false);
        not_sync(Cell::new(1)) => (true, false);
    }
}

async fn bare_late(n: u8) -> u8 {
    tokio::task::yield_now().await;
    n
}

#[traced(ret, fields(late = Empty))]
async fn late(n: u8) -> u8 {
    tokio::task::yield_now().await;
    traced::record!(late = n);
    n
}

#[test]
fn size_with_a_late_field_after_a_wait() {
    let added = size_of_val(&late(1)) - size_of_val(&bare_late(1));
    assert!(added <= 96, "{added}");
}
