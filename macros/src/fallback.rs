//! The user's item as it was, with the errors.

use proc_macro2::TokenStream;
use quote::quote;

use crate::arg::Errors;

/// One mistake in an argument is one error: without the item, every call of it would be another, and an
/// editor would lose it while the argument is being typed.
pub(crate) fn fallback(item: &TokenStream, errors: Errors) -> TokenStream {
    let errors = errors.into_compile_errors();
    quote!(#item #errors)
}
