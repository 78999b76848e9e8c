//! Clippy's strictest lints say of an annotated program what they say of it without the attribute.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::compiler::{Program, without_attributes};

#[test]
fn of_the_programs_that_compile() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/pass");
    let mut compared = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let source = std::fs::read_to_string(file.unwrap().path()).unwrap();
        // Without a span there is nothing to record in.
        let bare = without_attributes(&source).replace("traced::record!", "traced_tests::record!");
        let (with, without) = (lints("lints", &source), lints("lints_bare", &bare));
        let Some(without) = without else { continue };
        assert_same(&with.unwrap(), &without, &["clippy::unused_self", "unused_variables"]);
        compared += 1;
    }
    assert!(compared > 7, "{compared}");
}

#[test]
fn of_functions_as_a_whole() {
    let bare = without_attributes(FUNCTIONS);
    let (with, without) = (lints("lints_whole", FUNCTIONS), lints("lints_whole_bare", &bare));
    let (with, without) = (with.unwrap(), without.unwrap());
    assert_same(&with, &without, &[]);
    let of_const = with.iter().filter(|lint| lint.name == "clippy::missing_const_for_fn");
    // Of a function without a body.
    assert_eq!(of_const.count(), 1, "{with:#?}");
    let found: Vec<_> = without.iter().map(|lint| lint.name.as_str()).collect();
    for lint in &WHOLE {
        assert!(found.contains(lint), "{lint} finds nothing: {found:#?}");
    }
}

/// But for what is told of that the attribute is not there: it says that a function cannot be `const`, and its place is empty.
fn assert_same(with: &BTreeSet<Lint>, without: &BTreeSet<Lint>, uses: &[&str]) {
    const ABOUT: [&str; 4] = [
        "clippy::empty_line_after_doc_comments",
        "clippy::empty_line_after_outer_attr",
        "clippy::missing_const_for_fn",
        "unused_imports",
    ];
    let more: Vec<_> = with.difference(without).collect();
    let is_less = |lint: &&Lint| !ABOUT.iter().chain(uses).any(|about| lint.name == *about);
    let less: Vec<_> = without.difference(with).filter(is_less).collect();
    assert!(more.is_empty() && less.is_empty(), "more: {more:#?}\nless: {less:#?}\nof {without:#?}");
}

/// What finds something in the functions below.
const WHOLE: [&str; 23] = [
    "async_fn_in_trait",
    "clippy::boxed_local",
    "clippy::derivable_impls",
    "clippy::inline_always",
    "clippy::manual_async_fn",
    "clippy::missing_const_for_fn",
    "clippy::missing_errors_doc",
    "clippy::missing_panics_doc",
    "clippy::must_use_candidate",
    "clippy::needless_lifetimes",
    "clippy::needless_pass_by_ref_mut",
    "clippy::needless_pass_by_value",
    "clippy::only_used_in_recursion",
    "clippy::ptr_arg",
    "clippy::redundant_locals",
    "clippy::toplevel_ref_arg",
    "clippy::too_many_arguments",
    "clippy::trivially_copy_pass_by_ref",
    "clippy::unnecessary_wraps",
    "clippy::unused_async",
    "clippy::unused_self",
    "clippy::used_underscore_binding",
    "unconditional_recursion",
];

const FUNCTIONS: &str = r#"
use traced::traced;

struct Type(u8);

#[traced]
pub async fn missing_errors_doc(n: u8) -> Result<u8, String> {
    later(n).await
}

#[traced(err(type = "late"))]
pub async fn missing_panics_doc(n: Option<u8>) -> Result<u8, String> {
    later(n.unwrap()).await
}

#[traced(ret)]
async fn unused_async(n: u8) -> u8 {
    n
}

#[traced]
async fn needless_lifetimes<'a>(text: &'a str) -> &'a str {
    later(1).await.unwrap_or_default();
    text
}

#[traced(args, kind = Client)]
async fn toplevel_ref_arg(ref text: String) -> usize {
    later(1).await.unwrap_or_default();
    text.len()
}

#[traced(fields(len = text.len()))]
async fn needless_pass_by_ref_mut(text: &mut String) -> usize {
    later(1).await.unwrap_or_default();
    text.len()
}

