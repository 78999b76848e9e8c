//! What the compiler's lints find in a body is told at the user's code, in the words that they have without the attribute.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;

use crate::compiler::{Program, without_attributes};

/// Before all functions.
const AROUND: &str = "#![allow(clippy::all)]
pub struct Type(pub u8);
pub fn fallible() -> Result<u8, String> { Ok(1) }
#[must_use] pub fn needed() -> u8 { 1 }
#[must_use] pub struct Needed;
#[deprecated] pub fn old() -> u8 { 1 }
pub async fn later() {}
pub struct Pair { pub left: String, pub right: String }
";

/// Where a function stands and what it is, with `name` and `{body}` in it. All have `n: u8` and `text`, and return an
/// `Option<u8>`, but the first two. And whether the body becomes that of a closure or of a future of ours.
const HEADS: &[(bool, &str)] = &[
    (false, "#[traced::traced] pub fn name(mut n: u8, text: &str) -> u8 {body_of_u8}"),
    (false, "#[traced::traced] pub fn name(mut n: u8, text: &str) {body_of_unit}"),
    (true, "#[traced::traced] pub fn name(mut n: u8, text: String) -> Option<u8> {body}"),
    (true, "#[traced::traced] pub async fn name(mut n: u8, text: String) -> Option<u8> {body}"),
    (
        true,
        "#[traced::traced(fields(key = 1, late = Empty))]
        pub fn name(mut n: u8, text: String) -> Option<u8> {body}",
    ),
    (
        true,
        "#[traced::traced(ret, err = off)] pub async fn name(mut n: u8, text: String) -> Option<u8> {body}",
    ),
    (false, "#[traced::traced] #[track_caller] pub fn name(mut n: u8, text: String) -> Option<u8> {body}"),
    (
        false,
        "#[traced::traced] pub fn name(mut n: u8, text: String)
        -> impl Future<Output = Option<u8>> { async move {body} }",
    ),
    (
        false,
        "#[traced::traced] pub fn name(mut n: u8, text: String)
        -> std::pin::Pin<Box<dyn Future<Output = Option<u8>>>> { Box::pin(async move {body}) }",
    ),
    // An expression of ours is where the user's is.
    (true, "#[traced::traced] pub fn name(mut n: u8, text: String) -> Option<impl Copy> {body}"),
    (true, "#[traced::traced] pub async fn name(mut n: u8, text: String) -> Option<impl Copy> {body}"),
    (
        true,
        "impl Type { #[traced::traced] pub fn name(&self, mut n: u8, text: String) -> Option<u8> {body} }",
    ),
    (
        true,
        "impl Type { #[traced::traced] pub async fn name(self, mut n: u8, text: String) -> Option<u8> {body} }",
    ),
    (true, "impl Type { #[traced::traced] pub fn name(mut n: u8, text: String) -> Option<u8> {body} }"),
    (
        true,
        "#[traced::traced] impl Type { pub fn name(&mut self, mut n: u8, text: String) -> Option<u8> {body} }",
    ),
    (
        true,
        "#[traced::traced] impl Type { pub async fn name(&self, mut n: u8, text: String) -> Option<u8> {body} }",
    ),
    (
        true,
        "#[traced::traced] pub trait In_name { fn name(&self, mut n: u8, text: String) -> Option<u8> {body} }",
    ),
    (
        true,
        "#[traced::traced] pub mod in_name { use super::*;
        pub fn name(mut n: u8, text: String) -> Option<u8> {body} }",
    ),
];

