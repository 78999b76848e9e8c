//! The words of a body, read once.

use proc_macro2::{Delimiter, Ident, Literal, TokenStream, TokenTree};

/// The words of a body.
///
/// Builds compile this crate without optimisation, also release builds. To turn an identifier into text is much
/// of what it then costs, so this is done once for each.
#[expect(clippy::struct_excessive_bools, reason = "facts that have nothing to do with each other")]
pub(crate) struct Words {
    idents: Vec<String>,
    literals: Vec<Literal>,
    /// Whether a keyword that begins an item is among the outermost.
    pub(crate) may_have_items: bool,
    /// Whether a macro `record` is invoked.
    pub(crate) invoke_record: bool,
    /// Whether there may be a `return`: a word, or a macro's; or what looks like one, as `if !(..)`.
    pub(crate) may_return: bool,
    /// Whether a part of it was handed to a `macro_rules!`, as a `$b:block` is.
    pub(crate) have_fragments: bool,
}

impl Words {
    pub(crate) fn of(tokens: TokenStream) -> Self {
        let mut words = Self {
            idents: Vec::new(),
            literals: Vec::new(),
            may_have_items: false,
            invoke_record: false,
            may_return: false,
            have_fragments: false,
        };
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

    /// Whether one of these words is mentioned by the others.
    pub(crate) fn have_one_of(&self, others: &Self) -> bool {
        self.idents.iter().any(|ident| others.mention(ident))
    }

    /// Whether the name occurs, be it in a text.
    pub(crate) fn say(&self, name: &str) -> bool {
        self.idents.iter().any(|ident| ident == name)
            || self.literals.iter().any(|literal| literal.to_string().contains(name))
    }

    fn read(&mut self, tokens: TokenStream, outermost: bool) {
        let mut before = Before::Other;
        for token in tokens {
            before = match token {
                TokenTree::Ident(ident) => {
                    let name = plain(&ident);
                    self.may_have_items |= outermost && begins_item(&name);
                    self.may_return |= name == "return";
                    self.idents.push(name);
                    Before::Name
                }
                TokenTree::Punct(punct) if punct.as_char() == '!' && before == Before::Name => Before::Macro,
                TokenTree::Group(group) => {
                    if before == Before::Macro {
                        self.invokes();
                    }
                    self.have_fragments |= group.delimiter() == Delimiter::None;
                    self.read(group.stream(), false);
                    Before::Other
                }
                TokenTree::Literal(literal) => {
                    self.literals.push(literal);
                    Before::Other
                }
                TokenTree::Punct(_) => Before::Other,
            };
        }
    }

    /// The last word is the name of a macro that is invoked.
    fn invokes(&mut self) {
        let Some(name) = self.idents.last() else { return };
        self.invoke_record |= name == "record";
        self.may_return |= !NO_RETURN.iter().any(|known| name == known);
    }
}

/// What is before a token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Name,
    /// `name!`
    Macro,
    Other,
}

/// Macros that have no `return` but what is written in their arguments: ours, those of the standard library, and what backends
/// say, count and wait with. Of any other it is not known.
const NO_RETURN: [&str; 53] = [
    "anyhow",
    "assert",
    "assert_eq",
    "assert_matches",
    "assert_ne",
    "cfg",
    "column",
    "compile_error",
    "concat",
    "counter",
    "dbg",
    "debug",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "env",
    "eprint",
    "eprintln",
    "error",
    "event",
    "eyre",
    "file",
    "format",
    "format_args",
    "gauge",
    "histogram",
    "include_bytes",
    "include_str",
    "info",
    "join",
    "json",
    "line",
    "log",
    "matches",
    "module_path",
    "option_env",
    "panic",
    "pin",
    "pin_mut",
    "print",
    "println",
    "record",
    "select",
    "span",
    "stringify",
    "todo",
    "trace",
    "unimplemented",
    "unreachable",
    "vec",
    "warn",
    "write",
    "writeln",
];

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
