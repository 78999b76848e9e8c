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
        let with = with.unwrap();
        let more: Vec<_> = with.difference(&without).collect();
        assert!(more.is_empty(), "{more:#?}");
        compared += 1;
    }
    assert!(compared > 7, "{compared}");
}

/// Who forbids a lint is told by the compiler of each `allow` of it, also of those that are generated.
#[test]
fn where_they_are_forbidden() {
    let groups = "#![forbid(clippy::all, clippy::pedantic, clippy::nursery)]";
    let names = "#![forbid(clippy::async_yields_async, clippy::used_underscore_binding, unused_braces)]";
    for forbidden in [groups, names] {
        let source = format!("{forbidden}\n{FORBIDDING}");
        let output = Program::new("lints_forbidden", &source).linted();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && stderr.is_empty(), "{stderr}");
    }
}

const FORBIDDING: &str = r#"
use std::future::{Ready, ready};

use traced::traced;

#[traced(args, fields(len = _text.len()))]
fn sync(_text: String, _n: u8) -> Result<u8, String> {
    Ok(1)
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
    let _ = (sync(String::new(), 1), opened(String::new(), 2).await, awaited((1, String::new())).await);
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

/// What clippy says, and in which line. None: it does not compile.
fn lints(name: &str, source: &str) -> Option<BTreeSet<(u64, String)>> {
    let program = ["--error-format=json", "-Wclippy::pedantic", "-Wclippy::nursery", "--cap-lints=warn"]
        .into_iter()
        .fold(Program::new(name, source), Program::option);
    let output = program.linted();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let messages = stderr.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let lints = messages.filter_map(|message| {
        let line = message["spans"][0]["line_start"].as_u64()?;
        Some((line, message["message"].as_str()?.to_owned()))
    });
    output.status.success().then(|| lints.collect())
}