/// The lint that must find something in the body, and the body up to the value that it ends with, which is `n`.
const BODIES: &[(&str, &str)] = &[
    ("dead_code", "drop(text); fn never_called() {}"),
    ("dead_code", "drop(text); const NEVER: u8 = 1;"),
    ("dead_code", "drop(text); struct Never { field: u8 }"),
    ("unused_variables", ""),
    ("unused_variables", "drop(text); let unused = 1;"),
    ("unused_variables", "drop(text); let (a, b) = (n, n); n = a;"),
    ("unused_variables", "drop(text); if let Some(unused) = Some(1) {}"),
    ("unused_variables", "drop(text); let used = |unused: u8| 1; n += used(1);"),
    ("unused_variables", "drop(text); for unused in 0..3 {}"),
    ("unused_mut", "drop(text);"),
    ("unused_mut", "drop(text); let mut unchanged = 1; n += unchanged;"),
    ("unused_assignments", "drop((text, n)); n = 2; n = 3;"),
    ("unused_assignments", "drop(text); let mut a = 1; a = 2; n += a;"),
    ("unused_must_use", "drop(text); fallible();"),
    ("unused_must_use", "drop(text); needed();"),
    ("unused_must_use", "drop(text); Needed;"),
    ("unused_must_use", "drop(text); later();"),
    ("unused_must_use", "drop(text); n + 1;"),
    ("unused_must_use", "text.chars().map(|_| 1);"),
    ("unused_must_use", "text.is_empty();"),
    ("unreachable_code", "drop((text, n)); return n_; let after = 1;"),
    ("unreachable_code", "drop((text, n)); panic!();"),
    ("unreachable_code", "drop((text, n)); loop {}"),
    ("unreachable_code", "drop((text, n)); return n_; fallible().unwrap();"),
    ("unreachable_patterns", "drop(text); match n { _ => {}, 1 => {} }"),
    ("path_statements", "drop(text); n;"),
    ("unused_parens", "drop(text); n += (1);"),
    ("unused_braces", "drop(text); n += { 1 };"),
    ("unused_labels", "drop(text); 'label: for _ in 0..3 {}"),
    ("unused_imports", "drop(text); use std::fmt::Debug;"),
    ("unused_macros", "drop(text); macro_rules! never { () => {} }"),
    ("unused_unsafe", "unsafe { drop(text); }"),
    ("unused_doc_comments", "/// It ends.\n drop(text);"),
    ("unused_comparisons", "drop(text); if n < 0 {}"),
    ("redundant_semicolons", "drop(text);;"),
    ("deprecated", "drop(text); n += old();"),
    ("non_snake_case", "drop(text); let Big = 1; n += Big;"),
    ("dropping_references", "drop(&text);"),
    ("while_true", "drop(text); while true { break; }"),
    // Read only where the body does not come to.
    ("unused_variables", "drop(text); panic!();"),
];

/// The same of those that are told in other words: a parameter is a variable of the closure or the future that the body
/// becomes.
const RETOLD: &[(&str, &str)] = &[
    // A new value before the old one is read.
    ("unused_assignments", "drop(text); n = 2;"),
];

/// Functions in whose heads a lint finds something, mostly that nobody calls them.
const BY_HEAD: &[(&str, &str, &str)] = &[
    (
        "missing_docs",
        "head_of_docs",
        "#[traced::traced] #[warn(missing_docs)] pub fn head_of_docs() -> Option<u8> { None }",
    ),
    (
        "missing_docs",
        "head_later_docs",
        "#[traced::traced] #[warn(missing_docs)] pub async fn head_later_docs() {}",
    ),
    (
        "redundant_semicolons",
        "head_statements",
        "macro_rules! statements { ($($s:stmt;)*) => {
        #[traced::traced] pub fn head_statements() -> Option<u8> { $($s;)* None } } }
        statements! { let _a = 1; }",
    ),
    ("dead_code", "head_free", "#[traced::traced] fn head_free() {}"),
    ("dead_code", "head_closed", "#[traced::traced] fn head_closed() -> Option<u8> { None }"),
    ("dead_code", "head_later", "#[traced::traced] async fn head_later() {}"),
    (
        "dead_code",
        "head_method",
        "impl Type { #[traced::traced] fn head_method(&self) -> Option<u8> { None } }",
    ),
    (
        "dead_code",
        "head_async_method",
        "impl Type { #[traced::traced] async fn head_async_method(&self) {} }",
    ),
    ("dead_code", "head_in_impl", "#[traced::traced] impl Type { fn head_in_impl(self) {} }"),
    ("dead_code", "head_in_mod", "#[traced::traced] mod uncalled { fn head_in_mod() {} }"),
    (
        "async_fn_in_trait",
        "head_in_trait",
        "#[traced::traced] pub trait Whole { async fn head_in_trait() {} }",
    ),
    (
        "async_fn_in_trait",
        "head_of_its_own",
        "pub trait Part { #[traced::traced] #[warn(async_fn_in_trait)] async fn head_of_its_own() {} }",
    ),
    (
        "unused_variables",
        "head_fields",
        "#[traced::traced] pub fn head_fields(Pair { left, right }: Pair) -> usize { left.len() }",
    ),
    (
        "unused_variables",
        "head_mut_fields",
        "#[traced::traced] pub fn head_mut_fields(Pair { left, mut right }: Pair) -> Option<String> { Some(left) }",
    ),
    (
        "unused_variables",
        "head_some_fields",
        "#[traced::traced] pub fn head_some_fields((Pair { left, .. }, n): (Pair, u8)) -> Option<String> { None }",
    ),
    (
        "unused_variables",
        "head_async_fields",
        "#[traced::traced] pub async fn head_async_fields(Pair { left, right }: Pair) -> usize { left.len() }",
    ),
    (
        "unused_variables",
        "head_in_box",
        "#[traced::traced] pub fn head_in_box(Pair { left, right }: Pair)
        -> std::pin::Pin<Box<dyn Future<Output = u8>>> { Box::pin(std::future::ready(1)) }",
    ),
    (
        "unused_variables",
        "head_tuple",
        "#[traced::traced] pub fn head_tuple((a, [b, c]): (String, [String; 2])) -> Option<String> { None }",
    ),
];

