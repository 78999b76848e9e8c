//! One span for a stream and for what makes it.

use proc_macro2::TokenStream;
use quote::quote;

use super::{judge, local, outcome, returned};
use crate::check::Model;
use crate::makes::Makes;
use crate::returned::What;
use crate::types::Returns;

/// Where the function itself makes it.
pub(super) fn now(model: &Model, makes: &Makes, make: &TokenStream) -> TokenStream {
    let (later, hands_on) = (returned::later(model, What::Stream), hands_on(model, makes));
    quote!(#later.makes_now(#make, #hands_on))
}

/// A closure that gets what was made, and the span, and hands the span on.
pub(super) fn hands_on(model: &Model, Makes { stream, ty: whole, in_result }: &Makes) -> TokenStream {
    let (made, span, returned, error) =
        (local("__made"), local("__span"), local("__returned"), local("__error"));
    let yields = stream.yields.clone().map_or_else(Returns::unknown, Returns::named);
    let is_told = yields.nameable.is_some() && !yields.hides_a_part();
    let put = if is_told { quote!(stream_made) } else { quote!(stream_made_inferred) };
    let ty = yields.nameable.map(|ty| quote!(: &#ty));
    let of_item = if *in_result { judge::outcome(None, &returned) } else { outcome(model) };
    let around = quote!(::traced::__private::#put(#span, #made, |#returned #ty| #of_item));
    let around = if stream.boxed {
        quote!({ let #made: #whole = ::std::boxed::Box::pin(#around); #made })
    } else {
        around
    };
    if !in_result {
        return quote!(move |#made, #span| #around);
    }
    let of_result = outcome(model);
    quote! {
        move |#made, mut #span| {
            #span.is_of(&#made, |#returned| #of_result);
            match #made {
                ::core::result::Result::Ok(#made) => ::core::result::Result::Ok(#around),
                ::core::result::Result::Err(#error) => ::core::result::Result::Err(#error),
            }
        }
    }
}
