//! The model → code. A method that would say what the trait says anyway is left out.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Member, Type};

use super::check::{Attribute, Case, Model};
use crate::field::How;

pub(super) fn expand(Model { name, generics, cases }: &Model) -> TokenStream {
    let (impl_generics, type_generics, bounds) = generics.split_for_impl();
    let asks = cases.iter().any(|case| case.inner.is_some());
    let error_type = (asks || cases.iter().any(|case| case.kind.is_some())).then(|| {
        let arms = cases.iter().map(|case| match (&case.inner, &case.kind) {
            (Some(inner), _) => asking(case, inner, "error_type"),
            (None, Some(kind)) => {
                let path = &case.path;
                quote!(#path { .. } => ::core::option::Option::Some(::std::borrow::Cow::Borrowed(#kind)),)
            }
            (None, None) => {
                let path = &case.path;
                quote!(#path { .. } => ::core::option::Option::None,)
            }
        });
        quote! {
            fn error_type(&self) -> ::core::option::Option<::std::borrow::Cow<'_, ::core::primitive::str>> {
                match self { #(#arms)* }
            }
        }
    });
    let is_expected = (asks || cases.iter().any(|case| case.expected)).then(|| {
        let arms = cases.iter().map(|case| {
            let Case { path, expected, inner, .. } = case;
            let says = || quote!(#path { .. } => #expected,);
            inner.as_ref().map_or_else(says, |inner| asking(case, inner, "is_expected"))
        });
        quote! {
            fn is_expected(&self) -> ::core::primitive::bool {
                match self { #(#arms)* }
            }
        }
    });
    let attributes = (asks || cases.iter().any(|case| !case.attributes.is_empty())).then(|| {
        let fields = local("__fields");
        let arms = cases.iter().map(|case| attributes(case, &fields));
        quote! {
            fn attributes(&self, #fields: &mut dyn ::traced::__private::Fields) {
                match self { #(#arms)* }
            }
        }
    });
    quote! {
        #[automatically_derived]
        impl #impl_generics ::traced::__private::SpanError for #name #type_generics #bounds {
            #error_type
            #is_expected
            #attributes
        }
    }
}

/// The arm that asks the inner error.
fn asking(Case { path, .. }: &Case, (member, ty): &(Member, Type), what: &str) -> TokenStream {
    // Located at the field's type, which is at fault where it cannot be asked.
    let (inner, at) = (at_type("__inner", ty), Span::call_site().located_at(ty.span()));
    let what = Ident::new(what, at);
    let asked = quote_spanned!(at=> ::traced::__private::SpanError::#what(#inner));
    quote!(#path { #member: #inner, .. } => #asked,)
}

/// The arm that gives the attributes of a case: those of the inner error, and its own.
fn attributes(Case { path, inner, attributes, .. }: &Case, fields: &Ident) -> TokenStream {
    let mut bindings = Vec::new();
    let mut statements = Vec::new();
    if let Some((member, ty)) = inner {
        let (inner, at) = (at_type("__inner", ty), Span::call_site().located_at(ty.span()));
        bindings.push(quote!(#member: #inner));
        statements.push(quote_spanned!(at=> ::traced::__private::SpanError::attributes(#inner, #fields);));
    }
    for (index, Attribute { member, ty, how, key }) in attributes.iter().enumerate() {
        let (value, at) = (at_type(&format!("__{index}"), ty), Span::call_site().located_at(ty.span()));
        bindings.push(quote!(#member: #value));
        let value = match how {
            How::Display => quote_spanned!(at=> &::traced::__private::value::Displayed(#value)),
            How::Debug => quote_spanned!(at=> &::traced::__private::value::Debugged(#value)),
            _ => value.into_token_stream(),
        };
        statements.push(quote_spanned!(at=> #fields.set(#key, #value);));
    }
    quote!(#path { #(#bindings,)* .. } => { #(#statements)* })
}

/// A variable that no code of the user's can see.
fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The same, for an error to point at the type of what it holds.
fn at_type(name: &str, ty: &Type) -> Ident {
    Ident::new(name, Span::mixed_site().located_at(ty.span()))
}
