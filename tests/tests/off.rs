//! `--cfg traced_off`: a program in which `#[traced]` is the bare function.

use std::process::Command;

/// What the program `tests/off` prints, built with these flags.
fn printed(flags: Option<&str>) -> String {
    let mut command = Command::new(env!("CARGO"));
    command.args(["run", "--quiet", "--offline", "--package", "traced-off"]);
    if let Some(flags) = flags {
        // All is built anew for other flags: beside the rest, so that this is so once.
        let target = concat!(env!("CARGO_TARGET_TMPDIR"), "/traced_off");
        command.args(["--target-dir", target]).env_remove("CARGO_ENCODED_RUSTFLAGS").env("RUSTFLAGS", flags);
    }
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_attribute_is_the_bare_function() {
    assert_eq!(printed(Some("--cfg traced_off")), "0 spans, the future as it was\n");
    assert_eq!(printed(None), "4 spans, the future larger\n");
}
