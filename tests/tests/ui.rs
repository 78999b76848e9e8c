//! Programs that compile and do what they say, and programs that do not compile and say why.
//!
//! After a change of a message: `TRYBUILD=overwrite cargo test -p traced-tests --test ui`, and read the diff.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    cases.compile_fail("ui/fail/*.rs");
}
