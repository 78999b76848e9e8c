//! The trait of an `impl`, told by its tokens.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::words::plain;

/// The last segment of the trait's path in `impl<..> path::Trait<..> for Type where ..`. None: the `impl` is a type's own.
pub(crate) fn implemented(head: impl IntoIterator<Item = TokenTree>) -> Option<String> {
    let mut name = None;
    for token in outside_of_generics(head) {
        match token {
            TokenTree::Ident(ident) if ident == "for" => return name,
            TokenTree::Ident(ident) if ident == "where" => return None,
            TokenTree::Ident(ident) => name = Some(plain(&ident)),
            // A `$path:path` of a `macro_rules!`.
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                name = last_ident(group.stream()).or(name);
            }
            _ => {}
        }
    }
    None
}

fn last_ident(path: TokenStream) -> Option<String> {
    let idents = outside_of_generics(path).filter_map(|token| match token {
        TokenTree::Ident(ident) => Some(plain(&ident)),
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => last_ident(group.stream()),
        _ => None,
    });
    idents.last()
}

fn outside_of_generics(tokens: impl IntoIterator<Item = TokenTree>) -> impl Iterator<Item = TokenTree> {
    let (mut nesting, mut arrow) = (0_usize, false);
    tokens.into_iter().filter(move |token| {
        if let TokenTree::Punct(punct) = token {
            match punct.as_char() {
                '<' => nesting += 1,
                '>' if !arrow => nesting = nesting.saturating_sub(1),
                _ => {}
            }
            // The `>` of `->` closes nothing.
            arrow = punct.as_char() == '-';
        }
        nesting == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trait_is_what_stands_before_for() {
        let cases = [
            ("impl Store for Pg", Some("Store")),
            (
                "impl<T: for<'a> Fn(&'a u8) -> u8, const N: usize> a::b::Store<T, { N }> for [T; N]",
                Some("Store"),
            ),
            ("impl From<Vec<fn(A) -> B>> for for<'a> fn(&'a u8)", Some("From")),
            ("impl ::r#try::r#Store for Pg where for<'a> &'a Pg: Copy", Some("Store")),
            ("impl Pg where for<'a> &'a Pg: Copy", None),
            ("impl<T> Pg<T>", None),
            ("impl", None),
        ];
        for (head, expected) in cases {
            let tokens: TokenStream = head.parse().unwrap();
            assert_eq!(implemented(tokens).as_deref(), expected, "{head}");
        }
        let path: TokenStream = "a::Store<b::C>".parse().unwrap();
        let path = TokenTree::Group(proc_macro2::Group::new(Delimiter::None, path));
        assert_eq!(implemented(quote::quote!(impl #path for Pg)).as_deref(), Some("Store"));
    }
}
