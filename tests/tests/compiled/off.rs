//! With `--cfg traced_off` a program expands to what it is without the attribute.

use std::fs;
use std::path::Path;

use crate::compiler::{Program, without_attributes};
use crate::drop_order;

#[test]
fn expands_to_the_program_without_the_attribute() {
    let mut programs = vec![(drop_order::program().0, "the one of the drop order".to_owned())];
    for folder in ["ui/pass", "ui/same"] {
        for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
            let path = file.unwrap().path();
            programs.push((fs::read_to_string(&path).unwrap(), path.display().to_string()));
        }
    }
    programs.push((ALL_ARGUMENTS.to_owned(), "the one with all arguments".to_owned()));
    let mut compared = 0;
    for (source, which) in &programs {
        // One that needs other crates than ours has no expansion here.
        let Ok(bare) = Program::new("off_bare", &without_attributes(source)).off().expanded() else {
            continue;
        };
        let off = Program::new("off", source).off().expanded().unwrap();
        assert_eq!(words(&off), words(&bare), "{which}");
        if source.contains("#[traced") {
            let on = Program::new("on", source).expanded().unwrap();
            assert!(on.contains("__TRACED_SITE") && !off.contains("__TRACED_SITE"), "{which}");
            compared += 1;
        }
    }
    assert!(compared > 8, "{compared} of {}", programs.len());
}

/// Without what is left of attributes where a macro is defined. Spacing is nobody's business.
fn words(text: &str) -> String {
    without_attributes(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

const ALL_ARGUMENTS: &str = r#"
use traced::traced;

#[traced("name", kind = Server, fields(a = 1, %cx, late = Empty), args, ret, err(expected, type = e.kind()),
    level = "debug", target = "db", scope = "scope", root, links = [], crate = traced)]
pub fn all(text: &str, cx: u8) -> Result<usize, std::num::ParseIntError> {
    text.parse()
}

#[traced(name = n.to_string(), err = ?, cancel = error)]
pub async fn destructured(mut text: String, (_, n): (u8, u8)) -> impl Iterator<Item = char> {
    text.push('a');
    text.chars().collect::<Vec<_>>().into_iter()
}

#[traced(err = off)]
impl Type {
    const ONE: u8 = 1;
    #[traced(off)]
    pub const fn not(&self) -> u8 { Self::ONE }
    #[traced(leaf)]
    pub unsafe fn leaf(self: Box<Self>) -> ! { loop {} }
    pub extern "C" fn foreign(_: i32) {}
}

#[traced]
trait Trait {
    fn without_a_body(&self);
    async fn with_one(&self) -> Option<&u8> { None }
}

#[traced]
mod module {
    use traced::traced;
    pub struct Type;
    #[inline]
    #[traced(skip_all)]
    #[must_use]
    pub(crate) fn inside<T: Clone, const N: usize>(it: [T; N]) -> impl Future<Output = [T; N]> where T: Copy {
        async move { it }
    }
}

pub struct Type;
"#;
