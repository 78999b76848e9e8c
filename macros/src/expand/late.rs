//! `record!`, and how it finds the span of the function it is in.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};

use super::begin::set;
use super::{handle, local};
use crate::check::Model;
use crate::home;
use crate::record::Record;

/// A macro by which `record!` finds the keys and the span of the function it is in.
pub(super) fn keys(model: &Model) -> Option<TokenStream> {
    let keys = model.late.as_ref()?;
    let home = model.home.iter();
    let name = local_macro();
    let own = if model.site.late {
        // No variable: a closure that is returned would borrow it.
        quote!(::traced::__private::polled::Polled(&__TRACED_SITE))
    } else {
        handle(model).into_token_stream()
    };
    Some(quote! {
        macro_rules! #name {
            ($($__fields:tt)*) => { ::traced::__private::__record!({ #(#home)* } { #own } { #(#keys)* } $($__fields)*) }
        }
    })
}

/// What it is called: a `record!` that does not find it is an error with this name in it.
pub(crate) fn local_macro() -> Ident {
    Ident::new("__record_belongs_inside_a_function_annotated_with_traced", Span::call_site())
}

/// What `record!` becomes.
pub(crate) fn record(Record { own, home, fields }: &Record) -> TokenStream {
    let Some(own) = own else {
        let values = fields.iter().map(|field| &field.value);
        return quote!(if false { #(let _ = &(#values);)* });
    };
    let (fields, here) = (fields.iter().map(|field| set(&local("__here"), field)), local("__here"));
    let record = quote! {
        if let ::core::option::Option::Some(#here) = #own.recording() {
            #(#fields;)*
        }
    };
    home::at(home.as_ref(), record)
}
