//! Programs that compile and do what they say, and programs that do not compile and say why.
//!
//! After a change of a message: `TRYBUILD=overwrite cargo test -p traced-tests --test ui`, and read the diff.

/// The compiler whose words the expected messages are: others say the same in other words.
const PINNED: &str = "rustc 1.95.";

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = std::process::Command::new(rustc).arg("--version").output().unwrap();
    if version.stdout.starts_with(PINNED.as_bytes()) {
        cases.compile_fail("ui/fail/*.rs");
    }
}
