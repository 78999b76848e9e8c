//! The beginning of a span: its static facts, where it begins, and what is evaluated then.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

use super::{generated_braces, local};
use crate::capture::{Captured, not_used};
use crate::check::{Begin, Site};
use crate::field::How;
use crate::kind::KindArg;
use crate::place::Place;

/// The static facts, and an item whose path tells the function's.
///
/// One call makes them: each further one costs the compiler about as much as this.
pub(super) fn site(site: &Site) -> TokenStream {
    let Site {
        at,
        package,
        version,
        name,
        kind,
        method,
        of_trait,
        leaf,
        late,
        cancel_is_error,
        level,
        target,
        scope,
    } = site;
    // The line of the function, not of the attribute: `line!()` looks where its own tokens are.
    let line = quote_spanned!(*at=> ::core::line!());
    let name = name.as_ref().map(|name| quote!(.named(#name)));
    let kind = kind.as_ref().map(|kind| match kind {
        KindArg::Variant(variant) => quote!(.kind(::traced::__private::Kind::#variant)),
        KindArg::Const(kind) => {
            let kind = generated_braces(quote!(#kind));
            quote!(.kind(#kind))
        }
    });
    let new = Ident::new(if *method { "of_method" } else { "of" }, Span::call_site());
    let of_trait = of_trait.as_ref().map(|of_trait| quote!(.of_trait(#of_trait)));
    let leaf = leaf.then(|| quote!(.leaf()));
    let late = late.then(|| quote!(.late()));
    let cancel = cancel_is_error.then(|| quote!(.cancel_is_error()));
    let level = level.as_ref().map(|level| quote!(.level(::traced::__private::Level::#level)));
    let constant = |value: &Expr| generated_braces(quote!(#value));
    let target = target.as_ref().map(constant).map(|target| quote!(.target(#target)));
    let scope = scope.as_ref().map(constant).map(|scope| quote!(.scope(#scope)));
    quote! {
        static __TRACED_SITE: ::traced::__private::CallSite = ::traced::__private::CallSite::#new(
            #package,
            #version,
            ::core::module_path!(),
            ::core::file!(),
            #line,
            ::core::any::type_name::<__TracedHere>,
        )
        #of_trait #name #kind #leaf #late #cancel #level #target #scope;
        enum __TracedHere {}
    }
}

/// Whether nothing is evaluated when the span begins.
pub(super) fn is_bare(begin: &Begin) -> bool {
    begin.place.is_none() && !begin.has_fields()
}

/// Begins the span of what runs on this thread, here or somewhere else.
pub(super) fn entered(begin: &Begin) -> TokenStream {
    if is_bare(begin) {
        return quote!(::traced::__private::span::enter(&__TRACED_SITE));
    }
    let fields = fields(begin);
    match place(begin) {
        None => quote!(::traced::__private::span::enter_with(&__TRACED_SITE, #fields)),
        Some(place) => quote!(::traced::__private::place::enter_with(#place, &__TRACED_SITE, #fields)),
    }
}

/// Where a span begins that has not begun, if it is not here.
pub(super) fn there(begin: &Begin) -> Option<TokenStream> {
    place(begin).map(|place| quote!(.there(#place)))
}

/// What tells the place, if it is not here.
pub(super) fn place(begin: &Begin) -> Option<TokenStream> {
    Some(match begin.place.as_ref()? {
        Place::Root => quote!(::traced::__private::Carry::root),
        Place::In(place) => {
            let at = Span::call_site().located_at(place.span());
            quote_spanned!(at=> || ::traced::__private::parent(&(#place)))
        }
    })
}

pub(super) fn fields(begin: &Begin) -> TokenStream {
    if !begin.has_fields() {
        return quote!(|_| {});
    }
    let Begin { name, attributes, links, .. } = begin;
    let fields = local("__fields");
    let name = name.as_ref().map(|name| {
        let at = Span::call_site().located_at(name.span());
        quote_spanned!(at=> #fields.name(::traced::__private::value::name(&(#name)));)
    });
    let links = links.iter().map(|link| {
        let at = Span::call_site().located_at(link.span());
        quote_spanned!(at=> ::traced::__private::link(#fields, &(#link));)
    });
    let set = attributes.iter().map(|attribute| {
        let (cfgs, set) = (&attribute.cfgs, set(&fields, attribute));
        // To record it is not to use it.
        let underscored = attribute.value.to_string().starts_with('_');
        let set = if underscored {
            let set = not_used(&set);
            quote!({ #set })
        } else {
            quote!(#set;)
        };
        quote!(#(#cfgs)* #set)
    });
    quote!(|#fields| { #name #(#set)* #(#links)* })
}

pub(super) fn set(fields: &Ident, Captured { key, how, value, at, .. }: &Captured) -> TokenStream {
    let key = key.value();
    let at = value.clone().into_iter().next().map_or(*at, |token| token.span());
    // Located at the user's expression, where an error about its type belongs, yet generated: no lint.
    let at = Span::call_site().located_at(at);
    let value = match how {
        How::Typed => quote_spanned!(at=> &(#value)),
        How::Display => quote_spanned!(at=> &::traced::__private::value::Displayed(&(#value))),
        How::Debug => quote_spanned!(at=> &::traced::__private::value::Debugged(&(#value))),
        How::Any => return quote_spanned!(at=> ::traced::__private::__set_any!(#fields, #key, &(#value))),
        How::Either => {
            return quote_spanned!(at=> ::traced::__private::__set_either!(#fields, #key, &(#value)));
        }
    };
    quote!(#fields.set(#key, #value))
}
