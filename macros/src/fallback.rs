//! The user's item as it was, with the errors.

use proc_macro2::{Group, TokenStream};
use quote::{ToTokens, quote};
use syn::Path;

use crate::arg::Errors;
use crate::args::Args;
use crate::body::split_inner_attributes;
use crate::expand::local_macro;
use crate::home;
use crate::items::Item;
use crate::words::Words;

/// One mistake in an argument is one error: without the item, every call of it would be another, and an
/// editor would lose it while the argument is being typed.
pub(crate) fn fallback(item: &TokenStream, home: Option<&Path>, errors: Errors) -> TokenStream {
    let (item, errors) = (as_it_was(item, home), errors.into_compile_errors());
    quote!(#item #errors)
}

/// The item; a `record!` in it, which would be another error without the attribute, records nothing.
pub(crate) fn as_it_was(item: &TokenStream, home: Option<&Path>) -> TokenStream {
    let mut items = Item::all(item.clone()).into_iter();
    let (Some(only), None) = (items.next(), items.next()) else { return item.clone() };
    match only.body() {
        Some(body) if Words::of(body.stream()).invoke_record => {
            let (inner_attributes, statements) = split_inner_attributes(body.stream());
            let record = inert_record(home);
            let mut braces = Group::new(body.delimiter(), quote!(#inner_attributes #record #statements));
            braces.set_span(body.span());
            let before = only.before();
            quote!(#before #braces)
        }
        _ => item.to_token_stream(),
    }
}

/// What `record!` looks for, here without a span: what it is given is looked at by the compiler alone.
fn inert_record(home: Option<&Path>) -> TokenStream {
    let name = local_macro();
    let record = quote! {
        macro_rules! #name {
            ($($__fields:tt)*) => { ::traced::__private::__record!({} {} {} $($__fields)*) }
        }
    };
    home::at(home, record)
}

/// What `crate = ..` among the arguments says, whatever else is wrong with them.
pub(crate) fn home(arguments: TokenStream) -> Option<Path> {
    Args::parse(arguments, &mut Errors::default()).home.into_inner()
}
