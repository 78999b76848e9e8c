//! An annotated `async fn` borrows what it borrows without the attribute, in every edition: where it becomes a function
//! that returns a future, that future is to hold the lifetimes of all arguments, and what is hidden in its output those
//! that the edition says.

use std::collections::BTreeSet;

use crate::compiler::{Program, without_attributes};

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

/// Outputs with something hidden in them; callers that keep it longer than an argument; and bodies that hide one. Which of
/// them are right depends on the edition.
const HIDDEN: &str = r#"
    #![allow(async_fn_in_trait)]
    use std::{fmt::Debug, future::{Future, ready}};

    #[traced::traced]
    async fn elided(a: &str) -> impl Iterator<Item = u8> { vec![a.len() as u8].into_iter() }
    async fn keeps_elided() -> u8 { let i = { let a = String::new(); elided(&a).await }; i.sum() }
    #[traced::traced]
    async fn elided_holds(a: &str) -> impl Debug { a }

    #[traced::traced]
    async fn named<'a>(a: &'a str) -> Option<impl Debug> { Some(a.len()) }
    async fn keeps_named() { let _d = { let a = String::new(); named(&a).await }; }
    #[traced::traced]
    async fn named_holds<'a>(a: &'a str) -> Option<impl Debug> { Some(a) }

    #[traced::traced(ret, args)]
    async fn recorded(a: &str) -> Result<impl Debug, String> { Ok(a.len()) }
    async fn keeps_recorded() { let _d = { let a = String::new(); recorded(&a).await }; }
    #[traced::traced(ret, args)]
    async fn recorded_holds(a: &str) -> Result<impl Debug, String> { Ok(a) }

    #[traced::traced]
    async fn failing(a: &str) -> Result<u8, impl Debug> { Err(a.len()) }
    async fn keeps_failing() { let _d = { let a = String::new(); failing(&a).await }; }

    #[traced::traced]
    async fn of_type<T: Debug>(a: T, _: &str) -> impl Debug { a }
    async fn keeps_of_type() { let _d = { let a = String::new(); of_type(1, &a).await }; }
    async fn keeps_type() { let _d = { let a = String::new(); of_type(&a, STATIC).await }; }

    #[traced::traced]
    async fn bound_elided(a: &str) -> impl Debug + '_ { a }
    async fn keeps_bound_elided() { let _d = { let a = String::new(); bound_elided(&a).await }; }

    #[traced::traced]
    async fn bound_named<'a, 'b>(a: &'a str, b: &'b str) -> (impl Debug + 'a, usize) { (a, b.len()) }
    async fn keeps_bound_named() { let _d = { let a = String::new(); bound_named(&a, STATIC).await }; }
    async fn keeps_beside_bound() { let _d = { let b = String::new(); bound_named(STATIC, &b).await }; }

    #[traced::traced]
    async fn used<'a>(a: &'a str, b: &str) -> impl Debug + use<'a> { drop(b.len()); a }
    async fn keeps_used() { let _d = { let a = String::new(); used(&a, STATIC).await }; }
    async fn keeps_unused() { let _d = { let b = String::new(); used(STATIC, &b).await }; }

    #[traced::traced]
    async fn nested(a: &str) -> impl Future<Output = impl Debug> { ready(a.len()) }
    async fn keeps_nested() { let _d = { let a = String::new(); nested(&a).await }; }
    #[traced::traced]
    async fn nested_holds(a: &str) -> impl Future<Output = impl Debug> { async move { a } }

    pub struct Cart(Vec<String>);
    #[traced::traced]
    impl Cart {
        async fn of_receiver(&self) -> impl Debug { self.0.len() }
        async fn of_receiver_holds(&self, a: &str) -> impl Debug { (&self.0, a.len()) }
    }
    async fn keeps_of_receiver() { let _d = { let a = Cart(vec![]); a.of_receiver().await }; }

    pub trait Store {
        async fn of_trait(&self) -> impl Debug;
        #[traced::traced]
        async fn provided(&self, a: &str) -> impl Debug { a.len() }
    }
    impl Store for Cart {
        #[traced::traced]
        async fn of_trait(&self) -> impl Debug { self.0.len() }
    }
    async fn keeps_of_trait() { let _d = { let a = Cart(vec![]); a.of_trait().await }; }
    async fn keeps_provided(cart: Cart) { let _d = { let a = String::new(); cart.provided(&a).await }; }

    const STATIC: &str = "";
"#;

#[test]
fn what_is_hidden_holds_what_it_does_without_the_attribute() {
    for (edition, wrong) in [("2018", 11), ("2021", 11), ("2024", 13)] {
        let told = |name: &str, source: &str| {
            let program = Program::new(&format!("{name}_{edition}"), source).edition(edition);
            // By place alone: what is told of our block has other words.
            let output = program.option("--error-format=short").checked();
            let told = String::from_utf8(output.stderr).unwrap();
            let places = told.lines().filter_map(|line| {
                let (place, told) = line.split_once(": error[")?;
                let line = place.rsplit(':').nth(1)?.parse::<usize>().ok()?;
                Some(format!("{} {}", &told[..5], source.lines().nth(line - 1)?.trim()))
            });
            places.collect::<BTreeSet<_>>()
        };
        let annotated = told("hidden", HIDDEN);
        let bare = told("hidden_bare", &without_attributes(HIDDEN));
        assert_eq!(bare.len(), wrong, "{edition}: {bare:#?}");
        assert_eq!(annotated, bare, "{edition}");
    }
}
