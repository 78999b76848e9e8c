//! `#[traced]` on `impl`, `trait` and `mod` blocks.
#![allow(clippy::unused_self, reason = "whether a method needs it is nothing to the attribute")]

use std::fmt::Display;

use async_trait::async_trait;
use traced::traced;

use crate::recorder::{recorded, recorded_async};

macro_rules! two {
    () => {
        2
    };
}

struct Repo<T, const N: usize> {
    items: [T; N],
}

#[traced(kind = Client, fields(db = "orders", table = "none"))]
impl<T: Copy + Display, const N: usize> Repo<T, { N }>
where
    [T; N]: Sized,
{
    #![allow(dead_code)]

    const SIZE: usize = {
        const fn same(n: usize) -> usize {
            n
        }
        same(N)
    };

    /// Documented.
    fn first(&self) -> Option<T> {
        self.items.first().copied()
    }

    #[traced(kind = Internal, fields(%table, by = at))]
    fn at(&self, at: usize, table: &str) -> Result<T, String> {
        self.items.get(at).copied().ok_or(format!("{at} of {}", Self::SIZE))
    }

    #[traced("named")]
    fn with_a_name(&self) {}

    #[traced(off)]
    fn left_out(&self) -> usize {
        N
    }

    const fn constant(&self) -> usize {
        N
    }

    fn associated() -> [u8; two!()] {
        [1, two!()]
    }

    fn mapped<U: Fn(T) -> T>(&self, with: U) -> Repo<T, { N }> {
        Self { items: self.items.map(with) }
    }

    async fn load(&self, id: u8) -> u8 {
        id
    }
}

#[test]
fn each_function_of_an_impl() {
    let tree = recorded_async(async {
        let repo = Repo { items: [1, 2] };
        assert_eq!(repo.first(), Some(1));
        assert_eq!(repo.at(1, "b"), Ok(2));
        assert!(repo.at(2, "b").is_err());
        repo.with_a_name();
        assert_eq!(repo.left_out() + repo.constant(), 4);
        assert_eq!(Repo::<u8, 1>::associated(), [1, 2]);
        assert_eq!(repo.mapped(|n| n + 1).items, [2, 3]);
        assert_eq!(repo.load(3).await, 3);
    });
    assert_eq!(
        tree,
        "Repo::first (Client) db=\"orders\" table=\"none\"\n\
         Repo::at db=\"orders\" table=b by=1\n\
         Repo::at db=\"orders\" table=b by=2 failed: display 2 of 2 (String)\n\
         named (Client) db=\"orders\" table=\"none\"\n\
         Repo::associated (Client) db=\"orders\" table=\"none\"\n\
         Repo::mapped (Client) db=\"orders\" table=\"none\"\n\
         Repo::load (Client) db=\"orders\" table=\"none\"\n"
    );
}

#[traced]
trait Store {
    type Item;
    const LIMIT: usize;

    fn load(&self, id: u8) -> Self::Item;

    fn load_all(&self) -> Vec<Self::Item> {
        (0..2).map(|id| self.load(id)).collect()
    }

    fn later(&self) -> impl Future<Output = u8>;
}

struct Memory;

#[traced]
impl Store for Memory {
    type Item = u8;
    const LIMIT: usize = { 2 };

    fn load(&self, id: u8) -> u8 {
        id
    }

    fn later(&self) -> impl Future<Output = u8> {
        async { 1 }
    }
}

#[traced]
impl Store for [u8] {
    type Item = u8;
    const LIMIT: usize = 1;

    fn load(&self, id: u8) -> u8 {
        id
    }

    async fn later(&self) -> u8 {
        2
    }
}

#[traced]
impl<T: Store<Item = u8>> Store for &T {
    type Item = u8;
    const LIMIT: usize = T::LIMIT;

    fn load(&self, id: u8) -> u8 {
        (**self).load(id)
    }

    fn later(&self) -> impl Future<Output = u8> {
        (**self).later()
    }
}

#[test]
fn methods_of_a_trait() {
    let tree = recorded_async(async {
        assert_eq!(Memory.load_all(), [0, 1]);
        assert_eq!(Memory.later().await, 1);
        assert_eq!([0_u8][..].later().await, 2);
        assert_eq!(Store::load(&&Memory, 1), 1);
        assert_eq!(<&Memory>::LIMIT + <[u8]>::LIMIT, 3);
    });
    assert_eq!(
        tree,
        "Store::load_all\n\
         \x20 <Memory as Store>::load\n\
         \x20 <Memory as Store>::load\n\
         <Memory as Store>::later\n\
         <[u8] as Store>::later\n\
         Store::load\n\
         \x20 <Memory as Store>::load\n"
    );
}

