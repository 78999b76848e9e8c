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
