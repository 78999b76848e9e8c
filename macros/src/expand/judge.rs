//! What the argument `err` says → code.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

use super::local;
use crate::err::{ErrArg, OfError};
use crate::field::How;

/// How the call ended, with what the argument `err` says of its error.
pub(super) fn outcome(err: Option<&ErrArg>, returned: &Ident) -> TokenStream {
    let outcome = quote!(::traced::__private::__outcome_of!(#returned));
    match err {
        Some(err) if err.off => quote!(::traced::__private::Outcome::Success),
        Some(err) if err.judges() => {
            let judge = judge(err);
            // Located at the argument, where an error about what is returned belongs.
            let at = Span::call_site().located_at(err.at);
            let mut there = returned.clone();
            there.set_span(returned.span().located_at(err.at));
            quote_spanned!(at=> ::traced::__private::span_error::judged(#outcome, #there, #judge))
        }
        _ => outcome,
    }
}

/// Asks that these parameters are there after the body.
pub(super) fn after_body(mentioned: &[Ident]) -> TokenStream {
    let asked = mentioned.iter().map(|parameter| {
        let at = Span::call_site().located_at(parameter.span());
        quote_spanned!(at=> ::traced::__private::span_error::after_body(&#parameter);)
    });
    asked.collect()
}

/// What the argument `err` says of the error.
fn judge(err: &ErrArg) -> TokenStream {
    let (error, judged) = (local("__error"), local("__judged"));
    let debug = err.debug.then(|| {
        let at = Span::call_site().located_at(err.at);
        quote_spanned!(at=> #judged.debug(#error);)
    });
    let expected = err.expected.as_ref().map(|expected| {
        let expected = of_error(expected);
        quote!(#judged.expected(#error, #expected);)
    });
    let kind = err.kind.as_ref().map(|(how, kind)| {
        let how = match how {
            How::Display => "_displayed",
            How::Debug => "_debugged",
            _ => "",
        };
        let tell = |value: &Expr, method: &str| {
            let at = Span::call_site().located_at(value.span());
            (at, Ident::new(&format!("{method}{how}"), at))
        };
        match kind {
            OfError::Function(function) => {
                let (at, tell) = tell(function, "kind");
                quote_spanned!(at=> #judged.#tell(#error, #function);)
            }
            // Here, and by no function: it may be a part of the error, which a function would have to give away.
            OfError::Value(value, e) => {
                let (at, tell) = tell(value, "kind_is");
                let e = e.map(|at| Ident::new("e", at)).map(|e| quote!(let #e = #error;));
                quote_spanned!(at=> { #e #judged.#tell(&(#value)); })
            }
        }
    });
    quote!(|#error, #judged| { #debug #expected #kind })
}

/// A function of the error. An expression sees the error as `e`.
fn of_error(of: &OfError) -> TokenStream {
    match of {
        OfError::Function(function) => quote!(#function),
        OfError::Value(value, e) => {
            let at = Span::call_site().located_at(value.span());
            let error = e.map_or_else(|| quote!(_), |at| Ident::new("e", at).into_token_stream());
            quote_spanned!(at=> |#error| #value)
        }
    }
}
