//! Documentation shows an annotated function as it shows it without the attribute.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::compiler::{Program, without_attributes};

const SOURCE: &str = r"
pub struct Type(u8);

#[traced::traced(fields(n))]
/// Takes several.
pub async fn several(n: u8, _: String, (a, _): (u8, String), mut b: Vec<u8>, ref c: String) -> Result<u8, String> {
    b.push(n + a);
    c.parse().or(Ok(1))
}

#[traced::traced]
pub fn patterns(Type(n): Type, _: String, ref mut rest: Vec<u8>) -> Option<u8> {
    rest.push(n);
    None
}

#[traced::traced]
pub fn returned<'a>(_: String, text: &'a str) -> impl Future<Output = usize> + 'a {
    std::future::ready(text.len())
}

#[traced::traced(leaf)]
impl Type {
    #[must_use]
    pub async unsafe fn get(&mut self, _: &str) -> u8 {
        self.0
    }
}

#[traced::traced]
#[allow(async_fn_in_trait)]
pub trait Store {
    async fn load(&self, _: String) -> Option<u8> {
        None
    }
    fn save(self, mut text: String) -> Option<String>
    where
        Self: Sized,
    {
        text.push('.');
        Some(text)
    }
}
";

#[test]
fn shows_every_function_as_it_is_written() {
    let with = pages(&Program::new("docs", SOURCE).documented());
    let without = pages(&Program::new("docs_bare", &without_attributes(SOURCE)).documented());
    assert!(with["fn.several.html"].contains("async fn"), "{}", with["fn.several.html"]);
    for (name, page) in &without {
        assert_eq!(with.get(name), Some(page), "{name}");
    }
    assert_eq!(with.len(), without.len());
}

/// But what they say of the source they were made from.
fn pages(folder: &Path) -> BTreeMap<String, String> {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap());
    let html = files.filter(|file| file.path().extension().is_some_and(|extension| extension == "html"));
    let page = |path: &Path| fs::read_to_string(path).unwrap().replace("docs_bare.rs", "docs.rs");
    html.map(|file| (file.file_name().into_string().unwrap(), page(&file.path()))).collect()
}
