//! `#[derive(SpanError)]`.
//!
//! | file | what lives there |
//! |---|---|
//! | `parse` | what the user wrote in `#[span_error(..)]` |
//! | `check` | attributes × type → the model, or what is wrong |
//! | `expand` | the model → code |

mod check;
mod expand;
mod parse;

use proc_macro2::TokenStream;

use crate::arg::Errors;

/// The implementation, and all that is wrong.
pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let model = match syn::parse2(item) {
        Ok(input) => check::check(input, &mut errors),
        Err(error) => {
            errors.push(error);
            None
        }
    };
    // With mistakes in it too: a missing implementation would be another error at each use of the type.
    let code = model.map(|model| expand::expand(&model));
    let errors = errors.into_compile_errors();
    quote::quote!(#code #errors)
}
