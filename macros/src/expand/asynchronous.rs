//! The span of an `async fn`, and of an `async` block at the end of another.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use super::begin::{fields, is_bare, place};
use super::{late, local, outcome, seen, told, users};
use crate::body::{Statements, TrailingAsync, in_braces_of};
use crate::check::Model;
use crate::types::Returns;

pub(super) fn function(model: &Model, statements: &Statements) -> TokenStream {
    let head = users(model, &quote!(async move));
    if model.never {
        // `!` cannot be named as a future's output, and without a name an endless loop is taken to return `()`.
        let infallible = Returns::named(syn::parse_quote!(::core::convert::Infallible));
        let future = future(model, &model.taken, statements, &infallible, &head);
        return quote!(match #future.await {});
    }
    let future = future(model, &model.taken, statements, &model.returns, &head);
    if model.is_opened { future } else { quote!(#future.await) }
}

pub(super) fn trailing(model: &Model, trailing: &TrailingAsync) -> TokenStream {
    let TrailingAsync { before, parentheses, head, statements, output } = trailing;
    let future = future(model, &TokenStream::new(), statements, output, head);
    let future =
        parentheses.as_ref().map_or(future.clone(), |parentheses| in_braces_of(parentheses, &future));
    let not_yet = late::not_yet(before);
    quote!(#not_yet #before #future)
}

/// The span around a future that runs the statements.
fn future(
    model: &Model,
    taken: &TokenStream,
    statements: &Statements,
    output: &Returns,
    head: &TokenStream,
) -> TokenStream {
    // A block cannot be given a type. This return that is never taken says what it is, so that a wrong `?`
    // or a wrong last expression is reported where the user wrote it.
    let pinned = output.nameable.as_ref().map(|output| {
        let at = Span::call_site().located_at(output.span());
        quote_spanned!(at=> if false { return ::traced::__private::span::never::<#output>(); })
    });
    // The same for lifetimes.
    let ty = output.nameable.as_ref().map_or_else(|| quote!(_), ToTokens::to_token_stream);
    let late = late::keys(model);
    let after_others = statements.after_parameters(taken);
    let block = |first: &TokenStream| {
        let block = in_braces_of(&statements.braces, &quote!(#taken #pinned #first #late #after_others));
        quote!(#head #block)
    };
    let told = told(model, output);
    if is_bare(&model.begin)
        && model.late.is_none()
        && let Some(told) = &told
    {
        let block = block(&TokenStream::new());
        return quote!(::traced::__private::future::in_span::<#ty, _>(&__TRACED_SITE, #block, #told));
    }
    let outcome = outcome(model);
    let seen = seen(model);
    let own = model.returned.map_or_else(|| quote!(_), |_| local("__own").into_token_stream());
    let outcome = quote!(|#seen, #own| #outcome);
    let fields = fields(&model.begin);
    let begin = match place(&model.begin) {
        None => quote!(::traced::__private::future::begin(&__TRACED_SITE, #fields)),
        Some(place) => quote!(::traced::__private::future::begin_there(#place, &__TRACED_SITE, #fields)),
    };
    let own = model.late.as_ref().map(|_| {
        let own = local("__own");
        quote!(let #own =)
    });
    let block = block(&quote!(#own #begin;));
    quote!(::traced::__private::future::in_span_inside::<#ty, _, _>(#block, #outcome))
}
