//! `crate = my::traced`: generated code that finds us elsewhere than at `::traced`.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Path;

/// The tokens with every `::traced::__private` under that path. Done at the end and in one place, since few ask for it
/// and all that is emitted would have to know.
pub(crate) fn at(home: Option<&Path>, tokens: TokenStream) -> TokenStream {
    match home {
        None => tokens,
        Some(home) => moved(tokens, &home.to_token_stream()),
    }
}

fn moved(tokens: TokenStream, home: &TokenStream) -> TokenStream {
    let mut out: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let mut inside = Group::new(group.delimiter(), moved(group.stream(), home));
                inside.set_span(group.span());
                out.push(inside.into());
            }
            TokenTree::Ident(private) if private == "__private" && ends_with_us(&out) => {
                // `::traced`, and the `::` after it.
                let after = out.split_off(out.len() - 2);
                out.truncate(out.len() - 3);
                out.extend(home.clone());
                out.extend(after);
                out.push(private.into());
            }
            other => out.push(other),
        }
    }
    out.into_iter().collect()
}

/// Whether the last tokens are `:: traced ::`.
fn ends_with_us(tokens: &[TokenTree]) -> bool {
    let is_colon = |token: &TokenTree| matches!(token, TokenTree::Punct(colon) if colon.as_char() == ':');
    matches!(tokens, [.., a, b, TokenTree::Ident(us), c, d]
        if us == "traced" && [a, b, c, d].into_iter().all(is_colon))
}
