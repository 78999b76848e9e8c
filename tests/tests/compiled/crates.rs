//! Crates that others have written compile with every function of theirs annotated: servers, clients, middleware, streams.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Of which there are sources, since the workspace depends on them.
const CRATES: [&str; 7] = ["futures-util", "h2", "hyper", "hyper-util", "tokio-util", "tonic", "tower"];

/// The limits that the attribute's documentation tells of: errors, and a boxed future's output, that are to be `'static`.
const EXCEPT: [&str; 3] = ["bilock.rs", "split.rs", "boxed/sync.rs"];

/// Given in turn.
const FORMS: [&str; 5] = [
    "#[::traced::traced]",
    "#[::traced::traced(args)]",
    "#[::traced::traced(skip_all, kind = Client, level = \"debug\")]",
    "#[::traced::traced(args, fields(count = 1, late = Empty), leaf)]",
    "#[::traced::traced(root)]",
];

#[test]
fn compile_with_every_function_annotated() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("crates");
    // Beside them: of what is inside of a workspace, cargo wants to know every dependency that there might be.
    let all = folder.join("all");
    fs::create_dir_all(all.join("src")).unwrap();
    fs::write(all.join("src/lib.rs"), "").unwrap();
    fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock"), all.join("Cargo.lock")).unwrap();
    let mut manifest =
        "[package]\nname = \"crates\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n".to_owned();
    let mut annotated = 0;
    for (name, sources, features) in sources() {
        let copy = folder.join(&name);
        let _ = fs::remove_dir_all(&copy);
        annotated += copied(&sources, &copy);
        let features = format!("default-features = false, features = {features:?}");
        writeln!(manifest, "{name} = {{ path = {copy:?}, {features} }}").unwrap();
    }
    fs::write(all.join("Cargo.toml"), manifest).unwrap();
    // What is told of these crates' own code is not ours.
    cargo(
        &all,
        &["check", "--quiet", "--target-dir", "target", "--config", "build.rustflags=['--cap-lints=allow']"],
    );
    assert!(annotated > 6000, "{annotated}");
}

/// The name of each, where it is, and the features that it has here.
fn sources() -> Vec<(String, PathBuf, Vec<String>)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    // What only other systems need may not be there.
    let told = cargo(here, &["metadata", "--locked", "--format-version=1", "--filter-platform", &host()]);
    let metadata: Value = serde_json::from_slice(&told).unwrap();
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let features = |id: &Value| {
        let node = nodes.iter().find(|node| node["id"] == *id).unwrap();
        node["features"].as_array().unwrap().iter().map(text).collect()
    };
    let packages = metadata["packages"].as_array().unwrap();
    let packages = packages.iter().filter(|package| CRATES.iter().any(|name| package["name"] == *name));
    let found: Vec<_> = packages
        .map(|package| {
            let manifest = PathBuf::from(text(&package["manifest_path"]));
            (text(&package["name"]), manifest.parent().unwrap().to_owned(), features(&package["id"]))
        })
        .collect();
    let names: BTreeSet<_> = found.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, BTreeSet::from(CRATES));
    found
}

/// What cargo prints. It asks the network only for what it has not.
fn cargo(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let run = |more: &[&str]| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(folder).env_remove("RUSTFLAGS").args(arguments).args(more).output().unwrap()
    };
    let mut output = run(&["--offline"]);
    if !output.status.success() {
        output = run(&[]);
    }
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    said.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Copies a crate, and annotates its functions. How many there are.
fn copied(from: &Path, to: &Path) -> usize {
    fs::create_dir_all(to).unwrap();
    let mut annotated = 0;
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        let to = to.join(&name);
        if path.is_dir() {
            annotated += copied(&path, &to);
        } else if name == "Cargo.toml" {
            let manifest = fs::read_to_string(&path).unwrap();
            let traced = concat!(env!("CARGO_MANIFEST_DIR"), "/../runtime");
            let traced = format!("path = {traced:?}\ndefault-features = false\nfeatures = [\"stream\"]\n");
            fs::write(&to, format!("{manifest}\n[dependencies.traced]\n{traced}")).unwrap();
        } else if path.extension().is_some_and(|extension| extension == "rs") && !is_known(&to) {
            let (source, functions) = with_attributes(&fs::read_to_string(&path).unwrap());
            annotated += functions;
            fs::write(&to, source).unwrap();
        } else if name != "Cargo.lock" {
            fs::copy(&path, &to).unwrap();
        }
    }
    annotated
}

fn is_known(path: &Path) -> bool {
    EXCEPT.iter().any(|except| path.ends_with(except))
}

/// The source with an attribute before each function, as far as lines tell: one that begins with the words of its head.
fn with_attributes(source: &str) -> (String, usize) {
    let (mut annotated, mut functions, mut at) = (String::new(), 0, 0);
    for line in source.split_inclusive('\n') {
        let start = line.len() - line.trim_start().len();
        let (indent, rest) = line.split_at(start);
        annotated += indent;
        if is_head(rest) && has_body(&source[at + start..]) {
            annotated += FORMS[functions % FORMS.len()];
            annotated += " ";
            functions += 1;
        }
        annotated += rest;
        at += line.len();
    }
    (annotated, functions)
}

fn is_head(line: &str) -> bool {
    let Some((before, name)) = line.split_once("fn ") else { return false };
    let is_word = |word: &str| {
        word.starts_with("pub") || ["async", "unsafe", "extern", "\"C\"", "crate)", "super)"].contains(&word)
    };
    before.split_whitespace().all(is_word)
        && name.starts_with(|first: char| first == '_' || first.is_alphabetic())
}

/// Whether braces come before a semicolon.
fn has_body(head: &str) -> bool {
    let mut open = 0_u32;
    let end = head.chars().find(|c| {
        open += u32::from(matches!(c, '(' | '['));
        open -= u32::from(matches!(c, ')' | ']'));
        open == 0 && matches!(c, '{' | ';')
    });
    end == Some('{')
}
