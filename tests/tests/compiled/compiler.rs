//! The compiler, with the crate `traced` at hand.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// A file that may use `traced`, to be compiled.
pub(crate) struct Program {
    source: PathBuf,
    edition: &'static str,
    options: Vec<String>,
    traced: Vec<String>,
}

impl Program {
    pub(crate) fn new(name: &str, source: &str) -> Self {
        let path = folder().join(name).with_extension("rs");
        fs::write(&path, source).unwrap();
        Self { source: path, edition: "2024", options: Vec::new(), traced: with_traced().to_vec() }
    }

    pub(crate) fn edition(mut self, edition: &'static str) -> Self {
        self.edition = edition;
        self
    }

    /// Where the crate has this name, and there is none called `traced`.
    pub(crate) fn with_traced_as(mut self, name: &str) -> Self {
        let renamed = |option: &String| option.replace("--extern=traced=", &format!("--extern={name}="));
        self.traced = self.traced.iter().map(renamed).collect();
        self
    }

    /// Built with `--cfg traced_off`.
    pub(crate) fn off(mut self) -> Self {
        self.traced = with_traced_off().to_vec();
        self.option("--cfg=traced_off")
    }

    pub(crate) fn option(mut self, option: &str) -> Self {
        self.options.push(option.to_owned());
        self
    }

    /// What the compiler says of it as a library, without making one.
    pub(crate) fn checked(&self) -> Output {
        self.compiled("rustc", &["--crate-type=lib", "--emit=metadata"])
    }

    /// What the macros make of it, or what the compiler says if they make nothing.
    pub(crate) fn expanded(&self) -> Result<String, String> {
        let output =
            self.compiled("rustc", &["--crate-type=lib", "-Zunpretty=expanded", "--cap-lints=allow"]);
        if output.status.success() {
            Ok(fs::read_to_string(self.product()).unwrap())
        } else {
            Err(text(output.stderr))
        }
    }

    /// What clippy says of it as a program.
    pub(crate) fn linted(&self) -> Output {
        self.compiled("clippy-driver", &["--crate-type=bin", "--emit=metadata"])
    }

    /// The folder with its documentation, of the crate `documented`.
    pub(crate) fn documented(&self) -> PathBuf {
        let folder = self.source.with_extension("doc");
        let mut rustdoc = Command::new("rustdoc");
        rustdoc.arg(&self.source).args(["--edition", self.edition, "--crate-name=documented", "--output"]);
        let output = rustdoc.arg(&folder).args(&self.traced).output().unwrap();
        assert!(output.status.success(), "{}", text(output.stderr));
        folder.join("documented")
    }

    /// The program, or what the compiler says if there can be none.
    pub(crate) fn built(&self) -> Result<Command, String> {
        let output = self.compiled("rustc", &["--crate-type=bin", "--emit=link", "-Cdebuginfo=0"]);
        if output.status.success() { Ok(Command::new(self.product())) } else { Err(text(output.stderr)) }
    }

    fn product(&self) -> PathBuf {
        self.source.with_extension("")
    }

    fn compiled(&self, compiler: &str, kind: &[&str]) -> Output {
        let folder = self.source.parent().unwrap();
        let mut rustc = Command::new(compiler);
        rustc.current_dir(folder).arg(self.source.file_name().unwrap()).args([
            "--edition",
            self.edition,
            "-o",
        ]);
        rustc.arg(self.product()).args(kind).args(&self.options).args(&self.traced);
        // What is printed is unstable, and only shown to people and compared with itself.
        rustc.env("RUSTC_BOOTSTRAP", "1");
        rustc.output().unwrap()
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// The source with blanks where the attributes are, so that all else is where it was.
pub(crate) fn without_attributes(source: &str) -> String {
    let mut bare = String::new();
    let mut rest = source;
    while let Some(start) = rest.find("#[traced") {
        let (before, from) = rest.split_at(start);
        let mut open = 0_u32;
        let closing = from.char_indices().find(|(_, c)| {
            open = open + u32::from(*c == '[') - u32::from(*c == ']');
            *c == ']' && open == 0
        });
        let (attribute, after) = from.split_at(closing.unwrap().0 + 1);
        bare += before;
        bare.extend(attribute.chars().map(|c| if c == '\n' { c } else { ' ' }));
        rest = after;
    }
    bare + rest
}

/// What tells the compiler where the crate `traced` is: as a library that only annotates depends on it.
fn with_traced() -> &'static [String] {
    static FOUND: OnceLock<Vec<String>> = OnceLock::new();
    FOUND.get_or_init(|| built(&mut cargo()))
}

fn with_traced_off() -> &'static [String] {
    static FOUND: OnceLock<Vec<String>> = OnceLock::new();
    FOUND.get_or_init(|| {
        // All is built anew for other flags: beside the rest, so that this is so once.
        let target = concat!(env!("CARGO_TARGET_TMPDIR"), "/traced_off");
        let mut cargo = cargo();
        cargo.args(["--target-dir", target]).env_remove("CARGO_ENCODED_RUSTFLAGS");
        built(cargo.env("RUSTFLAGS", "--cfg traced_off"))
    })
}

fn cargo() -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).args(["build", "--offline", "--locked", "--quiet"]);
    cargo.args(["-p", "traced", "--lib", "--message-format=json"]);
    cargo
}

fn built(cargo: &mut Command) -> Vec<String> {
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let messages = text(output.stdout);
    let library = messages.lines().filter_map(library).next_back().unwrap();
    let folder = library.parent().unwrap().join("deps");
    let helpers = helpers();
    vec![
        format!("--extern=traced={}", library.display()),
        format!("--extern=traced_tests={}", helpers.display()),
        format!("-Ldependency={}", folder.display()),
    ]
}

/// A library in the place of `traced_tests`, for programs of which no span is looked at.
fn helpers() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = folder();
        let made = folder.join("libtraced_tests.rlib");
        let mut rustc = Command::new("rustc");
        rustc.args(["--edition=2024", "--crate-type=lib", "--crate-name=traced_tests", "-", "-o"]).arg(&made);
        let mut rustc = rustc.stdin(Stdio::piped()).spawn().unwrap();
        let source = b"pub fn assert_spans(run: impl FnOnce(), _: &str) { run() }
            pub fn now<T>(_: impl Future<Output = T>) -> T { unimplemented!() }
            #[macro_export] macro_rules! record { ($($field:tt)*) => { () } }";
        rustc.stdin.take().unwrap().write_all(source).unwrap();
        assert!(rustc.wait().unwrap().success());
        made
    })
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
    fs::create_dir_all(&folder).unwrap();
    folder
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