#[async_trait]
trait Above {
    async fn above(&self) -> u8;
}

#[async_trait]
#[traced]
impl Above for Memory {
    async fn above(&self) -> u8 {
        tokio::task::yield_now().await;
        1
    }
}

#[traced]
#[async_trait]
impl Above for u8 {
    async fn above(&self) -> u8 {
        tokio::task::yield_now().await;
        *self
    }
}

#[test]
fn with_async_trait_above_and_below() {
    let tree = recorded_async(async {
        assert_eq!(Memory.above().await, 1);
        assert_eq!(2_u8.above().await, 2);
    });
    assert_eq!(tree, "<Memory as Above>::above\n<u8 as Above>::above\n");
}

#[traced(kind = Server)]
mod handlers {
    use traced::{Kind, traced};

    pub(super) const TWO: u8 = {
        const fn two() -> u8 {
            two!()
        }
        two()
    };
    pub(super) static NAMES: [&str; 2] = ["a", "b"];

    macro_rules! made {
        ($name:ident, $visibility:vis) => {
            $visibility fn $name() {}
        };
    }
    made!(made, pub(super));

    #[derive(Default)]
    pub(super) struct State<const N: usize = { 1 + 1 }> {
        count: u8,
    }

    pub(super) struct Unit;

    pub(super) fn list() -> u8 {
        inner::helper();
        made();
        State::<2>::default().count() + Unit.own() + Unit.kept()
    }

    #[traced::traced(leaf)]
    pub(super) unsafe extern "C" fn foreign(n: u8) -> u8 {
        n
    }

    impl<const N: usize> State<N> {
        fn count(&self) -> u8 {
            self.count
        }
    }

    #[traced(kind = Kind::Consumer)]
    impl Unit {
        fn own(&self) -> u8 {
            0
        }
    }

    #[traced(off)]
    impl Unit {
        fn kept(&self) -> u8 {
            0
        }
    }

    mod inner {
        pub(super) fn helper() {
            fn nested() {}
            nested();
        }
    }
}

#[test]
fn functions_of_a_module() {
    let tree = recorded(|| {
        assert_eq!(handlers::list(), 0);
        // SAFETY: it does nothing.
        assert_eq!(unsafe { handlers::foreign(handlers::TWO) }, 2);
        assert_eq!(handlers::NAMES.len(), 2);
    });
    assert_eq!(
        tree,
        "list (Server)\n\
         \x20 helper (Server)\n\
         \x20 State::count (Server)\n\
         \x20 Unit::own (Consumer)\n\
         foreign (Server)\n"
    );
}

struct Users;

#[traced(skip(password))]
impl Users {
    fn sign_in(&self, name: &str, password: &str) -> bool {
        name == password
    }

    fn rename(&self, to: &str) {
        assert!(!to.is_empty());
    }

    #[traced(args(id))]
    fn find(&self, id: u8, by: u8) -> u8 {
        id + by
    }

    #[traced(skip_all, ret)]
    fn count(&self, minus: u8) -> u8 {
        3 - minus
    }
}

#[traced(ret)]
impl Users {
    fn value(&self) -> Result<u8, ()> {
        Ok(1)
    }

    #[track_caller]
    fn here(&self) -> u32 {
        std::panic::Location::caller().line()
    }
}

#[traced(args(id))]
mod ids {
    pub(super) fn with(id: u8) -> u8 {
        id
    }

    pub(super) fn without(other: u8) -> u8 {
        other
    }
}

#[test]
fn parameters_of_the_functions_that_have_them() {
    let tree = recorded(|| {
        assert!(!Users.sign_in("a", "b"));
        Users.rename("c");
        assert_eq!(Users.find(1, 2), 3);
        assert_eq!(Users.count(1), 2);
        assert_eq!((Users.value(), Users.here()), (Ok(1), line!()));
        assert_eq!(ids::with(1) + ids::without(2), 3);
    });
    assert_eq!(
        tree,
        "Users::sign_in name=\"a\"\n\
         Users::rename to=\"c\"\n\
         Users::find id=1\n\
         Users::count return=2\n\
         Users::value return=1\n\
         Users::here\n\
         with id=1\n\
         without\n"
    );
}

#[traced(off)]
fn by_itself() {}

#[test]
fn off_is_accepted_where_there_is_no_block() {
    assert_eq!(recorded(by_itself), "");
}
