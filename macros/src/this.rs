//! The `self` that a method is called on: not that of a path, as in `self::CONSTANT`.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};

/// Where it is mentioned, be it in the text of a `"{self}"`.
pub(crate) fn find(tokens: &TokenStream) -> Option<Span> {
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        let found = match &token {
            TokenTree::Ident(name) => {
                (name == "self" && !tokens.peek().is_some_and(is_colon)).then(|| name.span())
            }
            TokenTree::Group(group) => find(&group.stream()),
            TokenTree::Literal(text) => text.to_string().contains("{self").then(|| text.span()),
            TokenTree::Punct(_) => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// The tokens with another name for it.
pub(crate) fn called(this: &Ident, tokens: TokenStream) -> TokenStream {
    let mut tokens = tokens.into_iter().peekable();
    let mut renamed = TokenStream::new();
    while let Some(token) = tokens.next() {
        let token = match token {
            TokenTree::Ident(name) if name == "self" && !tokens.peek().is_some_and(is_colon) => {
                let at = this.span().located_at(name.span());
                TokenTree::Ident(Ident::new(&this.to_string(), at))
            }
            TokenTree::Group(group) => {
                let mut inside = Group::new(group.delimiter(), called(this, group.stream()));
                inside.set_span(group.span());
                TokenTree::Group(inside)
            }
            token => token,
        };
        renamed.extend([token]);
    }
    renamed
}

fn is_colon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':')
}
