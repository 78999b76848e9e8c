//! Where one item ends and the next begins, told by tokens: nothing is parsed, so nothing can be lost, and
//! what is half typed is passed on as it is.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};
use quote::quote;

use crate::arg::seen_through;

/// An item, taken apart as far as need be.
#[derive(Default)]
pub(crate) struct Item {
    /// `#[..]`, each with its content.
    pub(crate) attributes: Vec<Attribute>,
    /// Visibility and qualifiers up to the keyword.
    pub(crate) qualifiers: Vec<TokenTree>,
    /// From the keyword on, without the braces at the end.
    pub(crate) rest: Vec<TokenTree>,
    pub(crate) end: Option<TokenTree>,
    pub(crate) what: What,
}

/// `#` or `#!`, and `[..]`.
pub(crate) struct Attribute {
    pub(crate) hash: Vec<TokenTree>,
    pub(crate) content: Group,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum What {
    Function,
    Impl,
    Trait,
    Module,
    #[default]
    Other,
}

impl Item {
    /// All items in a row.
    pub(crate) fn all(stream: TokenStream) -> Vec<Self> {
        let mut tokens = stream.into_iter().collect::<Vec<_>>().into_iter().peekable();
        let mut items = Vec::new();
        while tokens.peek().is_some() {
            items.push(Self::next(&mut tokens));
        }
        items
    }

    fn next(tokens: &mut Tokens) -> Self {
        let mut attributes = Vec::new();
        while let Some(attribute) = Attribute::next(tokens) {
            let is_of_the_block = attribute.hash.len() > 1;
            attributes.push(attribute);
            if is_of_the_block {
                return Self { attributes, ..Self::default() };
            }
        }
        let (qualifiers, what, ends_at) = head(tokens);
        let mut item = Self { attributes, qualifiers, rest: Vec::new(), end: None, what };
        let mut nesting = 0_usize;
        let mut arrow = false;
        for token in tokens {
            let is_end = match &token {
                TokenTree::Punct(punct) => {
                    match punct.as_char() {
                        '<' => nesting += 1,
                        '>' if !arrow => nesting = nesting.saturating_sub(1),
                        _ => {}
                    }
                    // The `>` of `->` and `=>` closes nothing.
                    arrow = matches!(punct.as_char(), '-' | '=') && punct.spacing() == Spacing::Joint;
                    punct.as_char() == ';'
                }
                TokenTree::Group(_) => ends_at == EndsAt::Braces && nesting == 0 && braces(&token).is_some(),
                _ => false,
            };
            if is_end {
                item.end = Some(token);
                break;
            }
            item.rest.push(token);
        }
        item
    }

    /// The braces at its end.
    pub(crate) fn body(&self) -> Option<Group> {
        self.end.as_ref().and_then(braces)
    }

    /// All before the braces.
    pub(crate) fn before(&self) -> TokenStream {
        let attributes = self.attributes.iter().flat_map(Attribute::tokens);
        attributes.chain(self.qualifiers.iter().chain(&self.rest).cloned()).collect()
    }

    /// All of it.
    pub(crate) fn tokens(&self) -> TokenStream {
        self.before().into_iter().chain(self.end.clone()).collect()
    }

    /// Whether it says who may see it.
    pub(crate) fn is_visible(&self) -> bool {
        let is_fragment =
            |token: &TokenTree| matches!(token, TokenTree::Group(group) if is_visibility(group));
        self.is_qualified("pub") || self.qualifiers.iter().any(is_fragment)
    }

    pub(crate) fn is_qualified(&self, word: &str) -> bool {
        self.qualifiers.iter().any(|token| is_word(token, word))
    }
}

impl Attribute {
    fn next(tokens: &mut Tokens) -> Option<Self> {
        let hash = tokens.next_if(|token| is_punct(token, '#'))?;
        let mut hash = vec![hash];
        hash.extend(tokens.next_if(|token| is_punct(token, '!')));
        match tokens.next_if(|token| matches!(token, TokenTree::Group(_))) {
            Some(TokenTree::Group(content)) => Some(Self { hash, content }),
            // Not Rust: what is lost of it is an error of the compiler's already.
            _ => None,
        }
    }

