//! `async fn f() -> T` as `fn f() -> impl Future<Output = T>`: the future is then our own, and not one around it, which
//! would hold the arguments twice and be one more that the compiler counts where futures are in each other.
//!
//! Only where nobody can tell (but by a future that is dropped before its first poll: it drops its arguments last one
//! first). What the compiler makes of an `async fn` is such a function too, with a block that holds all arguments: so
//! they must be simple, and be mentioned if it is a matter when they are dropped. And an attribute after ours, on the
//! function or on what it is in, may look for the word `async`.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{FnArg, Pat, ReturnType, Signature, Type};

use crate::types::{Returns, argument_never_drops, is_never};
use crate::words::{Words, plain};

/// Attributes that do not look at the function.
const HARMLESS: [&str; 13] = [
    "allow",
    "cfg",
    "clippy",
    "cold",
    "deny",
    "deprecated",
    "doc",
    "expect",
    "forbid",
    "inline",
    "rustfmt",
    "traced",
    "warn",
];

/// Whether the attributes that come after ours do not look at what they are on. Of each the content.
pub(crate) fn are_harmless(attributes: impl IntoIterator<Item = TokenStream>) -> bool {
    attributes.into_iter().all(|content| {
        let first = content.into_iter().next();
        first.is_some_and(|first| HARMLESS.iter().any(|name| is_word(&first, name)))
    })
}

/// The function up to its body, if it can be written so. `words` tells what the body and the fields mention.
pub(crate) fn opened(before: &TokenStream, signature: &Signature, words: &[&Words]) -> Option<TokenStream> {
    let mentioned = |name: &str| words.iter().any(|words| words.mention(name));
    let is_simple = |input: &FnArg| match input {
        // Clippy would report one that is not used.
        FnArg::Receiver(receiver) => receiver.attrs.is_empty() && mentioned("self"),
        FnArg::Typed(argument) if !argument.attrs.is_empty() => false,
        FnArg::Typed(argument) => match &*argument.pat {
            Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => {
                let name = plain(&pat.ident);
                argument_never_drops(input) || name.starts_with('_') || mentioned(&name)
            }
            Pat::Wild(_) => argument_never_drops(input),
            _ => false,
        },
    };
    let output = match &signature.output {
        ReturnType::Default => quote!(()),
        // What it hides may capture less in an old edition than it does in an `async fn`.
        ReturnType::Type(_, ty) if hides(ty) => return None,
        ReturnType::Type(_, ty) => ty.to_token_stream(),
    };
    if signature.asyncness.is_none()
        || is_never(&signature.output)
        || signature.variadic.is_some()
        || !signature.inputs.iter().all(is_simple)
    {
        return None;
    }
    let mut tokens = before.clone().into_iter().peekable();
    let mut head: Vec<TokenTree> = Vec::new();
    for token in tokens.by_ref() {
        let is_fn = is_word(&token, "fn");
        if !is_word(&token, "async") {
            head.push(token);
        }
        if is_fn {
            break;
        }
    }
    // Up to the parameters, which are the first parentheses outside of the generics.
    let (mut nesting, mut after_dash) = (0_usize, false);
    for token in tokens.by_ref() {
        let mut is_end = false;
        match &token {
            TokenTree::Punct(punct) => {
                match punct.as_char() {
                    '<' => nesting += 1,
                    '>' if !after_dash => nesting = nesting.checked_sub(1)?,
                    _ => {}
                }
                after_dash = matches!(punct.as_char(), '-' | '=');
            }
            TokenTree::Group(group) => is_end = nesting == 0 && group.delimiter() == Delimiter::Parenthesis,
            _ => {}
        }
        head.push(token);
        if is_end {
            break;
        }
    }
    // The type is taken from what was parsed; what follows it stays.
    let rest: TokenStream = tokens.skip_while(|token| !is_word(token, "where")).collect();
    let head: TokenStream = head.into_iter().collect();
    // Told of where the function is; and in the edition of this crate, in which it captures what an `async fn` does.
    let at = Span::call_site().located_at(signature.ident.span());
    let returned = quote_spanned!(at=> -> impl ::core::future::Future<Output = #output>);
    Some(quote!(#head #returned #rest))
}

fn hides(ty: &Type) -> bool {
    !Returns::named(ty.clone()).complete
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}
