//! Every combination of what a signature is made of: each function does what it did, and records one span with the
//! right name, parent, attributes and outcome.
//!
//! The table is multiplied out: receivers × modes × returns × generics, each with one of the attributes, which are
//! handed round so that each meets each row of each axis.
#![allow(clippy::unused_unit, clippy::unnecessary_wraps, clippy::unused_self, clippy::needless_pass_by_value)]
#![allow(
    clippy::needless_return,
    clippy::double_must_use,
    clippy::too_many_arguments,
    clippy::wildcard_imports
)]
#![allow(clippy::multiple_bound_locations, reason = "both places are to be seen")]

use std::num::ParseIntError;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use traced::traced;

use crate::recorder::recorded;

/// Multiplies the axes out: a module for each row, with a module for each row of the next axis in it.
macro_rules! product {
    (receivers $receivers:tt modes $modes:tt returns $returns:tt generics $generics:tt attributes $attributes:tt) => {
        product! { @axis [] $receivers ($modes ($returns ($generics $attributes))) }
    };
    (@axis $fixed:tt { $($name:ident: $row:tt,)+ } { $($asked:tt,)+ }) => {
        $(mod $name {
            use crate::product::*;
            product! { @function $fixed $row $asked }
        })+
        pub(in crate::product) fn run(seen: &mut Seen) { $($name::run(seen);)+ }
    };
    (@axis $fixed:tt { $($name:ident: $row:tt,)+ } $next:tt) => {
        product! { @rows $fixed { $($name: $row,)+ } $next }
        pub(in crate::product) fn run(seen: &mut Seen) { $($name::run(seen);)+ }
    };
    (@rows $fixed:tt {} $next:tt) => {};
    (@rows [$($fixed:tt)*] { $name:ident: $row:tt, $($others:tt)* } ($axis:tt $next:tt)) => {
        mod $name {
            use crate::product::Seen;
            product! { @axis [$($fixed)* $row] $axis $next }
        }
        product! { @turn [$($fixed)*] { $($others)* } ($axis $next) }
    };
    (@turn $fixed:tt $rows:tt ($axis:tt { $first:tt, $($others:tt)* })) => {
        product! { @rows $fixed $rows ($axis { $($others)* $first, }) }
    };
    (@turn $fixed:tt $rows:tt $next:tt) => {
        product! { @rows $fixed $rows $next }
    };
    (@function
        [
            [$within:tt $receiver:tt $using:tt ($($called:tt)*) ($name:expr)]
            [$mode:ident $before:tt]
            [$type:tt $end:tt ($outcome:expr) ($returned:expr)]
        ]
        [$generics:tt $parameters:tt $prepare:tt $arguments:tt $bounds:tt ($recorded:expr)]
        [$attributes:tt ($asked:expr)]
    ) => {
        #[allow(dead_code)]
        struct Holder(u8);
        within! { $within
            { $mode $attributes $before $generics $receiver $parameters $type $bounds $using $prepare $end }
        }
        pub(in crate::product) fn run(seen: &mut Seen) {
            let expected = $asked.line($name, $recorded, $returned) + $outcome;
            seen.compare(module_path!(), &expected, &mut || {
                let _ = run!($mode ($($called)* $arguments));
            });
        }
    };
}

macro_rules! within {
    (() $function:tt) => { function! $function };
    ((impl $ty:ident) $function:tt) => { impl $ty { function! $function } };
}

macro_rules! function {
    (
        $mode:ident ($($attributes:tt)*) ($($before:tt)*) ($($generics:tt)*) ($($receiver:tt)*) ($($parameters:tt)*)
        ($($type:tt)*) ($($bounds:tt)*) ($($using:tt)*) ($($prepare:tt)*) ($($end:tt)*)
    ) => {
        function! {
            @$mode ($($attributes)* pub(super) $($before)* fn call $($generics)* ($($receiver)* $($parameters)*))
            ($($type)*) ($($bounds)*) ($($using)* inside(); $($prepare)* $($end)*)
        }
    };
    (@asynchronous ($($head:tt)*) ($($type:tt)*) ($($bounds:tt)*) ($($body:tt)*)) => {
        $($head)* -> $($type)* $($bounds)* { Yield(false).await; $($body)* }
    };
    (@returned ($($head:tt)*) ($($type:tt)*) ($($bounds:tt)*) ($($body:tt)*)) => {
        $($head)* -> impl Future<Output = $($type)*> $($bounds)* { async move { Yield(false).await; $($body)* } }
    };
    (@$mode:ident ($($head:tt)*) ($($type:tt)*) ($($bounds:tt)*) ($($body:tt)*)) => {
        $($head)* -> $($type)* $($bounds)* { $($body)* }
    };
}

macro_rules! run {
    (plain ($($call:tt)*)) => { $($call)* };
    (asynchronous ($($call:tt)*)) => { now($($call)*) };
    (returned ($($call:tt)*)) => { now($($call)*) };
    // SAFETY: nothing in the table needs any.
    (not_safe ($($call:tt)*)) => { unsafe { $($call)* } };
}