#[traced(fields(len = text.len(), rows = Empty))]
fn needless_pass_by_value(text: String) -> Option<usize> {
    traced_tests::record!(rows = 1);
    text.len().checked_sub(1)
}

#[traced]
fn missing_const_for_fn() -> Option<u8> {
    None
}

#[traced]
fn unnecessary_wraps(text: &str) -> Option<usize> {
    Some(text.len() + 1)
}

#[traced]
fn boxed_local(boxed: Box<[u8; 2]>) -> Option<u8> {
    boxed.first().copied()
}

#[traced(args(n))]
fn only_used_in_recursion(n: u8, depth: u8) -> Option<u8> {
    if n == 0 { None } else { only_used_in_recursion(n - 1, depth) }
}

#[traced]
fn unconditional_recursion(n: u8) -> Option<u8> {
    unconditional_recursion(n)
}

#[traced(parent = traced::Carry::root())]
async fn too_many_arguments(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8) -> u8 {
    later(a + b + c + d + e + f + g + h).await.unwrap_or_default()
}

#[traced]
fn manual_async_fn(n: u8) -> impl Future<Output = u8> {
    async move { later(n).await.unwrap_or_default() }
}

#[traced]
async fn used_underscore_binding(_n: u8) -> u8 {
    later(_n).await.unwrap_or_default()
}

#[traced(args, skip(_text))]
async fn recorded_but_not_used(_n: u8, _text: String) {
    later(1).await.unwrap_or_default();
}

async fn later(n: u8) -> Result<u8, String> {
    std::future::ready(Ok(n)).await
}

#[traced]
impl Type {
    fn unused_self(&self, text: &str) -> Option<usize> {
        text.len().checked_sub(1)
    }

    fn trivially_copy_pass_by_ref(self, n: &u8) -> Option<u8> {
        self.0.checked_sub(*n)
    }
}

#[traced]
pub trait Public {
    async fn async_fn_in_trait(&self) -> u8 {
        later(1).await.unwrap_or_default()
    }
}

#[traced(root)]
#[inline(always)]
pub fn inline_always(n: u8) -> Option<u8> {
    n.checked_sub(1)
}

#[traced(args)]
fn ptr_arg(list: &Vec<u8>) -> Option<u8> {
    list.first().copied()
}

#[traced(args)]
fn boxed_local_and_recorded(boxed: Box<[u8; 2]>) -> Option<u8> {
    boxed.first().copied()
}

#[traced(ret)]
fn needless_lifetimes_of_a_result<'a>(text: &'a str) -> Result<&'a str, String> {
    text.get(1..).ok_or_else(String::new)
}

#[traced(err(type = "none"))]
fn needless_lifetimes_of_an_error<'a>(text: &'a str) -> Result<u8, &'a str> {
    text.parse().map_err(|_| text)
}

#[traced(ret)]
fn unnecessary_wraps_of_a_hidden_type(text: &str) -> Option<impl std::fmt::Debug + use<>> {
    Some(text.len() + 1)
}

/// Clippy knows what such methods are to be.
#[derive(PartialEq, Eq)]
struct Known(u8);

impl Clone for Known {
    #[traced]
    fn clone(&self) -> Self {
        *self
    }
}

impl Copy for Known {}

#[traced]
impl Default for Known {
    fn default() -> Self { Self(0) }
}

