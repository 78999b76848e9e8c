//! Every receiver, and functions with keywords and attributes of all kinds.
#![allow(
    clippy::trivially_copy_pass_by_ref,
    clippy::inline_always,
    clippy::unused_self,
    reason = "each kind is to be there"
)]

use std::future::ready;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use traced::traced;

use crate::recorder::{recorded, recorded_async};

#[derive(Clone)]
struct Repo(u8);

#[traced(fields(n = self.0))]
impl Repo {
    fn by_value(self) -> Self {
        self
    }

    fn by_mut_value(mut self) -> Self {
        self.0 += 1;
        self
    }

    fn by_ref(&self) -> Result<&u8, ()> {
        Ok(&self.0)
    }

    fn by_mut(&mut self) -> Option<&mut u8> {
        Some(&mut self.0)
    }

    fn by_lifetime<'a>(&'a mut self, _: &u8) -> Result<&'a mut Self, ()> {
        Ok(self)
    }

    fn boxed(self: Box<Self>) -> Result<Box<Self>, ()> {
        Ok(self)
    }

    fn shared(self: Arc<Self>) -> Option<Arc<Self>> {
        Some(self)
    }

    fn counted(self: Rc<Self>) -> Option<u8> {
        Some(self.0)
    }

    fn ref_to_shared(self: &Arc<Self>) -> Arc<Self> {
        self.clone()
    }

    fn pinned(self: Pin<&mut Self>) -> Result<u8, ()> {
        Ok(self.0)
    }

    fn in_pinned_box(self: Pin<Box<Self>>) -> Pin<Box<Self>> {
        self
    }
}

#[traced]
impl Repo {
    async fn later_by_value(self) -> u8 {
        self.0
    }

    async fn later_by_mut(&mut self) -> Result<&mut u8, ()> {
        tokio::task::yield_now().await;
        Ok(&mut self.0)
    }

    async fn later_boxed(self: Box<Self>) -> u8 {
        self.0
    }

    async fn later_shared(self: Arc<Self>) -> Result<u8, ()> {
        tokio::task::yield_now().await;
        Ok(self.0)
    }

    async fn later_pinned(self: Pin<&mut Self>) -> u8 {
        tokio::task::yield_now().await;
        self.0
    }

    async unsafe fn later_unsafe(&self) -> u8 {
        self.0
    }
}

#[test]
fn receivers() {
    let tree = recorded(|| {
        let mut repo = Repo(1).by_value().by_mut_value();
        assert_eq!(repo.by_ref(), Ok(&2));
        *repo.by_mut().unwrap() += 1;
        let mut repo = Box::new(repo.by_lifetime(&1).unwrap().clone()).boxed().unwrap();
        assert_eq!(Pin::new(&mut *repo).pinned(), Ok(3));
        let shared = Arc::new(*repo).shared().unwrap().ref_to_shared();
        assert_eq!(Rc::new(Repo(shared.0)).counted(), Some(3));
        assert_eq!(Box::pin(Repo(4)).in_pinned_box().0, 4);
    });
    assert_eq!(
        tree,
        "Repo::by_value n=1\n\
         Repo::by_mut_value n=1\n\
         Repo::by_ref n=2\n\
         Repo::by_mut n=2\n\
         Repo::by_lifetime n=3\n\
         Repo::boxed n=3\n\
         Repo::pinned n=3\n\
         Repo::shared n=3\n\
         Repo::ref_to_shared n=3\n\
         Repo::counted n=3\n\
         Repo::in_pinned_box n=4\n"
    );
}

#[test]
fn receivers_of_async_methods() {
    let tree = recorded_async(async {
        let mut repo = Repo(1);
        assert_eq!(repo.clone().later_by_value().await, 1);
        *repo.later_by_mut().await.unwrap() += 1;
        assert_eq!(Box::new(repo.clone()).later_boxed().await, 2);
        assert_eq!(Arc::new(repo.clone()).later_shared().await, Ok(2));
        assert_eq!(Pin::new(&mut repo).later_pinned().await, 2);
        // SAFETY: it does nothing.
        assert_eq!(unsafe { repo.later_unsafe() }.await, 2);
    });
    let names = ["by_value", "by_mut", "boxed", "shared", "pinned", "unsafe"];
    assert_eq!(tree, names.map(|name| format!("Repo::later_{name}\n")).concat());
}