    fn tokens(&self) -> impl Iterator<Item = TokenTree> {
        self.hash.iter().cloned().chain([TokenTree::Group(self.content.clone())])
    }

    /// The arguments, if the path of the attribute ends in `traced`. What stays of it is `traced(off)`, so that an
    /// import of the attribute is still used, and an editor finds the way to it.
    pub(crate) fn take_traced(&mut self) -> Option<TokenStream> {
        let mut tokens: Vec<TokenTree> = self.content.stream().into_iter().collect();
        let arguments = match tokens.last() {
            Some(TokenTree::Group(group)) => {
                let arguments = seen_through(group.stream());
                tokens.pop();
                arguments
            }
            _ => TokenStream::new(),
        };
        let is_path = tokens.iter().all(|token| matches!(token, TokenTree::Ident(_)) || is_punct(token, ':'));
        if !is_path || !tokens.last().is_some_and(|last| is_word(last, "traced")) {
            return None;
        }
        let path: TokenStream = tokens.into_iter().collect();
        let mut off = Group::new(Delimiter::Bracket, quote!(#path(off)));
        off.set_span(self.content.span());
        self.content = off;
        Some(arguments)
    }
}

type Tokens = std::iter::Peekable<std::vec::IntoIter<TokenTree>>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum EndsAt {
    /// Or at a semicolon before them.
    Braces,
    Semicolon,
}

/// Reads up to the keyword.
fn head(tokens: &mut Tokens) -> (Vec<TokenTree>, What, EndsAt) {
    let mut qualifiers = Vec::new();
    let mut constant = false;
    while let Some(next) = tokens.peek() {
        let is_qualifier = match next {
            TokenTree::Ident(ident) => match ident.to_string().as_str() {
                "fn" => return (qualifiers, What::Function, EndsAt::Braces),
                "impl" => return (qualifiers, What::Impl, EndsAt::Braces),
                "trait" => return (qualifiers, What::Trait, EndsAt::Braces),
                "mod" => return (qualifiers, What::Module, EndsAt::Braces),
                "static" | "type" | "use" => return (qualifiers, What::Other, EndsAt::Semicolon),
                "const" => {
                    constant = true;
                    true
                }
                "pub" | "crate" | "default" | "async" | "unsafe" | "safe" | "extern" | "auto" | "gen" => true,
                _ => false,
            },
            // `(crate)` after `pub`, and `"C"` after `extern`.
            TokenTree::Group(group) => match group.delimiter() {
                Delimiter::Parenthesis => qualifiers.last().is_some_and(|last| is_word(last, "pub")),
                Delimiter::None => qualifiers.is_empty() && is_visibility(group),
                _ => false,
            },
            TokenTree::Literal(_) => qualifiers.last().is_some_and(|last| is_word(last, "extern")),
            TokenTree::Punct(_) => false,
        };
        if !is_qualifier {
            break;
        }
        qualifiers.extend(tokens.next());
    }
    (qualifiers, What::Other, if constant { EndsAt::Semicolon } else { EndsAt::Braces })
}

/// Whether this is a `$vis:vis`.
fn is_visibility(group: &Group) -> bool {
    group.stream().into_iter().next().is_none_or(|first| is_word(&first, "pub"))
}

/// The brace group, also where a `macro_rules!` has passed it on as a `$body:block`.
pub(crate) fn braces(token: &TokenTree) -> Option<Group> {
    let TokenTree::Group(group) = token else { return None };
    match group.delimiter() {
        Delimiter::Brace => Some(group.clone()),
        Delimiter::None => {
            let mut inside = group.stream().into_iter();
            let only = inside.next()?;
            if inside.next().is_none() { braces(&only) } else { None }
        }
        _ => None,
    }
}

fn is_punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}
