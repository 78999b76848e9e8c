//! The expansions that the documentation shows are the real ones.

use proc_macro2::{TokenStream, TokenTree};

#[test]
fn the_documented_expansions_are_real() {
    let documentation = include_str!("traced.md");
    let (_, shown) = documentation.split_once("# The generated code").unwrap();
    let (shown, _) = shown.split_once("\n# Coming from").unwrap();
    let blocks: Vec<&str> = shown.split("```").skip(1).step_by(2).collect();
    assert_eq!(blocks.len(), 6);
    for pair in blocks.chunks_exact(2) {
        let visible: String = pair[0].lines().filter(|line| !line.starts_with("# ")).collect();
        let (arguments, item) = split_attribute(visible.parse().unwrap());
        let expanded = crate::attribute(arguments, &item);
        let expected = pair[1].strip_prefix("ignore").unwrap();
        let expected =
            expected.replace("shop", env!("CARGO_PKG_NAME")).replace("1.2.0", env!("CARGO_PKG_VERSION"));
        let expected: TokenStream = expected.parse().unwrap();
        assert_eq!(squeezed(&expanded), squeezed(&expected));
    }
}

/// `#[traced(arguments)] item`.
fn split_attribute(tokens: TokenStream) -> (TokenStream, TokenStream) {
    let mut tokens = tokens.into_iter();
    let (Some(TokenTree::Punct(_)), Some(TokenTree::Group(attribute))) = (tokens.next(), tokens.next())
    else {
        panic!("the item starts with the attribute");
    };
    let arguments = match attribute.stream().into_iter().nth(1) {
        Some(TokenTree::Group(arguments)) => arguments.stream(),
        _ => TokenStream::new(),
    };
    (arguments, tokens.collect())
}

/// A line for each statement and argument, for a readable difference. Spacing is nobody's business.
fn squeezed(tokens: &TokenStream) -> String {
    tokens.to_string().split_whitespace().collect::<Vec<_>>().join("").replace(['{', ';', ','], "\n")
}

/// What comes out of `#[traced]` on an item.
fn expanded(item: &str) -> String {
    squeezed(&crate::attribute(TokenStream::new(), &item.parse().unwrap()))
}

#[test]
fn what_is_half_typed_stays_in_its_block() {
    for item in [
        "impl Repo { fn load(&self) -> }",
        "impl Repo { fn }",
        "impl Repo { fn load(&self) -> Vec< { } fn save() {} }",
        "impl Repo { fn load(&self { }) }",
        "impl Repo { load(&self) {} }",
        "mod a { pub fn load fn save; use b::{c, } }",
        "trait Store { fn load(&self, ) fn }",
    ] {
        assert_eq!(expanded(item), squeezed(&item.parse().unwrap()));
    }
    let rest = expanded("impl Repo { fn load(&self) -> ; fn save() {} }");
    assert!(rest.contains("fnload(&self)->") && rest.contains("__TRACED_SITE"), "{rest}");
}

/// Items of all that the attribute goes on, of which the first are functions.
const ITEMS: [&str; 5] = [
    "#[inline] pub(crate) async unsafe fn f<'a, T: Fn() -> u8>(mut a: &'a T, (_, b): (u8, u8)) -> Option<u8> where T: Send { Some(a()) }",
    "fn half_typed(a: u8) { a. }",
    "unsafe impl<T> Store for T { const A: u8 = 1; #[inline] fn load(&self) {} }",
    "trait Store { fn load(&self); fn save(&self) {} }",
    "pub mod handlers { use super::*; fn list() {} }",
];

#[test]
fn off_leaves_every_item_as_it_was() {
    for item in ITEMS {
        let item: TokenStream = item.parse().unwrap();
        assert_eq!(crate::attribute(quote::quote!(off), &item).to_string(), item.to_string());
    }
}

#[test]
fn with_wrong_arguments_a_function_is_as_it_was_and_the_error_is_beside_it() {
    for item in &ITEMS[..2] {
        let item: TokenStream = item.parse().unwrap();
        let told = crate::attribute(quote::quote!(kidn = Server), &item).to_string();
        let errors = told.strip_prefix(&item.to_string());
        assert!(errors.is_some_and(|errors| errors.contains("compile_error")), "{told}");
    }
}

#[test]
fn an_async_fn_returns_its_future_where_nobody_can_tell() {
    let opened = |item: &str| expanded(item).contains("->impl::core::future::Future<Output=");
    for item in [
        "async fn f() {}",
        "pub(crate) async unsafe fn f<'a, F: Fn(u8) -> u8>(f: &'a F, mut n: u8) -> &'a F where F: 'a { f }",
        "#[doc = \"a\"] #[allow(clippy::all)] async fn f(&self, text: String) -> Result<(), E> { self.g(text) }",
        "async fn f(_guard: Guard, _: u8, unused: &str) {}",
        "async fn f(guard: Guard, _: Guard) {}",
        "async fn f(self) {}",
        "async fn f(#[cfg(test)] a: &str) { a.g() }",
        "async fn f(a: &str) -> Option<impl Debug> { Some(a) }",
        "async fn f((a, ..): (Guard, Guard), ref b: String) { a.g() }",
        "impl S { async fn f(self: Arc<Self>) -> Self { self.g() } }",
        "trait S { async fn f(&self) { self.g() } }",
    ] {
        assert!(opened(item), "{item}");
        assert!(!expanded(item).contains("asyncfn"), "{item}");
        assert!(!expanded(item).contains(".await"), "{item}");
    }
    for item in [
        // Somebody after us may look for the word.
        "#[tokio::main] async fn f() {}",
        "#[async_trait] impl S for T { async fn f(&self) { self.g() } }",
        "#[cfg(test)] mod m { #[async_trait] impl S for T { async fn f(&self) { self.g() } } }",
        // It tells of the output.
        "#[must_use] async fn f() -> u8 { 1 }",
        "async fn f(#[theirs] a: &str) { a.g() }",
        "async fn f() -> ! { loop {} }",
    ] {
        assert!(!opened(item), "{item}");
        assert!(expanded(item).contains(".await"), "{item}");
    }
}

#[test]
fn a_stream_needs_the_feature() {
    let told = expanded("fn rows() -> impl Stream<Item = u8> + Send { all() }");
    assert_eq!(told.contains("compile_error"), !cfg!(feature = "stream"), "{told}");
    assert_eq!(told.contains("stream_later"), cfg!(feature = "stream"), "{told}");
}

#[test]
fn record_without_a_span_only_names_its_values() {
    let mut errors = crate::arg::Errors::default();
    let tokens = quote::quote!({} {} {} rows = n + 1, %customer);
    let record = crate::record::Record::parse(tokens, &mut errors).unwrap();
    assert!(errors.is_empty());
    let expected = quote::quote!(if false {
        let _ = &(n + 1);
        let _ = &(customer);
    });
    assert_eq!(crate::expand::record(&record).to_string(), expected.to_string());
}

#[test]
fn with_the_crate_elsewhere_nothing_names_ours() {
    let arguments = quote::quote!(
        crate = my::telemetry,
        name = name(),
        level = "debug",
        parent = cx,
        links = [a],
        ret,
        fields(x = Empty, y = 1)
    );
    let item = quote::quote!(
        async fn f(cx: Context) -> Result<(), Error> {
            Ok(())
        }
    );
    let expanded = crate::attribute(arguments, &item).to_string();
    assert!(expanded.contains("my :: telemetry :: __private :: future :: begin_there"), "{expanded}");
    assert!(!expanded.contains("traced :: __private"), "{expanded}");
}
