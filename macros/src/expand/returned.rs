//! The span of a future or a stream that a function returns: it begins with the first poll.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::begin::{fields, there};
use super::{closure, closure_of, late, local, outcome};
use crate::body::{Statements, in_braces_of};
use crate::check::Model;
use crate::returned::{Returned, What};
use crate::trailing::TrailingBox;
use crate::types::Returns;

pub(super) fn returned(model: &Model, returned: &Returned, statements: &Statements) -> TokenStream {
    let later = later(model, returned);
    let Some(TrailingBox { path, parentheses, statements }) = &returned.in_box else {
        let around = around(model, returned, returned.boxed, &closure(model, statements));
        return quote!(#later #around);
    };
    let around = around(model, returned, false, &closure_of(model, statements, None));
    let inside = in_braces_of(parentheses, &quote!(#later #around));
    quote!(#path #inside)
}

pub(super) fn returned_here(model: &Model, returned: &Returned, statements: &Statements) -> TokenStream {
    let (span, inside) = (local("__span"), local("__inside"));
    let later = later(model, returned);
    let returns = model.returns.nameable.as_ref().map(|returns| quote!(: #returns));
    let block = in_braces_of(&statements.braces, &statements.tokens);
    let around = around(model, returned, returned.boxed, &quote!(move || #inside));
    let record = late::keys(model);
    if record.is_none() {
        return quote! {
            let #span = #later;
            let #inside #returns = #block;
            #span #around
        };
    }
    let making = local("__making");
    quote! {
        #record
        let mut #span = #later;
        let #making = #span.making();
        let #inside #returns = #block;
        ::core::mem::drop(#making);
        #span #around
    }
}

/// The same of an `async` block: what goes before all statements, and what is in the place of the block.
pub(super) fn of_block(model: &Model, output: &Returns, block: &TokenStream) -> (TokenStream, TokenStream) {
    let (span, inside) = (local("__span"), local("__inside"));
    let returned = Returned::future(output);
    let (later, around) =
        (later(model, &returned), around(model, &returned, false, &quote!(move || #inside)));
    (quote!(let #span = #later;), quote!({ let #inside = #block; #span #around }))
}

/// The span that begins with the first poll.
fn later(model: &Model, returned: &Returned) -> TokenStream {
    let (fields, there) = (fields(&model.begin), there(&model.begin));
    match returned.what {
        What::Future => quote!(::traced::__private::later::later(&__TRACED_SITE, #fields) #there),
        What::Stream => quote!(::traced::__private::stream_later(&__TRACED_SITE, #fields) #there),
    }
}

fn around(
    model: &Model,
    Returned { what, yields, .. }: &Returned,
    boxed: bool,
    make: &TokenStream,
) -> TokenStream {
    let yields = yields.clone().map_or_else(Returns::unknown, Returns::named);
    let is_told = yields.nameable.is_some() && !yields.hides_a_part();
    let (seen, inside) = (local("__returned"), local("__inside"));
    let ty = yields.nameable.map(|ty| quote!(: &#ty));
    let own = match (what, model.returned) {
        (What::Stream, _) => None,
        (What::Future, None) => Some(quote!(_)),
        (What::Future, Some(_)) => Some(local("__own").into_token_stream()),
    };
    let told = outcome(model);
    let outcome = quote!(|#seen #ty, #own| #told);
    match (boxed, is_told) {
        (true, _) => quote!(.boxed(#make, #outcome, |#inside| ::std::boxed::Box::pin(#inside))),
        (false, true) => quote!(.run(#make, #outcome)),
        (false, false) => quote!(.infer(#make, #outcome)),
    }
}
