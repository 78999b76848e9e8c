//! The compiler, with the crate `traced` at hand.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// A file that may use `traced`, to be compiled.
pub(crate) struct Program {
    source: PathBuf,
    edition: &'static str,
    options: Vec<String>,
}

impl Program {
    pub(crate) fn new(name: &str, source: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name).with_extension("rs");
        fs::write(&path, source).unwrap();
        Self { source: path, edition: "2024", options: Vec::new() }
    }

    pub(crate) fn edition(mut self, edition: &'static str) -> Self {
        self.edition = edition;
        self
    }

    pub(crate) fn option(mut self, option: &str) -> Self {
        self.options.push(option.to_owned());
        self
    }

    /// What the compiler says of it as a library, without making one.
    pub(crate) fn checked(&self) -> Output {
        self.compiled("rustc", &["--crate-type=lib", "--emit=metadata"])
    }

    /// What clippy says of it as a program.
    pub(crate) fn linted(&self) -> Output {
        self.compiled("clippy-driver", &["--crate-type=bin", "--emit=metadata"])
    }

    /// The program, or what the compiler says if there can be none.
    pub(crate) fn built(&self) -> Result<Command, String> {
        let output = self.compiled("rustc", &["--crate-type=bin", "--emit=link", "-Cdebuginfo=0"]);
        if output.status.success() {
            Ok(Command::new(self.source.with_extension("")))
        } else {
            Err(String::from_utf8(output.stderr).unwrap())
        }
    }

    fn compiled(&self, compiler: &str, kind: &[&str]) -> Output {
        let folder = self.source.parent().unwrap();
        let mut rustc = Command::new(compiler);
        rustc.current_dir(folder).arg(self.source.file_name().unwrap()).args([
            "--edition",
            self.edition,
            "-o",
        ]);
        rustc.arg(self.source.with_extension("")).args(kind).args(&self.options).args(with_traced());
        rustc.output().unwrap()
    }
}

/// What tells the compiler where the crate `traced` is: as a library that only annotates depends on it.
fn with_traced() -> &'static [String] {
    static FOUND: OnceLock<Vec<String>> = OnceLock::new();
    FOUND.get_or_init(|| {
        let output = Command::new(env!("CARGO"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args([
                "build",
                "--offline",
                "--locked",
                "--quiet",
                "-p",
                "traced",
                "--lib",
                "--message-format=json",
            ])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let messages = String::from_utf8(output.stdout).unwrap();
        let library = messages.lines().filter_map(library).next_back().unwrap();
        let folder = library.parent().unwrap().join("deps");
        vec![format!("--extern=traced={}", library.display()), format!("-Ldependency={}", folder.display())]
    })
}

/// The file of the library `traced`, where the line of cargo's tells it.
fn library(message: &str) -> Option<PathBuf> {
    let message: serde_json::Value = serde_json::from_str(message).unwrap();
    if message["target"]["name"] != "traced" {
        return None;
    }
    let files = message["filenames"].as_array()?.iter().filter_map(serde_json::Value::as_str);
    files.map(PathBuf::from).find(|file| file.extension().is_some_and(|extension| extension == "rlib"))
}
