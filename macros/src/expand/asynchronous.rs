//! The span of an `async fn`, and of an `async` block at the end of another.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use super::begin::{fields, is_bare, place};
use super::{ending_at, handle, late, makes, outcome, returned, seen, told, users};
use crate::body::{Statements, Work, in_braces_of};
use crate::check::Model;
use crate::trailing::TrailingAsync;
use crate::types::{Lives, Returns};

pub(super) fn function(model: &Model, statements: &Statements) -> TokenStream {
    let head = users(model, &quote!(async move));
    if model.never {
        // `!` cannot be named as a future's output, and without a name an endless loop is taken to return `()`.
        let infallible = Returns::named(syn::parse_quote!(::core::convert::Infallible));
        let block = Block { taken: &model.taken, statements, output: &infallible, head: &head, value: None };
        let future = future(model, &block);
        return quote!(match #future.await {});
    }
    let Lives { hidden, written } = model.returns.lives;
    let value = if model.is_opened && (hidden || written) { statements.value() } else { None };
    let block = Block { taken: &model.taken, statements, output: &model.returns, head: &head, value };
    let future = future(model, &block);
    if model.is_opened { future } else { quote!(#future.await) }
}

pub(super) fn trailing(model: &Model, trailing: &TrailingAsync) -> TokenStream {
    let TrailingAsync { before, parentheses, head, opening, statements, output, begins_later } = trailing;
    let nothing = TokenStream::new();
    let is_all = before.is_empty() && parentheses.is_none();
    let value = is_all.then(|| (head.span(), statements.braces.span()));
    let block = Block { taken: opening, statements, output, head, value };
    let (first, future) = if *begins_later {
        returned::of_block(model, output, &block.starting_with(model, &nothing))
    } else {
        (nothing.clone(), future(model, &block))
    };
    let future =
        parentheses.as_ref().map_or(future.clone(), |parentheses| in_braces_of(parentheses, &future));
    quote!(#first #before #future)
}

/// The expression, told what its output is if it is an `async` block.
pub(super) fn told_output(model: &Model, output: &Returns, expression: TokenStream) -> TokenStream {
    let Some(TrailingAsync { head, statements, .. }) = TrailingAsync::alone(expression.clone()) else {
        return expression;
    };
    let nothing = TokenStream::new();
    let block = Block { taken: &nothing, statements: &statements, output, head: &head, value: None };
    block.starting_with(model, &nothing)
}

/// What becomes an `async` block.
struct Block<'a> {
    taken: &'a TokenStream,
    statements: &'a Statements,
    output: &'a Returns,
    head: &'a TokenStream,
    /// Where the user's value is, if it is to be told of instead of this: see `by_itself`.
    value: Option<(Span, Span)>,
}

impl Block<'_> {
    fn starting_with(&self, model: &Model, first: &TokenStream) -> TokenStream {
        let Self { taken, statements, output, head, .. } = self;
        // A block cannot be given a type. This return that is never taken says what it is, so that a wrong `?`
        // or a wrong last expression is reported where the user wrote it.
        let pinned = output.nameable.as_ref().map(|output| {
            let at = Span::call_site().located_at(output.span());
            quote_spanned!(at=> if false { return ::traced::__private::span::never::<#output>(); })
        });
        let late = late::keys(model);
        let after_others = statements.after_parameters(taken);
        let block = in_braces_of(&statements.braces, &quote!(#taken #pinned #first #late #after_others));
        quote!(#head #block)
    }

    /// Calls what puts a span around it.
    fn called(&self, function: &TokenStream, arguments: TokenStream) -> TokenStream {
        let Some((first, last)) = self.value else {
            return quote!(::traced::__private::#function #arguments);
        };
        let name = Ident::new("__in_span", first);
        let arguments = ending_at(arguments, last);
        quote!(let #name = ::traced::__private::#function; #name #arguments)
    }
}

/// The span around a block.
fn future(model: &Model, block: &Block<'_>) -> TokenStream {
    if let Some(makes) = &model.body.makes {
        let (future, hands_on) = (begun_inside(model, block), makes::hands_on(model, makes));
        return block.called(&quote!(stream::making::makes), quote!((#future, #hands_on)));
    }
    let output = block.output;
    // Named for its lifetimes.
    let ty = output.nameable.as_ref().map_or_else(|| quote!(_), ToTokens::to_token_stream);
    let outcome = outcome(model);
    // Parameters that are mentioned go with a future that is returned.
    let move_ = matches!(model.body.work, Work::Future(_)).then(|| quote!(move));
    if is_bare(&model.begin) && model.late.is_none() && model.returned.is_none() {
        let future = block.starting_with(model, &TokenStream::new());
        if matches!(model.body.work, Work::Future(_)) {
            let seen = seen(model);
            return block.called(
                &quote!(future::in_span_told::<#ty, _, _>),
                quote!((&__TRACED_SITE, #future, move |#seen| #outcome)),
            );
        }
        if let Some(told) = told(model, output) {
            return block
                .called(&quote!(future::in_span::<#ty, _>), quote!((&__TRACED_SITE, #future, #told)));
        }
    }
    let seen = seen(model);
    let own = model.returned.map_or_else(|| quote!(_), |_| handle(model).into_token_stream());
    let outcome = quote!(#move_ |#seen, #own| #outcome);
    let future = begun_inside(model, block);
    block.called(&quote!(future::in_span_inside::<#ty, _, _>), quote!((#future, #outcome)))
}

/// The block, which begins the span.
fn begun_inside(model: &Model, block: &Block<'_>) -> TokenStream {
    let fields = fields(&model.begin);
    let begin = match place(&model.begin) {
        None => quote!(::traced::__private::future::begin(&__TRACED_SITE, #fields)),
        Some(place) => quote!(::traced::__private::future::begin_there(#place, &__TRACED_SITE, #fields)),
    };
    let own = model.late.as_ref().map(|_| {
        let own = handle(model);
        quote!(let #own =)
    });
    block.starting_with(model, &quote!(#own #begin;))
}
