//! What the programs print, and that the README shows just that.

use std::process::Command;

const README: &str = include_str!("../../README.md");

/// The output of a program without colours, and without any of the machine's settings.
fn output(program: &str, exporter: &str) -> String {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("OTEL_")) {
        command.env_remove(name);
    }
    command.env("NO_COLOR", "1").env_remove("CLICOLOR_FORCE").env("COLUMNS", "100");
    command.env("OTEL_SERVICE_NAME", "shop").env("OTEL_TRACES_EXPORTER", exporter);
    let output = command.output().unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.is_empty(), "{}: {complaints}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// A tree without what differs from run to run: ids, durations, dates and ports; and without the bars.
fn timeless(tree: &str) -> String {
    let mut lines = Vec::new();
    for line in tree.lines().filter(|line| !line.is_empty()) {
        let line = line.split("  ━").next().unwrap_or_default();
        let line = line.split("  ╺").next().unwrap_or_default().split("  ╸").next().unwrap_or_default();
        let words: Vec<_> = line.split("  ").filter(|word| !differs(word.trim())).collect();
        lines.push(words.join("  ").trim_end().to_owned());
    }
    lines.join("\n")
}

fn differs(word: &str) -> bool {
    let id = word.len() == 32 && word.chars().all(|char| char.is_ascii_hexdigit());
    let ends_in_unit = [" ns", " µs", " ms", " s"].iter().any(|unit| word.ends_with(unit));
    let number =
        ends_in_unit && word.trim_start_matches("· +").starts_with(|char: char| char.is_ascii_digit());
    let date = word.ends_with('Z') && word.starts_with(|char: char| char.is_ascii_digit());
    id || number || date
}

fn block<'a>(text: &'a str, begin: &str) -> &'a str {
    let start = text.find(begin).unwrap() + begin.len();
    &text[start..start + text[start..].find("```").unwrap()]
}

#[test]
fn the_readme_shows_what_hello_is_and_prints() {
    let source = include_str!("../src/bin/hello.rs");
    let code: Vec<_> = source.lines().skip_while(|line| line.starts_with("//!") || line.is_empty()).collect();
    assert_eq!(block(README, "```rust\n").trim_end(), code.join("\n"));

    let shown = block(README, "cargo run --bin hello\n");
    let printed = output(env!("CARGO_BIN_EXE_hello"), "console");
    assert_eq!(timeless(shown), timeless(&printed), "{printed}");
}

/// A trace may be shown in two pieces on a slow machine, so that not the whole is compared.
#[test]
fn the_quickstart_shows_what_it_says() {
    let printed = output(env!("CARGO_BIN_EXE_quickstart"), "");
    let shown = timeless(&printed);
    let counted = |text: &str| shown.matches(text).count();
    let services = ["SERVER  (orders)", "SERVER  (inventory)", "SERVER  (payments)"];
    assert_eq!(services.map(counted), [3, 3, 4], "one attempt more at payments: {printed}");
    assert_eq!(counted("trying again  attempt=1"), 1, "{printed}");
    assert_eq!(counted("─ notify"), 1, "{printed}");
    let told = shown.find("CheckoutError: the order is not paid").expect(&printed);
    let lines: Vec<_> = shown[told..].lines().take(3).map(str::trim_start).collect();
    assert_eq!(lines[1..], ["↳ caused by the bank hung up", "↳ caused by connection reset"], "{printed}");
    for name in ["buy", "place_order", "reserve", "charge", "take_money"] {
        assert_eq!(counted(&format!("⊘ {name}")), 1, "{name} was cancelled: {printed}");
    }
}

#[test]
fn args_shows_what_is_asked_for() {
    let printed = output(env!("CARGO_BIN_EXE_args"), "console");
    let (_, spans) = timeless(&printed).split_once('\n').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert_eq!(
        spans,
        "\
search
│  query=\"Query { table: \"orders\", limit: Some(20) }\"  page=2  token=[redacted]  return=40
└─ fetch  CLIENT
      page=2  query=orders  limit=20  plan=\"scan orders …(15 more)\"  rows=40"
    );
}

#[test]
fn err_shows_what_is_said_of_errors() {
    let printed = output(env!("CARGO_BIN_EXE_err"), "console");
    let (_, spans) = timeless(&printed).split_once('\n').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert_eq!(
        spans,
        "\
shop
├─ settings
│     error.type=NotFound
├─ parse
├─ price
│  └─ load
├─ price
│  │  order.id=8  error.type=not_found
│  └─ load
│        order.id=8  error.type=not_found
└─ ✗ price
   └─ ✗ load
         error.type=timeout
         ✗ err::StoreError: the store does not answer"
    );
}

#[test]
fn blocks_shows_each_method_but_the_one_that_is_off() {
    let printed = output(env!("CARGO_BIN_EXE_blocks"), "console");
    assert_eq!(
        timeless(&printed),
        "\
a book goes
Err(\"no order 7\")
shop  4 spans  1 error
✗ clean_up
├─ Orders::load  CLIENT
│     db.collection.name=orders
├─ Orders::delete  CLIENT
│     db.collection.name=orders  id=7
└─ ✗ Orders::load  CLIENT
      db.collection.name=orders
      ✗ alloc::string::String: no order 7"
    );
}

#[test]
fn filter_shows_the_second_order_in_detail() {
    let printed = output(env!("CARGO_BIN_EXE_filter"), "console");
    let shown = timeless(&printed);
    let (links, spans): (Vec<_>, Vec<_>) = shown.lines().partition(|line| line.contains('⇢'));
    assert_eq!(links.len(), 2, "each audit is linked to its order: {printed}");
    assert_eq!(
        spans.join("\n"),
        "\
shop  2 spans
order
│  id=1
└─ INSERT orders  CLIENT
shop  1 span
audit
shop  6 spans
order
│  id=2
├─ price
│  │  line=0
│  └─ look_up
├─ price
│  │  line=1
│  └─ look_up
└─ INSERT orders  CLIENT
shop  1 span
audit"
    );
}

#[test]
fn span_shows_what_has_no_function_of_its_own() {
    let printed = output(env!("CARGO_BIN_EXE_span"), "console");
    assert_eq!(
        timeless(&printed),
        "\
[\"a\", \"b\"]
shop  5 spans
import
├─ wait in queue
├─ parse
│     bytes=3
├─ job  CONSUMER
│     lines=2  worker=import
│    begun  first=a
└─ wait for the worker"
    );
}

#[test]
fn streams_shows_how_much_was_read_and_how_it_ended() {
    let printed = output(env!("CARGO_BIN_EXE_streams"), "console");
    let shown = timeless(&printed);
    let (read, failed) = shown.split_once("\nshop  2 spans  1 error\n").expect(&printed);
    assert!(read.ends_with("\nshop  2 spans\ntotal\n└─ numbers\n      lines=3  stream.items=3"), "{printed}");
    let numbers = "\n└─ ✗ numbers\n      lines=3  stream.items=2\n      ✗ core::num::error::ParseIntError: invalid digit found in string";
    assert!(failed.starts_with("✗ total") && failed.ends_with(numbers), "{printed}");
}
