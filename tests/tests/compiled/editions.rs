//! An annotated `async fn` borrows what it borrows without the attribute, in every edition: where it becomes a function
//! that returns a future, that future is to hold the lifetimes of all arguments.

use crate::compiler::Program;

const BORROWS: &str = r"
    #![deny(warnings)]
    use std::{fmt::Debug, future::Future, pin::Pin, sync::Arc};

    pub struct Cart(Vec<String>);
    pub struct Borrowed<'a>(pub &'a str);
    pub trait Store {
        fn by_future(&self, n: u64) -> impl Future<Output = u64> + Send;
        #[allow(async_fn_in_trait)]
        async fn by_word(&self, text: &str) -> usize;
        #[allow(async_fn_in_trait)]
        #[traced::traced]
        async fn provided(&self, text: &str) -> usize {
            self.by_word(text).await
        }
    }
    impl Store for Cart {
        #[traced::traced]
        async fn by_future(&self, n: u64) -> u64 {
            n + self.0.len() as u64
        }
        #[traced::traced]
        async fn by_word(&self, text: &str) -> usize {
            text.len() + self.0.len()
        }
    }
    impl Cart {
        #[traced::traced]
        pub async fn named<'a>(&'a self, other: &'a str) -> Option<&'a str> {
            self.0.first().map_or(Some(other), |first| Some(first))
        }
        #[traced::traced(fields(len = text.len()))]
        pub async fn elided(&mut self, text: &str) -> &mut Vec<String> {
            self.0.push(text.to_owned());
            &mut self.0
        }
        #[traced::traced]
        pub async fn hidden<'a>(self: Arc<Self>, text: &'a str, into: impl Into<String> + 'a) -> Borrowed<'a> {
            drop((self, into.into()));
            Borrowed(text)
        }
    }
    #[traced::traced]
    pub async fn two<'a, 'b, T: Debug + 'b>(a: &'a str, b: &'b [T]) -> (&'a str, &'b [T]) {
        (a, b)
    }
    #[traced::traced]
    pub async fn opaque(a: &str, b: &Cart, #[cfg(any())] c: u8, #[cfg(all())] d: &str) -> Option<impl Debug> {
        Some((a.len(), b.0.first(), d))
    }
    #[traced::traced]
    pub async fn opaque_future(a: &str) -> impl Future<Output = impl Debug> {
        async move { a }
    }
    #[traced::traced]
    pub async fn recursive(cart: &Cart, n: usize) -> usize {
        if n == 0 { cart.0.len() } else { Box::pin(recursive(cart, n - 1)).await }
    }

    fn is_send<T: Send>(value: T) -> T {
        value
    }
    pub fn sends<'a>(cart: &'a Cart, text: &'a str) -> impl Future<Output = Option<&'a str>> + Send + 'a {
        is_send(cart.named(text))
    }
    pub fn of_any_lifetime() -> for<'a> fn(&'a Cart) -> Pin<Box<dyn Future<Output = usize> + Send + 'a>> {
        |cart| Box::pin(recursive(cart, 2))
    }
";

#[test]
fn lifetimes_are_captured_in_each() {
    for edition in ["2018", "2021", "2024"] {
        let program = Program::new(&format!("edition_{edition}"), BORROWS).edition(edition);
        let output = program.checked();
        assert!(output.status.success(), "{edition}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
