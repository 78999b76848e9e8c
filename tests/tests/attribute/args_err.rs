//! The argument `err`: what an error is to the span.

use std::fmt;

use traced::traced;

use crate::recorder::recorded;

/// An error with a code.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("code {0}")]
pub(crate) struct Code(pub(crate) u16);

impl Code {
    pub(crate) fn is_not_found(&self) -> bool {
        self.0 == 404
    }

    pub(crate) fn code(&self) -> u16 {
        self.0
    }
}

pub(crate) type Coded<T = ()> = Result<T, Code>;

#[traced(err = off)]
fn off(code: u16) -> Coded {
    Err(Code(code))
}

#[traced(err)]
fn on(code: u16) -> Coded {
    Err(Code(code))
}

#[traced(err = ?)]
fn debug(code: u16) -> Coded {
    Err(Code(code))
}

#[traced(err(?))]
fn debug_in_list(code: u16) -> Coded {
    Err(Code(code))
}

#[traced(err(expected))]
fn expected(code: u16) -> Coded {
    Err(Code(code))
}

#[traced(err(expected = |e| e.0 == 404))]
fn by_closure(code: u16) -> Coded {
    Err(Code(code))
}

#[traced(err(expected = e.is_not_found()))]
fn by_expression(code: u16) -> Coded {
    Err(Code(code))
}

#[traced(err(expected = Code::is_not_found))]
fn by_path(code: u16) -> Coded {
    Err(Code(code))
}

#[test]
fn an_error_is_looked_at_as_is_said() {
    let tree = recorded(|| {
        let _ = off(1);
        let _ = on(1);
        let _ = debug(1);
        let _ = debug_in_list(1);
        let _ = expected(1);
        for code in [500, 404] {
            let _ = by_closure(code);
            let _ = by_expression(code);
            let _ = by_path(code);
        }
    });
    assert_eq!(
        tree,
        "off\n\
         on failed: error code 1 (Code)\n\
         debug failed: Code(1) instead of error code 1 (Code)\n\
         debug_in_list failed: Code(1) instead of error code 1 (Code)\n\
         expected expected: error code 1 (Code)\n\
         by_closure failed: error code 500 (Code)\n\
         by_expression failed: error code 500 (Code)\n\
         by_path failed: error code 500 (Code)\n\
         by_closure expected: error code 404 (Code)\n\
         by_expression expected: error code 404 (Code)\n\
         by_path expected: error code 404 (Code)\n"
    );
}

struct OnlyDebug(&'static str);

impl fmt::Debug for OnlyDebug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The error is neither named nor known, and `e` is a parameter too.
#[traced(err(?, type = std::any::type_name_of_val(e)))]
fn generic<E: fmt::Debug>(e: E) -> Result<impl Sized, E> {
    if true {
        return Err(e);
    }
    Ok(1)
}

#[derive(Debug, thiserror::Error)]
#[error("no {0}")]
struct Borrowing<'a>(&'a str);

#[traced(err(expected = e.0.is_empty(), type = e.0))]
fn borrowing<'a>(values: &'a mut [u8], key: &'a str) -> Result<&'a mut u8, Borrowing<'a>> {
    values.first_mut().ok_or(Borrowing(key))
}

#[traced(err(type = |e| e.downcast_ref::<Code>().map(Code::code)))]
fn any() -> anyhow::Result<()> {
    Err(Code(7).into())
}

struct Client {
    tolerated: u16,
}

impl Client {
    #[traced(err(expected = self.tolerates(e)))]
    fn fetch(&self, code: u16) -> Coded {
        Err(Code(code))
    }

    fn tolerates(&self, code: &Code) -> bool {
        code.0 == self.tolerated
    }
}

macro_rules! annotated {
    ($name:ident, $of_error:expr) => {
        #[traced(err(type = $of_error, expected = Code::is_not_found))]
        fn $name(code: u16) -> Coded {
            Err(Code(code))
        }
    };
}

annotated!(by_macro, |e| e.0);

#[test]
fn any_error_can_be_judged() {
    let tree = recorded(|| {
        let _ = generic(OnlyDebug("only"));
        let _ = borrowing(&mut [], "key");
        let _ = borrowing(&mut [], "");
        let _ = any();
        let _ = Client { tolerated: 404 }.fetch(404);
        let _ = by_macro(404);
    });
    assert_eq!(
        tree,
        "generic failed: only instead of debug only (OnlyDebug) of type attribute::args_err::OnlyDebug\n\
         borrowing failed: error no key (Borrowing) of type key\n\
         borrowing expected: error no  (Borrowing)\n\
         any failed: dynamic code 7 (Error) of type 7\n\
         Client::fetch expected: error code 404 (Code)\n\
         by_macro expected: error code 404 (Code) of type 404\n"
    );
}

#[traced(err(expected = panics(e), type = "before"))]
fn judged_by_panic() -> Coded {
    Err(Code(1))
}

fn panics(_: &Code) -> bool {
    panic!("on purpose")
}

#[test]
fn what_panics_while_it_judges_says_nothing() {
    let tree = recorded(|| assert_eq!(judged_by_panic(), Err(Code(1))));
    assert_eq!(tree, "judged_by_panic failed: error code 1 (Code)\n");
}
