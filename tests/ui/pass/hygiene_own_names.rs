//! The user's variables may have any name, also those of generated code.
#![deny(warnings)]

use traced::traced;

#[traced(fields(__span, __fields, __returned))]
fn guarded(__span: u8, __fields: u8, __returned: u8) -> u8 {
    __span + __fields + __returned
}

#[traced(fields(__span = __span + 1, more = __fields))]
fn closed(__span: u8, __fields: String, __returned: u8) -> Result<u8, String> {
    if __returned > 0 { Err(__fields) } else { Ok(__span) }
}

#[traced(args, ret, fields(late = Empty, own = __own))]
fn later(__own: u8, __span: u8, own: u8, value: u8, fields: u8) -> Result<u8, String> {
    let inside = |__own: u8| traced::record!(late = __own + own);
    inside(__span + value + fields);
    Ok(__own)
}

mod types {
    use traced::traced;

    #[allow(dead_code, non_camel_case_types, reason = "in the way")]
    struct str;

    #[traced(name = name.clone(), args(name))]
    pub fn computed(name: String) -> usize {
        name.len()
    }

    #[allow(non_snake_case, reason = "in the way")]
    #[traced]
    pub fn parameter(__SITE: u8) -> u8 {
        __SITE
    }
}

mod items {
    use traced::traced;

    const __SITE: u8 = 1;

    pub struct __Here(u8);

    #[traced(fields(site = __SITE))]
    pub fn mentioned() -> Option<__Here> {
        Some(__Here(__SITE)).filter(|here| here.0 > 1)
    }
}

mod macros {
    use std::future::{Ready, ready};

    use traced::traced;

    macro_rules! record {
        ($value:expr) => {
            assert!($value > 0)
        };
    }

    #[traced]
    pub fn at_once(n: u8) -> Option<u8> {
        record!(n);
        None
    }

    #[traced]
    pub fn ready_made(n: u8) -> impl Future<Output = u8> {
        record!(n);
        ready(n)
    }

    #[traced]
    #[track_caller]
    pub fn made_here(n: u8) -> std::pin::Pin<Box<dyn Future<Output = u8>>> {
        record!(n);
        let made: Ready<u8> = ready(n);
        Box::pin(made)
    }

    #[traced]
    pub fn before_a_block(n: u8) -> impl Future<Output = u8> {
        record!(n);
        async move {
            record!(n);
            n
        }
    }
}

fn run() {
    assert!(items::mentioned().is_none());
    assert_eq!(types::parameter(1), 1);
    assert_eq!(macros::at_once(1), None);
    drop((macros::ready_made(1), macros::made_here(1), macros::before_a_block(1)));
    assert_eq!(types::computed("a".to_owned()), 1);
    assert_eq!(later(1, 2, 3, 4, 5), Ok(1));
    assert_eq!(guarded(1, 2, 3), 6);
    assert_eq!(closed(1, "a".to_owned(), 1), Err("a".to_owned()));
}

fn main() {
    traced_tests::assert_spans(
        run,
        "\
mentioned site=1
parameter
at_once
a name=a
later __own=1 __span=2 value=4 fields=5 own=1 late=14 return=1
guarded __span=1 __fields=2 __returned=3
closed __span=2 more=a error.type=alloc::string::String error: a
  - exception exception.type=alloc::string::String exception.message=a
",
    );
}
