//! The words of a body, read once.

use proc_macro2::{Delimiter, Ident, Literal, TokenStream, TokenTree};

/// The words of a body.
///
/// Builds compile this crate without optimisation, also release builds. To turn an identifier into text is much
/// of what it then costs, so this is done once for each.
pub(crate) struct Words {
    idents: Vec<String>,
    literals: Vec<Literal>,
    /// Whether a keyword that begins an item is among the outermost.
    pub(crate) may_have_items: bool,
    /// Whether a macro `record` is invoked.
    pub(crate) invoke_record: bool,
    /// Whether a part of it was handed to a `macro_rules!`, as a `$b:block` is.
    pub(crate) have_fragments: bool,
}

impl Words {
    pub(crate) fn of(tokens: TokenStream) -> Self {
        let (idents, literals) = (Vec::new(), Vec::new());
        let mut words =
            Self { idents, literals, may_have_items: false, invoke_record: false, have_fragments: false };
        words.read(tokens, true);
        words
    }

    pub(crate) fn none() -> Self {
        Self::of(TokenStream::new())
    }

    /// Whether the name occurs, be it in the text of a `"{name}"`.
    pub(crate) fn mention(&self, name: &str) -> bool {
        let in_text = || {
            let placeholder = format!("{{{name}");
            self.literals.iter().any(|literal| literal.to_string().contains(&placeholder))
        };
        self.idents.iter().any(|ident| ident == name) || in_text()
    }

    /// Whether the name occurs, be it in a text.
    pub(crate) fn say(&self, name: &str) -> bool {
        self.idents.iter().any(|ident| ident == name)
            || self.literals.iter().any(|literal| literal.to_string().contains(name))
    }

    fn read(&mut self, tokens: TokenStream, outermost: bool) {
        let mut is_record = false;
        for token in tokens {
            let mut is_name = false;
            match token {
                TokenTree::Ident(ident) => {
                    let name = plain(&ident);
                    self.may_have_items |= outermost && begins_item(&name);
                    is_name = name == "record";
                    self.idents.push(name);
                }
                TokenTree::Group(group) => {
                    self.have_fragments |= group.delimiter() == Delimiter::None;
                    self.read(group.stream(), false);
                }
                TokenTree::Literal(literal) => self.literals.push(literal),
                TokenTree::Punct(punct) => self.invoke_record |= is_record && punct.as_char() == '!',
            }
            is_record = is_name;
        }
    }
}

/// The identifier without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    let name = ident.to_string();
    match name.strip_prefix("r#") {
        Some(plain) => plain.to_owned(),
        None => name,
    }
}

fn begins_item(word: &str) -> bool {
    matches!(
        word,
        "fn" | "use"
            | "const"
            | "static"
            | "struct"
            | "enum"
            | "union"
            | "trait"
            | "impl"
            | "mod"
            | "type"
            | "extern"
            | "macro_rules"
    )
}
