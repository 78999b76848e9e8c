//! What is wrong in a body is told at the user's code, in the words that the compiler has without the attribute.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::compiler::{Program, without_attributes};

/// Each is compiled with its `#[traced]`s and without; and the functions in it of which it is told in other words.
const PROGRAMS: &[(&str, &str, &[&str])] = &[
    ("types_and_borrows", include_str!("../../ui/same/types-and-borrows.rs"), CLOSURES),
    ("in_futures", include_str!("../../ui/same/in-futures.rs"), BLOCKS),
    ("signatures", include_str!("../../ui/same/signatures.rs"), &[]),
    ("lifetimes", include_str!("../../ui/same/lifetimes.rs"), &[]),
];

/// The same in the edition 2021.
const OF_OLD: (&str, &str) = ("captures", include_str!("../../ui/same/captures.rs"));

/// The place is the same, but the compiler sees a closure that has captured a parameter.
const CLOSURES: &[&str] = &[
    // "local data `a`" for "function parameter `a`".
    "escapes_argument",
    // It marks the same place with fewer words.
    "first",
    "not_mutable_behind_a_reference",
    "out_of_a_reference",
    // "in a closure that returns" for "in a function that returns".
    "question_mark_without_a_result",
];

/// The same of an `async` block.
const BLOCKS: &[&str] = &[
    // At the type for at the braces.
    "no_value",
    "out_of_a_reference",
    "question_mark_without_a_result",
    // At the first word of the pattern for at all of it.
    "taken_apart",
    "taken_apart_with_a_value",
];

/// The bodies of functions that somebody is typing.
const HALF_TYPED: &[&str] = &[
    "cart.",
    "cart.items.",
    "let",
    "let a",
    "let a =",
    "let a: ",
    "if cart.items.is_empty()",
    "if cart.",
    "match cart",
    "match cart.items.len() { 1 => }",
    "for item in",
    "cart.items.iter().map(|",
    "cart.items.iter().map(|item| item.)",
    "return Some(",
    "Some(cart.items[)",
    "let a = 1\n let b = 2; Some(a)",
    "Cart { items: vec![], .. ",
    "format!(\"{\", cart)",
    "\"text",
    "cart.items.len() +",
    "cart::",
    "#[allow(",
    "fn inside(",
    "use std::",
    "async {",
    "}",
];

#[test]
fn as_without_the_attribute() {
    for (name, source, different) in PROGRAMS {
        let (with, without) = both(name, source, "2024");
        assert!(without.len() > 4, "{without:#?}");
        let of: Vec<&String> = without.keys().collect();
        assert_eq!(with.keys().collect::<Vec<_>>(), of, "errors in other functions");
        let changed: Vec<&str> =
            without.iter().filter(|(of, told)| with[*of] != **told).map(|(of, _)| of.as_str()).collect();
        for of in changed.iter().filter(|of| !different.contains(of)) {
            println!("{name}: {of}: {:#?}\nbut without the attribute {:#?}", with[*of], without[*of]);
        }
        assert_eq!(changed, *different, "{name}: errors that differ");
    }
}

#[test]
fn of_captured_lifetimes() {
    let (name, source) = OF_OLD;
    let (with, without) = both(name, source, "2021");
    assert_eq!(without.len(), source.matches("#[traced]").count(), "{without:#?}");
    assert_eq!(with, without);
}

#[test]
fn of_half_typed_bodies() {
    let mut wrong = Vec::new();
    for head in ["fn", "async fn"] {
        for (index, body) in HALF_TYPED.iter().enumerate() {
            let source = format!(
                "pub struct Cart {{ pub items: Vec<String> }}\n\
                 #[traced::traced]\n\
                 pub {head} half_typed(cart: &Cart) -> Option<usize> {{\n    {body}\n}}\n\
                 pub fn after(cart: &Cart) -> u8 {{\n    half_typed(cart);\n    cart.nothing\n}}\n"
            );
            let (with, without) = both(&format!("half_typed_{index}"), &source, "2024");
            assert!(!without.is_empty(), "{body}: no error");
            if once(&with) != once(&without) {
                wrong.push(format!("{head} {{ {body} }}: {with:#?}\nbut without the attribute {without:#?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// By function, sorted.
type Told = BTreeMap<String, Vec<String>>;

/// Without what is told again: the compiler reads an annotated function twice, before the attribute and after, and tells
/// what does not parse each time. The second time it means the whole braces where it meant the last: so only where it ends.
fn once(told: &Told) -> BTreeMap<&str, BTreeSet<&str>> {
    told.iter().map(|(of, told)| (of.as_str(), told.iter().map(String::as_str).collect())).collect()
}

/// What the compiler says of each function, with the attributes and without.
fn both(name: &str, source: &str, edition: &'static str) -> (Told, Told) {
    let bare = without_attributes(source);
    assert_ne!(bare, source);
    (told(name, source, edition), told(&format!("{name}_bare"), &bare, edition))
}

fn told(name: &str, source: &str, edition: &'static str) -> Told {
    let output = Program::new(name, source).edition(edition).option("--error-format=json").checked();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let mut told = Told::new();
    for message in stderr.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        let spans = message["spans"].as_array().unwrap();
        // The summary has none.
        if let Some(primary) = spans.iter().find(|span| span["is_primary"] == true) {
            let line = &primary["line_start"];
            let text = format!(
                "{} {}: {}\n  to {}:{}: {}",
                message["level"].as_str().unwrap(),
                message["code"]["code"].as_str().unwrap_or_default(),
                message["message"].as_str().unwrap(),
                primary["line_end"],
                primary["column_end"],
                primary["label"].as_str().unwrap_or_default(),
            );
            told.entry(function_at(source, line.as_u64().unwrap())).or_default().push(text);
        }
    }
    for told in told.values_mut() {
        told.sort();
    }
    told
}

/// The function that a line is in.
fn function_at(source: &str, line: u64) -> String {
    let above = source.lines().take(usize::try_from(line).unwrap());
    let heads = above.filter_map(|line| line.split_once("fn ").map(|(_, head)| head));
    let name = heads.last().and_then(|head| head.split(['(', '<']).next());
    name.unwrap_or("outside").to_owned()
}
