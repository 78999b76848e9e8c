//! What becomes of a value.
#![allow(clippy::many_single_char_names, reason = "values of every form")]

use std::borrow::Cow;
use std::rc::Rc;

use traced::{Redacted, at_most, traced};

use crate::recorder::recorded;

#[traced(args)]
fn integers(a: u8, b: i64, c: u64, d: u128, e: i128, f: usize, g: isize) {
    let _ = (a, b, c, d, e, f, g);
}

#[traced(args)]
fn texts(a: char, b: &str, c: String, d: Cow<'_, str>, e: Rc<str>, f: &mut String) {
    let _ = (a, b, c, d, e, f);
}

#[traced(args)]
fn lists(a: &[u8], b: [bool; 2], c: Vec<Option<&str>>, d: &[String], e: &[f64]) {
    let _ = (a, b, c, d, e);
}

#[traced(args)]
#[allow(clippy::option_option, reason = "a value of every form")]
fn options(some: Option<u8>, none: Option<u8>, nested: Option<Option<&str>>) {
    let _ = (some, none, nested);
}

#[test]
fn values_keep_their_types() {
    let tree = recorded(|| {
        integers(255, i64::MIN, u64::MAX, u128::MAX, i128::MIN, usize::MAX, -1);
        texts('c', "str", "string".to_owned(), "cow".into(), "rc".into(), &mut "mut".to_owned());
        lists(&[1, 2], [true, false], vec![Some("a"), None], &["b".to_owned()], &[1.5]);
        options(Some(1), None, Some(None));
    });
    assert_eq!(
        tree,
        "integers a=255 b=-9223372036854775808 c=18446744073709551615 \
         d=340282366920938463463374607431768211455 e=-170141183460469231731687303715884105728 \
         f=18446744073709551615 g=-1\n\
         texts a=\"c\" b=\"str\" c=\"string\" d=\"cow\" e=\"rc\" f=\"mut\"\n\
         lists a=[1, 2] b=[true, false] c=[\"a\"] d=[\"b\"] e=[1.5]\n\
         options some=1\n"
    );
}

#[derive(Debug)]
struct Login {
    #[allow(dead_code, reason = "printed")]
    user: &'static str,
    #[allow(dead_code, reason = "printed")]
    password: Redacted<&'static str>,
}

#[traced(args, ret)]
fn log_in(login: Login, pin: Redacted<u16>, token: Option<Redacted<String>>) -> Redacted<u16> {
    let _ = (login, token);
    pin
}

#[traced(fields(body = at_most(4, body), list = at_most(1, [body, "b"]), printed = ?at_most(6, body)))]
fn cut(body: &str) -> usize {
    body.len()
}

#[test]
fn what_must_not_be_seen_is_not() {
    let tree = recorded(|| {
        let pin = log_in(
            Login { user: "Ada", password: Redacted("secret") },
            1234.into(),
            Some(Redacted("abc".to_owned())),
        );
        assert_eq!(*pin, 1234);
        cut("a long body");
    });
    assert_eq!(
        tree,
        "log_in login=Login { user: \"Ada\", password: [redacted] } pin=\"[redacted]\" token=\"[redacted]\" \
         return=\"[redacted]\"\n\
         cut body=a lo…(7 more) list=[a…(10 more), \"b\"] printed=\"a lon…(7 more)\n"
    );
}