product! {
    // name: [(where it stands) (receiver) (what the body does with it) (how it is called) (the span's name)]
    receivers {
        free: [() () () (call) ("call")],
        associated: [(impl Holder) () () (Holder::call) ("Holder::call")],
        by_value: [(impl Holder) (self,) (assert_eq!(self.0, 1);) (Holder(1).call) ("Holder::call")],
        by_reference: [(impl Holder) (&self,) (assert_eq!(self.0, 1);) (Holder(1).call) ("Holder::call")],
        by_mutable: [(impl Holder) (&mut self,) (self.0 += 1;) (Holder(1).call) ("Holder::call")],
        by_box: [(impl Holder) (self: Box<Self>,) (assert_eq!(self.0, 1);) (Box::new(Holder(1)).call) ("Holder::call")],
        by_pin: [
            (impl Holder) (mut self: Pin<&mut Self>,) (self.0 += 1;) (Pin::new(&mut Holder(1)).call) ("Holder::call")
        ],
        by_arc: [(impl Holder) (self: Arc<Self>,) (assert_eq!(self.0, 1);) (Arc::new(Holder(1)).call) ("Holder::call")],
    }
    // name: [how it is made and run (before `fn`)]
    modes {
        plain: [plain ()],
        not_safe: [not_safe (unsafe)],
        asynchronous: [asynchronous (async)],
        returned: [returned ()],
    }
    // name: [(type) (the end of the body) (the outcome) (the attribute `return`)]
    returns {
        nothing: [(()) (assert_eq!(n, 1);) ("") (" return=()")],
        number: [(u8) (n) ("") (" return=1")],
        text: [(String) (return n.to_string();) ("") (" return=\"1\"")],
        option: [(Option<u8>) (if n > 1 { return None; } Some(n)) ("") (" return=1")],
        result: [(Result<u8, String>) (Ok(n)) ("") (" return=1")],
        failed: [
            (Result<u8, ParseIntError>) ("x".parse::<u8>()?; Ok(n))
            (" failed: error invalid digit found in string (ParseIntError)") ("")
        ],
        failed_by_return: [
            (Result<(), String>) (if n == 1 { return Err("no".to_owned()); } Ok(()))
            (" failed: display no (String)") ("")
        ],
        panicked: [(u8) (if n == 1 { resume_unwind(Box::new(n)); } n) (" panicked") ("")],
    }
    // name: [(generics) (parameters) (what the body does with them) (arguments) (`where`) (what `args` records)]
    generics {
        none: [() (n: u8) () (1) () (" n=1")],
        of_type: [
            (<T: Into<u8> + std::fmt::Debug>) (value: T) (let n: u8 = value.clone().into();) (1_u8) (where T: Clone)
            (" value=1")
        ],
        of_const: [(<const N: usize>) (values: [u8; N]) (let n = values[N - 1];) ([0, 1]) () (" values=[0, 1]")],
        of_lifetimes: [
            (<'a, 'b: 'a>) ((mut n, _): (u8, u8), left: &'a str, right: &'b [u8])
            (n += u8::from(left.len() == right.len());) ((0, 0), "a", &[1]) () (" n=0 left=\"a\" right=[1]")
        ],
        of_traits: [
            (<F>) (f: F, _: &mut u8, n: impl Into<u8>) (let n: u8 = n.into(); assert_eq!(f("a"), "a");)
            (str::trim, &mut 1, 1) (where F: for<'x> Fn(&'x str) -> &'x str) ("")
        ],
    }
    // [(attributes) (what they ask for)]
    attributes {
        [(#[traced]) (NOTHING)],
        [(#[inline] #[traced("named", kind = Server)] #[doc(hidden)]) (Asked { name: "named (Server)", ..NOTHING })],
        [(#[traced(args)] #[allow(dead_code)]) (Asked { args: true, ..NOTHING })],
        [(#[cfg(all())] #[traced(args, ret)]) (Asked { args: true, ret: true, ..NOTHING })],
        [(#[traced(fields(more = 1 + 1))]) (Asked { field: " more=2", ..NOTHING })],
    }
}

/// What an attribute asks to be recorded.
struct Asked {
    name: &'static str,
    args: bool,
    ret: bool,
    field: &'static str,
}

const NOTHING: Asked = Asked { name: "", args: false, ret: false, field: "" };

impl Asked {
    fn line(&self, function: &str, args: &str, ret: &str) -> String {
        let name = if self.name.is_empty() { function } else { self.name };
        let args = if self.args { args } else { "" };
        let ret = if self.ret { ret } else { "" };
        format!("{name}{args}{}{ret}", self.field)
    }
}

/// What came of the functions.
#[derive(Default)]
struct Seen {
    right: usize,
    wrong: Vec<String>,
}

impl Seen {
    fn compare(&mut self, function: &str, expected: &str, call: &mut dyn FnMut()) {
        // What is printed and kept until the first poll is text.
        let tree = recorded(|| around(call)).replace(" value=\"1\"", " value=1");
        if tree == format!("around\n  {expected}\n    inside\n") {
            self.right += 1;
        } else {
            self.wrong.push(format!("{function}: expected {expected}, but\n{tree}"));
        }
    }
}

#[traced]
fn around(call: &mut dyn FnMut()) {
    // What panicked is told by the tree.
    drop(catch_unwind(AssertUnwindSafe(call)));
}

#[traced]
fn inside() {}

/// A future that is pending once.
struct Yield(bool);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
    }
}

#[test]
fn every_combination() {
    let mut seen = Seen::default();
    run(&mut seen);
    assert!(seen.wrong.is_empty(), "{} are wrong:\n{}", seen.wrong.len(), seen.wrong.join("\n"));
    assert_eq!(seen.right, 8 * 4 * 8 * 5);
}