#[test]
fn of_every_function() {
    let (source, functions) = program();
    let bare = without_attributes(&source);
    assert_ne!(bare, source);
    let (with, without) = (told("same_lints", &source), told("same_lints_bare", &bare));
    let nothing = BTreeSet::new();
    let mut wrong = Vec::new();
    for (name, Function { lint, retold }) in functions {
        let with = with.get(&name).unwrap_or(&nothing);
        let without = without.get(&name).unwrap_or(&nothing);
        if !without.iter().any(|told| told.starts_with(lint)) {
            wrong.push(format!("{name}: nothing by {lint} without the attribute, but {without:#?}"));
        }
        let more: Vec<_> = with.difference(without).collect();
        let less: Vec<_> = without.difference(with).collect();
        let in_other_words = |told: &[&String]| matches!(told, [one] if one.starts_with(lint));
        let as_known = retold && in_other_words(&more) && in_other_words(&less);
        if !as_known && (retold || with != without) {
            wrong.push(format!("{name}: {more:#?}\nbut without the attribute {less:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// A function of the program: the lint that finds something in it, and whether it is told in other words with the attribute.
struct Function {
    lint: &'static str,
    retold: bool,
}

/// Every body in every function, by the functions' names.
fn program() -> (String, BTreeMap<String, Function>) {
    let (mut source, mut functions) = (AROUND.to_owned(), BTreeMap::new());
    let bodies = BODIES.iter().map(|body| (false, body)).chain(RETOLD.iter().map(|body| (true, body)));
    for (number, (retold, (lint, body))) in bodies.enumerate() {
        for (which, (closes, head)) in HEADS.iter().enumerate() {
            let name = format!("head_{which}_{lint}_{number}");
            let ends = |value: &str| {
                let body = body.replace("return n_", &format!("return {value}"));
                format!("{{\n    {body}\n    {value}\n}}")
            };
            let function = head
                .replace("name", &name)
                .replace("{body_of_u8}", &ends("n"))
                .replace("{body_of_unit}", &ends("drop(n)"))
                .replace("{body}", &ends("Some(n)"));
            writeln!(source, "{function}").unwrap();
            functions.insert(name, Function { lint, retold: retold && *closes });
        }
    }
    for (lint, name, function) in BY_HEAD {
        writeln!(source, "{function}").unwrap();
        functions.insert((*name).to_owned(), Function { lint, retold: false });
    }
    (source, functions)
}

/// What the compiler says of each function: the lint, its words, all that it points at, and what it would have written
/// instead.
fn told(name: &str, source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let options = ["--error-format=json", "--cap-lints=warn", "-Wunused"];
    let program = options.into_iter().fold(Program::new(name, source), Program::option);
    let output = program.checked();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    let mut told: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for message in stderr.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        let mut spans = message["spans"].as_array().unwrap().iter();
        // The summary points at nothing.
        if let Some(primary) = spans.find(|span| span["is_primary"] == true) {
            let start = primary["byte_start"].as_u64().unwrap();
            let lint = message["code"]["code"].as_str().unwrap_or_default();
            let mut text = format!("{lint}{}", said(&message));
            for more in message["children"].as_array().unwrap() {
                // Where the lint is turned on is told once, in the first function that it finds something in.
                if !more["spans"].as_array().unwrap().is_empty() {
                    text += &said(more);
                }
            }
            told.entry(function_at(source, start)).or_default().insert(text);
        }
    }
    told
}

fn said(message: &Value) -> String {
    let mut said = format!("\n{}: {}", message["level"].as_str().unwrap(), message["message"]);
    for span in message["spans"].as_array().unwrap() {
        write!(
            said,
            "\n  {}:{}-{}:{} {} {}",
            span["line_start"],
            span["column_start"],
            span["line_end"],
            span["column_end"],
            span["label"],
            span["suggested_replacement"]
        )
        .unwrap();
    }
    said
}

/// The function of the table that a place is in: the last before it, or the one that the place names.
fn function_at(source: &str, place: u64) -> String {
    let place = usize::try_from(place).unwrap();
    let line_end = source[place..].find('\n').map_or(source.len(), |length| place + length);
    let (_, name) = source[..line_end].rsplit_once("fn head_").unwrap();
    let name: String = name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    format!("head_{name}")
}
