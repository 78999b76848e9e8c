//! `crate = ..`: generated code names no crate `traced` where there is none.

use crate::compiler::Program;

const PROGRAM: &str = r#"
mod my {
    pub use elsewhere as telemetry;
}
use my::telemetry::traced;

#[derive(Debug)]
struct Failed;

#[traced(crate = crate::my::telemetry, name = text.to_owned(), kind = Server, level = "debug", args, ret = ?,
    fields(a = 1, b = %text, c = ?text, late = Empty), links = [my::telemetry::Carry::current()])]
fn sync(text: &str) -> Result<u8, Failed> {
    my::telemetry::record!(late = text.len());
    Err(Failed)
}

#[traced(crate = my::telemetry, parent = my::telemetry::Carry::current(), cancel = error, err(?, expected, type = "x"))]
async fn later(mut n: u8) -> Result<u8, Failed> {
    n += 1;
    Ok(n)
}

#[traced(crate = my::telemetry)]
fn returned() -> impl Future<Output = u8> {
    std::future::ready(1)
}

#[traced(crate = my::telemetry, root)]
impl Failed {
    fn guarded(&self) {}
    async fn method(self: Box<Self>) -> ! {
        panic!()
    }
}

fn main() {
    assert!(sync("a").is_err());
    drop((later(1), returned(), Box::new(Failed).method()));
    Failed.guarded();
    my::telemetry::span!("a block", n = 1; crate = my::telemetry).in_scope(|| {});
}
"#;

#[test]
fn a_program_without_a_crate_called_traced() {
    let program = Program::new("elsewhere", PROGRAM).with_traced_as("elsewhere");
    let ran = program.built().unwrap().status().unwrap();
    assert!(ran.success(), "{ran}");
    let without = Program::new("not_elsewhere", &PROGRAM.replace("crate = my::telemetry)", "root)"));
    let told = without.with_traced_as("elsewhere").built().unwrap_err();
    assert!(told.contains("`traced`"), "{told}");
}
