//! A library that annotates its functions depends on `traced` with its default features.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

fn tree(arguments: &[&str]) -> BTreeSet<String> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let output = Command::new(env!("CARGO"))
        .current_dir(workspace)
        .args(["tree", "--offline", "--locked", "-p", "traced", "--edges", "normal", "--prefix", "none"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn a_library_depends_on_nothing_but_the_macro() {
    let expected = ["traced", "traced-core", "traced-macros", "proc-macro2", "quote", "syn", "unicode-ident"];
    let expected = BTreeSet::from(expected.map(str::to_owned));
    assert_eq!(tree(&[]), expected, "with default features");
    assert_eq!(tree(&["--no-default-features"]), expected);
}

#[test]
fn propagation_alone_needs_no_sdk() {
    let packages = tree(&["--features", "otel"]);
    assert!(packages.contains("opentelemetry"), "{packages:?}");
    for heavy in ["opentelemetry_sdk", "tokio", "reqwest", "tonic"] {
        assert!(!packages.contains(heavy), "{heavy} in {packages:?}");
    }
}

#[test]
fn opentelemetry_otlp_is_never_needed() {
    let packages = tree(&["--all-features"]);
    assert!(packages.contains("opentelemetry_sdk"), "{packages:?}");
    for unwanted in ["opentelemetry-otlp", "opentelemetry-proto", "prost"] {
        assert!(!packages.contains(unwanted), "{unwanted} in {packages:?}");
    }
}

/// What runs before `main` makes every program that links us start later, whether anybody records or not. These are the
/// ways to it that there are, and who takes them: to calibrate the processor's counter takes 20 ms.
#[test]
fn nothing_runs_before_main() {
    let packages = tree(&["--all-features"]);
    for early in ["ctor", "fastant", "inventory", "linkme", "minstant", "small_ctor"] {
        assert!(!packages.contains(early), "{early} in {packages:?}");
    }
}
