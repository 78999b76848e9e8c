//! What a `macro_rules!` passes on is what it was written as.

use futures_util::FutureExt as _;
use traced::{Carry, traced};

use crate::recorder::recorded;

const LIST: &str = "list";

macro_rules! functions {
    ($name:ident, $text:literal, $level:literal, $kind:ident) => {
        #[traced($text, level = $level, kind = $kind, fields("key" = $text), target = $text)]
        fn $name() {}
    };
    ($name:ident by $text:expr, $level:expr, $kind:expr, $late:expr, $none:expr) => {
        #[traced(name = $text, level = $level, kind = $kind, parent = $none, fields(late = $late, key = $text))]
        fn $name() {
            traced::record!(late = $text);
        }
    };
}

functions!(of_literals, "by literals", "debug", Server);
functions!(of_expressions by "by expressions", "debug", Server, Empty, None);
functions!(of_paths by concat!("by", " paths"), traced::Level::DEBUG, traced::Kind::Server, traced::field::Empty, None);

macro_rules! of_parameters {
    ($key:ident, $parts:ident, $value:expr, $shorthand:expr, $constant:expr, $links:expr) => {
        #[traced(links = $links, fields($key, value = $value, $shorthand, { $constant } = $value))]
        fn of_parameters($key: u8, $parts: &Parts) -> u8 {
            $key + $parts.first
        }
    };
}

struct Parts {
    first: u8,
    from: [Carry; 2],
}

of_parameters!(a, parts, 1 + 1, parts.first, LIST, [parts.from, Carry::current()]);

macro_rules! of_statements {
    ($($statement:stmt)*) => {
        #[traced]
        fn of_statements() -> Option<u8> {
            $($statement)*
            None
        }
    };
}

// No semicolon after any of them, here or there.
of_statements! { let a = Some(1) let Some(_) = a else { return a } fn nested() {} let () = nested() }

macro_rules! timed {
    ($name:literal, $work:expr) => {
        traced::span!($name).in_scope(|| $work)
    };
    ($name:expr; $level:expr => $work:expr) => {
        traced::span!($name, x = $work; level = $level).in_scope(|| $work)
    };
}

type Boxed = std::pin::Pin<Box<dyn Future<Output = u8>>>;

macro_rules! of_a_block {
    ($name:ident, $returned:ty, $block:block, $early:expr) => {
        #[traced]
        fn $name(n: u8) -> $returned {
            if n == 0 {
                return Box::pin(async move { $early });
            }
            Box::pin(async move $block)
        }
    };
}

of_a_block!(of_a_block, Boxed, { of_statements().map_or(1, |n| n) }, 0);

#[traced(args)]
mod in_a_block {
    macro_rules! inside {
        ($($name:ident $text:literal $kind:expr),*) => {
            #[traced::traced(fields("key" = 0, "more" = 1))]
            pub(super) mod inside {
                $(
                    #[traced::traced($text, kind = $kind, fields("key" = $text))]
                    pub(crate) fn $name() {}
                )*
            }
        };
    }
    inside!(first "1st" Client, second "2nd" Server);
    pub(super) use inside::{first, second};
}

#[test]
fn fragments_are_seen_through() {
    let tree = recorded(|| {
        of_literals();
        of_expressions();
        of_paths();
        assert_eq!(of_statements(), None);
        of_parameters(1, &Parts { first: 3, from: [Carry::current(), Carry::current()] });
        assert_eq!(timed!("a literal", 1 + 1), 2);
        assert_eq!(timed!(concat!("an ", "expression"); "warn" => 2 * 2), 4);
        assert_eq!(of_a_block(0).now_or_never(), Some(0));
        assert_eq!(of_a_block(1).now_or_never(), Some(1));
        in_a_block::first();
        in_a_block::second();
    });
    assert_eq!(
        tree,
        "by literals (Server) key=\"by literals\"\n\
         by expressions (Server) key=\"by expressions\" late=\"by expressions\"\n\
         by paths (Server) key=\"by paths\" late=\"by paths\"\n\
         of_statements\n\
         of_parameters a=1 value=2 parts.first=3 list=2\n\
         a literal\n\
         an expression x=4\n\
         of_a_block\n\
         of_a_block\n\
         \x20 of_statements\n\
         1st (Client) more=1 key=\"1st\"\n\
         2nd (Server) more=1 key=\"2nd\"\n"
    );
}
