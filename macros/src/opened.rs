//! `async fn f() -> T` as `fn f() -> impl Future<Output = T>`: the future is then our own, and not one around it, which
//! would hold the arguments once more and be one more that the compiler counts where futures are in each other.
//!
//! Only where nobody can tell. What the compiler makes of an `async fn` is such a function too, with a block that takes
//! all arguments. But an attribute after ours, on the function or on what it is in, may look for the word `async`.

use proc_macro2::{Delimiter, Group, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{FnArg, ReturnType, Signature};

use crate::capture::is_cfg;
use crate::types::is_never;
use crate::words::Words;

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
        let Some(first) = content.clone().into_iter().next() else { return false };
        // The lint looks for the word, and is expected to find it; where it is allowed, it need not.
        let asks_for_async = || !is_word(&first, "allow") && Words::of(content).mention("async_fn_in_trait");
        HARMLESS.iter().any(|name| is_word(&first, name)) && !asks_for_async()
    })
}

/// The function up to its body, if it can be written so.
pub(crate) fn opened(before: &TokenStream, signature: &Signature) -> Option<TokenStream> {
    let is_simple = |input: &FnArg| match input {
        FnArg::Receiver(receiver) => receiver.attrs.iter().all(is_cfg),
        FnArg::Typed(argument) => argument.attrs.iter().all(is_cfg),
    };
    let output = match &signature.output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some(ty.to_token_stream()),
    };
    if signature.asyncness.is_none()
        || is_never(&signature.output)
        || signature.variadic.is_some()
        || !signature.inputs.iter().all(is_simple)
    {
        return None;
    }
    let (head, parameters, rest) = parameters(before.clone())?;
    let end = parameters.span_close();
    let head = head.into_iter().filter(|token| !is_word(token, "async"));
    // The type is taken from what was parsed; what follows it stays.
    let rest: TokenStream = rest.into_iter().skip_while(|token| !is_word(token, "where")).collect();
    let head: TokenStream = head.chain([parameters.into()]).collect();
    // Told of where the type is, or would be; and in the edition of this crate, in which it captures what an `async fn` does.
    // What is hidden in the user's type captures what it does there: what the user's edition says.
    let at = Span::call_site().located_at(output.as_ref().map_or(end, Spanned::span));
    let last = output.clone().and_then(|output| output.into_iter().last());
    let output = output.unwrap_or_else(|| quote_spanned!(at=> ()));
    let returned = quote_spanned!(at=> -> impl ::core::future::Future<Output = #output);
    // What is told of the whole is told from its first to its last word, if both are the user's.
    let mut close = Punct::new('>', Spacing::Alone);
    close.set_span(last.map_or(end, |token| token.span()));
    Some(quote!(#head #returned #close #rest))
}

/// Splits a function up to its body at its parameters, which are the first parentheses outside of the generics.
pub(crate) fn parameters(before: TokenStream) -> Option<(Vec<TokenTree>, Group, TokenStream)> {
    let mut tokens = before.into_iter();
    let (mut head, mut is_after_fn) = (Vec::new(), false);
    let (mut nesting, mut after_dash) = (0_usize, false);
    for token in tokens.by_ref() {
        match token {
            TokenTree::Group(group)
                if is_after_fn && nesting == 0 && group.delimiter() == Delimiter::Parenthesis =>
            {
                return Some((head, group, tokens.collect()));
            }
            TokenTree::Punct(ref punct) if is_after_fn => {
                match punct.as_char() {
                    '<' => nesting += 1,
                    '>' if !after_dash => nesting = nesting.checked_sub(1)?,
                    _ => {}
                }
                after_dash = matches!(punct.as_char(), '-' | '=');
            }
            ref token => is_after_fn |= is_word(token, "fn"),
        }
        head.push(token);
    }
    None
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}