#[traced(target = "known", fields(key = "text"))]
impl PartialOrd for Known {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Known {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

#[traced]
fn assert_send<T: Send>() {}

#[traced]
async fn redundant_locals(text: &str) -> usize {
    let text = text;
    later(1).await.unwrap_or_default();
    text.len()
}

async fn all() {
    drop((missing_const_for_fn(), unnecessary_wraps(""), boxed_local(Box::new([1, 2]))));
    drop((only_used_in_recursion(1, 2), unconditional_recursion(1), needless_pass_by_value(String::new())));
    drop((unused_async(1).await, needless_lifetimes("").await, toplevel_ref_arg(String::new()).await));
    drop((needless_pass_by_ref_mut(&mut String::new()).await, manual_async_fn(1).await));
    drop((used_underscore_binding(1).await, recorded_but_not_used(1, String::new()).await));
    drop((too_many_arguments(1, 2, 3, 4, 5, 6, 7, 8).await, redundant_locals("").await));
    drop((inline_always(1), ptr_arg(&vec![1]), boxed_local_and_recorded(Box::new([1, 2]))));
    drop((needless_lifetimes_of_a_result(""), needless_lifetimes_of_an_error("")));
    drop((unnecessary_wraps_of_a_hidden_type(""), Known(1).partial_cmp(&Known(2)), assert_send::<u8>()));
    drop((Type(1).unused_self(""), Type(1).trivially_copy_pass_by_ref(&1)));
}

fn main() {
    drop(all());
}
"#;

/// Who forbids a lint is told by the compiler of each `allow` of it, also of those that are generated.
#[test]
fn where_they_are_forbidden() {
    let clippys = "#![forbid(clippy::all, clippy::pedantic, clippy::nursery)]";
    let compilers = "#![forbid(warnings, unused, let_underscore, keyword_idents, single_use_lifetimes, unused_qualifications)]";
    for forbidden in [clippys, compilers] {
        let source = format!("{forbidden}\n{FORBIDDING}");
        let program = Program::new("lints_forbidden", &source);
        let output = program.linted();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && stderr.is_empty(), "{stderr}");
        program.built().unwrap();
    }
}

const FORBIDDING: &str = r#"
use std::future::{Ready, ready};

use traced::traced;

#[traced(args, fields(len = _text.len()))]
fn sync(_text: String, _n: u8, missing: Option<u8>) -> Result<u8, String> {
    missing.ok_or_else(String::new)
}

#[traced(args(_text), fields(copy = %_text, more = ?_n, _n))]
async fn opened(_text: String, _n: u8) -> Option<String> {
    ready(()).await;
    None
}

#[traced(skip(_n))]
async fn awaited((_n, _text): (u8, String)) -> bool {
    ready(()).await;
    true
}

#[traced(fields(_n))]
fn returned(_n: u8, _text: String) -> impl Future<Output = u8> {
    ready(1)
}

#[traced]
async fn a_future(_text: String) -> Ready<u8> {
    ready(()).await;
    ready(1)
}

#[traced]
async fn in_a_future() -> Ready<u8> {
    ready(ready(1)).await
}

#[traced]
async fn never_ends() -> Box<u8> {
    loop {
        ready(()).await;
    }
}

#[traced(args)]
async fn one_of_two(_first: bool) -> Ready<u8> {
    let n = ready(1).await;
    if n == 1 { ready(1) } else { ready(2) }
}

#[traced(parent = None)]
async fn boxed() -> std::pin::Pin<Box<dyn Future<Output = u8> + Send>> {
    ready(()).await;
    Box::pin(async { 1 })
}

async fn all() {
    drop((sync(String::new(), 1, None), opened(String::new(), 2).await, awaited((1, String::new())).await));
    returned(1, String::new()).await;
    traced::span!("block", n = 1).in_future(ready(1)).await;
    a_future(String::new()).await.await;
    one_of_two(true).await.await;
    boxed().await.await;
    in_a_future().await.await;
    never_ends().await;
}

fn main() {
    drop(all());
}
"#;

/// What clippy says of something.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Lint {
    line: u64,
    column: u64,
    name: String,
    message: String,
}

/// What clippy says. None: it does not compile.
fn lints(name: &str, source: &str) -> Option<BTreeSet<Lint>> {
    let program = ["--error-format=json", "-Wclippy::pedantic", "-Wclippy::nursery", "--cap-lints=warn"]
        .into_iter()
        .fold(Program::new(name, source), Program::option);
    let output = program.linted();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let messages = stderr.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let lints = messages.filter_map(|message| {
        let span = message["spans"].get(0)?;
        Some(Lint {
            line: span["line_start"].as_u64()?,
            column: span["column_start"].as_u64()?,
            name: message["code"]["code"].as_str().unwrap_or_default().to_owned(),
            message: message["message"].as_str()?.to_owned(),
        })
    });
    output.status.success().then(|| lints.collect())
}