static ONE: u8 = 1;

#[traced]
unsafe extern "C" fn foreign(pointer: *const u8) -> Option<Box<u8>> {
    // SAFETY: the caller's.
    Some(Box::new(unsafe { *pointer }))
}

#[traced]
extern "C-unwind" fn unwinds() -> Option<Box<u8>> {
    None
}

#[inline(always)]
#[must_use]
#[traced]
#[cold]
fn attributes() -> Option<u8> {
    Some(1)
}

#[traced]
fn diverges(why: &str) -> ! {
    panic!("{why}")
}

#[traced]
async fn diverges_later(wait: bool) -> ! {
    if wait {
        tokio::task::yield_now().await;
    }
    panic!("expected")
}

#[traced]
fn is_even(n: u8) -> Result<bool, ()> {
    if n == 0 { Ok(true) } else { is_odd(n - 1) }
}

#[traced]
fn is_odd(n: u8) -> Result<bool, ()> {
    if n == 0 { Ok(false) } else { is_even(n - 1) }
}

#[traced]
fn deep(n: u8) -> Pin<Box<dyn Future<Output = u8> + Send>> {
    if n == 0 {
        return Box::pin(ready(0));
    }
    Box::pin(async move { deep(n - 1).await + 1 })
}

#[test]
fn keywords_attributes_and_recursion() {
    let tree = recorded_async(async {
        // SAFETY: the pointer comes from a place that lives.
        assert_eq!(unsafe { foreign(&raw const ONE) }, Some(Box::new(1)));
        assert_eq!(unwinds(), None);
        assert_eq!(attributes(), Some(1));
        assert!(std::panic::catch_unwind(|| diverges("expected")).is_err());
        assert!(tokio::spawn(diverges_later(true)).await.is_err());
        assert_eq!(is_even(1), Ok(false));
        assert_eq!(deep(1).await, 1);
    });
    assert_eq!(
        tree,
        "foreign\n\
         unwinds\n\
         attributes\n\
         diverges panicked\n\
         diverges_later panicked\n\
         is_even\n\
         \x20 is_odd\n\
         deep\n\
         \x20 deep\n"
    );
}

type Here = &'static Location<'static>;

#[traced]
#[track_caller]
fn located() -> impl Future<Output = Here> {
    ready(Location::caller())
}

#[track_caller]
#[traced]
fn located_in_a_box(succeeds: bool) -> Pin<Box<dyn Future<Output = Result<Here, Here>>>> {
    let here = Location::caller();
    Box::pin(ready(if succeeds { Ok(here) } else { Err(here) }))
}

#[traced]
impl Repo {
    #[track_caller]
    fn located(&self) -> Here {
        Location::caller()
    }
}

/// The trait's method is declared to track its caller.
impl std::ops::Index<String> for Repo {
    type Output = Location<'static>;

    #[traced]
    fn index(&self, _text: String) -> &Location<'static> {
        Location::caller()
    }
}

#[test]
fn the_caller_is_tracked_in_methods_and_to_futures() {
    let tree = recorded_async(async {
        assert_eq!(located().await.line(), line!());
        assert_eq!(located_in_a_box(true).await.unwrap().line(), line!());
        assert_eq!(located_in_a_box(false).await.unwrap_err().line(), line!());
        assert_eq!(Repo(1).located().line(), line!());
        assert_eq!(Repo(1)[String::new()].line(), line!());
    });
    let told = tree.split(" failed: ").next().unwrap();
    assert_eq!(told, "located\nlocated_in_a_box\nlocated_in_a_box");
    assert!(tree.ends_with("\nRepo::located\nRepo::index\n"), "{tree}");
}
