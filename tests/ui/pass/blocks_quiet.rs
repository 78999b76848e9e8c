//! A block makes no lint that its functions would not make: imports of the attribute are still used.
#![deny(warnings)]

use traced::traced;

#[traced]
mod handlers {
    #![allow(dead_code)]
    use traced::traced;

    #[derive(Default)]
    pub struct State {
        count: u8,
    }

    impl State {
        #[traced(off)]
        pub fn count(&self) -> u8 {
            self.count
        }
    }

    #[must_use]
    pub(super) fn list() -> u8 {
        State::default().count()
    }

    #[cfg(any())]
    fn not_there() -> Missing {}

    unsafe extern "C" {
        fn abs(n: i32) -> i32;
    }
}

#[traced]
trait Store<const N: usize = { 1 + 1 }> {
    fn load(&self) -> [u8; N];

    fn both(&self) -> Vec<[u8; N]> {
        vec![self.load(), self.load()]
    }
}

#[traced]
impl<const N: usize> Store<{ N }> for handlers::State
where
    [u8; N]: Sized,
{
    fn load(&self) -> [u8; N] {
        [self.count(); N]
    }
}

#[traced(leaf)]
unsafe impl<T: Fn() -> u8> Callable for T {
    fn invoke(&self) -> u8 {
        self()
    }
}

unsafe trait Callable {
    fn invoke(&self) -> u8;
}

macro_rules! implements {
    ($visibility:vis $name:ident, $body:block) => {
        struct Made;

        #[traced]
        impl Made {
            $visibility fn $name() -> u8 $body

            fn other() -> u8 {
                Self::$name()
            }
        }
    };
}
implements!(pub(crate) made, { 1 });

fn run() {
    assert_eq!(handlers::list(), 0);
    assert_eq!(Store::<1>::both(&handlers::State::default()), [[0], [0]]);
    assert_eq!((|| 1).invoke(), 1);
    assert_eq!(Made::other(), 1);
}

fn main() {
    traced_tests::assert_spans(
        run,
        "\
list
Store::both
  <State as Store>::load
  <State as Store>::load
Callable::invoke
Made::other
  Made::made
",
    );
}
