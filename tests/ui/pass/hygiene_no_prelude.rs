//! Generated code names nothing that the user could have left out or shadowed.
#![no_implicit_prelude]
#![deny(warnings)]
#![allow(dead_code, unused_macros, non_upper_case_globals)]

use ::traced::traced;

mod core {}
mod std {}
mod alloc {}
struct Result;
struct Option;
struct Box;
struct String;
struct Vec;
struct Future;
struct Kind;
struct Server;
trait Error {}
trait Fn {}
trait FnOnce {}
trait Send {}
trait Fields {}

#[allow(non_snake_case)]
fn Ok() {}
#[allow(non_snake_case)]
fn Err() {}
#[allow(non_snake_case)]
fn Some() {}
const None: u8 = 0;
fn drop() {}

macro_rules! module_path { () => { compile_error!("shadowed") } }
macro_rules! file { () => { compile_error!("shadowed") } }
macro_rules! line { () => { compile_error!("shadowed") } }
macro_rules! option_env { () => { compile_error!("shadowed") } }

type Returned = ::core::result::Result<u8, ::std::string::String>;

struct Shop {
    open: bool,
}

impl Shop {
    #[traced("sync", kind = Server, fields(a, b = a, c = %a, self.open))]
    fn sync(&self, a: u8) -> Returned {
        ::core::result::Result::Ok(a)
    }

    #[traced(kind = Client, fields(?a))]
    async fn asynchronous(&mut self, a: u8, _b: ::std::string::String) -> Returned {
        ::core::result::Result::Ok(a)
    }

    #[traced]
    fn guarded(&self) {}

    #[traced(args, ret, fields(late = Empty))]
    fn told_later(&self, a: u8, b: ::std::string::String) -> Returned {
        ::traced::record!(late = a);
        let _ = b;
        ::core::result::Result::Ok(a)
    }

    #[traced(args(a), ret = ?, fields(late = Empty))]
    async fn told_much_later(&self, a: u8) -> u8 {
        ::traced::record!(late = %a);
        a
    }

    #[traced]
    fn future(&self) -> impl ::core::future::Future<Output = u8> + '_ {
        async move { if self.open { 1 } else { 0 } }
    }

    #[traced]
    async fn never(&self) -> ! {
        loop {}
    }
}

fn run() {
    let mut shop = Shop { open: true };
    ::core::assert!(::core::matches!(shop.sync(1), ::core::result::Result::Ok(1)));
    shop.guarded();
    let _ = shop.told_later(1, ::std::string::String::new());
    let _ = ::traced_tests::now(shop.told_much_later(1));
    let _ = ::traced_tests::now(shop.future());
    let _ = ::traced_tests::now(shop.asynchronous(1, ::std::string::String::new()));
}

fn main() {
    ::traced_tests::assert_spans(
        run,
        "\
sync [server] a=1 b=1 c=1 self.open=true
Shop::guarded
Shop::told_later a=1 b= late=1 return=1
Shop::told_much_later a=1 late=1 return=1
Shop::future
Shop::asynchronous [client] a=1
",
    );
}
