//! What a thousand annotated functions cost the compiler: 500 sync and 500 async ones, all of which return a `Result`
//! whose error is recorded; that crate alone, and its binary.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::process::{done, home};
use crate::result::{COMPILE, Results};
use crate::{Error, report};

pub(crate) const FUNCTIONS: usize = 500;

const ROUNDS: usize = 3;

/// A peer: its name, its dependencies, what stands before the functions, the attribute, what records an error.
pub(crate) struct Annotated(pub(crate) &'static str, &'static str, &'static str, &'static str, &'static str);

pub(crate) const ANNOTATED: [Annotated; 5] = [
    Annotated("none", "", "", "", ""),
    Annotated("traced", "traced = { path = \"TRACED\" }", "use traced::traced;", "#[traced]", ""),
    Annotated("tracing", "tracing = \"0.1\"", "use tracing::instrument;", "#[instrument(err)]", ""),
    Annotated(
        "fastrace",
        "fastrace = { version = \"0.7\", features = [\"enable\"] }",
        "use fastrace::trace;",
        "#[trace]",
        // Its attribute records no error.
        "fastrace::local::LocalSpan::add_event(fastrace::Event::new(\"exception\")\
         .with_property(|| (\"exception.message\", error.to_string())));",
    ),
    // Its attribute records the status of an error.
    Annotated(
        "apollo",
        "apollo-opentelemetry = \"0.11\"",
        "use apollo_opentelemetry::traced;",
        "#[traced]",
        "",
    ),
];

pub(crate) fn compile() -> Result<(), Error> {
    let mut results = Results::now();
    let folder = home().join("target/compile");
    let package = |Annotated(name, ..): &Annotated| folder.join(name);
    for peer in &ANNOTATED {
        generate(peer, &package(peer))?;
        // What it depends on.
        cargo(&package(peer), &["check"])?;
        cargo(&package(peer), &["build", "--release"])?;
    }
    for round in 1..=ROUNDS {
        eprintln!("compiling, round {round} of {ROUNDS}");
        for peer in &ANNOTATED {
            let numbers = [
                ("check".to_owned(), alone(&package(peer), &["check"])?),
                ("release".to_owned(), alone(&package(peer), &["build", "--release"])?),
                ("text".to_owned(), text_size(&folder.join(format!("target/release/compile-{}", peer.0)))?),
            ];
            results.add(peer.0, numbers.into());
        }
    }
    results.write(COMPILE)?;
    print!("{}", report::compile(&results));
    Ok(())
}

fn generate(
    Annotated(name, dependency, import, attribute, tell): &Annotated,
    package: &Path,
) -> Result<(), Error> {
    let traced = home().join("../runtime");
    let dependency = dependency.replace("TRACED", &traced.to_string_lossy());
    let manifest = format!(
        "[package]\nname = \"compile-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\n{dependency}\n\n[profile.release]\ndebug = false\n"
    );
    let mut code = format!("use std::io;\n{import}\n\n");
    let mut calls = String::new();
    for number in 0..FUNCTIONS {
        // A body as people have: a call that may fail, and a branch.
        let body = |call: &str| {
            format!(
                "let number: u64 = text.parse().map_err(io::Error::other)?;\n    \
                 if number > {number} {{ return Err(io::ErrorKind::InvalidInput.into()); }}\n    {call}Ok(number)"
            )
        };
        for (kind, call) in [("", ""), ("async ", "std::future::ready(()).await;\n    ")] {
            let function = format!("{}_{number}", if kind.is_empty() { "sync" } else { "later" });
            let body = body(call);
            let body = if tell.is_empty() {
                body
            } else if kind.is_empty() {
                format!("(|| {{ {body} }})().inspect_err(|error: &io::Error| {{ {tell} }})")
            } else {
                format!("async {{ {body} }}.await.inspect_err(|error: &io::Error| {{ {tell} }})")
            };
            let _ = writeln!(
                code,
                "{attribute}\n{kind}fn {function}(text: &str) -> io::Result<u64> {{\n    {body}\n}}\n"
            );
        }
        let _ = writeln!(
            calls,
            "    let _ = std::hint::black_box(sync_{number}(text));\n    \
             let _ = std::hint::black_box(std::pin::pin!(later_{number}(text)).poll(&mut context));"
        );
    }
    let _ = writeln!(
        code,
        "fn main() {{\n    use std::future::Future as _;\n    let text = std::hint::black_box(\"1\");\n    \
         let mut context = std::task::Context::from_waker(std::task::Waker::noop());\n{calls}}}"
    );
    fs::create_dir_all(package.join("src"))?;
    fs::write(package.join("Cargo.toml"), manifest)?;
    fs::write(package.join("src/main.rs"), code)?;
    Ok(())
}

fn cargo(package: &Path, arguments: &[&str]) -> Result<(), Error> {
    done(
        Command::new("cargo")
            .args(arguments)
            .arg("--quiet")
            .current_dir(package)
            .env("CARGO_TARGET_DIR", home().join("target/compile/target"))
            .env("CARGO_INCREMENTAL", "0")
            .stderr(Stdio::inherit()),
    )
}

/// CPU seconds of compiling that crate alone.
fn alone(package: &Path, arguments: &[&str]) -> Result<f64, Error> {
    let source = package.join("src/main.rs");
    let text = fs::read(&source)?;
    fs::write(&source, text)?;
    let before = children_cpu()?;
    cargo(package, arguments)?;
    Ok(children_cpu()? - before)
}

/// CPU seconds of all processes started and ended by now.
fn children_cpu() -> Result<f64, Error> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // After the name, which may have spaces; in hundredths.
    let (_, fields) = stat.rsplit_once(") ").ok_or("no fields")?;
    let ticks = fields.split(' ').skip(13).take(2).map(str::parse::<u32>);
    Ok(ticks.sum::<Result<u32, _>>().map(f64::from)? / 100.0)
}

/// The size of the binary's code.
fn text_size(binary: &Path) -> Result<f64, Error> {
    let output = Command::new("size").arg(binary).output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let size = text.lines().nth(1).and_then(|line| line.split_whitespace().next());
    Ok(size.ok_or("no output of `size`")?.parse()?)
}
