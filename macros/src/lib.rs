//! The attribute `#[traced]` and the derive `SpanError`. Use them through the crate [`traced`](https://docs.rs/traced), which
//! re-exports them: the code they generate names that crate.
//!
//! | module | what lives there |
//! |---|---|
//! | `args` | what the user wrote between the parentheses |
//! | `arg` | an argument that may be given once, an unknown one, and all that is wrong |
//! | `err` | the argument `err` |
//! | `field` | one field, as in `fields(..)` and `record!(..)` |
//! | `kind`, `level`, `place` | arguments with a grammar of their own |
//! | `statics` | arguments whose values are made once for the program |
//! | `home` | generated code that finds us elsewhere than at `::traced` |
//! | `record` | `record!` inside an annotated function |
//! | `target` | the function that is annotated |
//! | `block`, `items`, `merge` | the functions of an `impl`, a `trait` or a `mod`, and what they take from its arguments |
//! | `implemented` | the trait of an `impl`, which is in the names of its functions |
//! | `body` | which part of the body is the work |
//! | `reader` | whether a tool expands the attribute that runs nothing, as clippy does |
//! | `opened` | an `async fn` as a function that returns a future |
//! | `types` | what the types in a signature tell |
//! | `words` | the words of a body, read once |
//! | `returned` | a future or a stream that a function returns |
//! | `span` | `span!` |
//! | `capture` | fields and parameters → recorded attributes |
//! | `check` | arguments × function → the model, or what is wrong |
//! | `expand` | the model → code |
//! | `span_error/` | the derive `SpanError` |
//! | `fallback` | the user's item as it was, with the errors |

mod after;
mod arg;
mod args;
mod async_trait;
mod block;
mod body;
mod capture;
mod check;
mod early;
mod err;
mod expand;
mod fallback;
mod field;
mod home;
mod implemented;
mod items;
mod kind;
mod leaving;
mod level;
mod makes;
mod merge;
mod opened;
mod place;
mod reader;
mod record;
mod returned;
mod span;
mod span_error;
mod statics;
mod taken;
mod target;
#[cfg(test)]
mod tests;
mod this;
mod trailing;
mod types;
mod variables;
mod words;

use proc_macro::TokenStream;

#[doc = include_str!("traced.md")]
#[proc_macro_attribute]
pub fn traced(arguments: TokenStream, item: TokenStream) -> TokenStream {
    attribute(arguments.into(), &item.into()).into()
}

/// What `#[traced]` is in a program that is built with `--cfg traced_off`: the bare item, whatever the arguments.
///
/// An attribute of its own, since a macro does not see what the program is built with, but the crate that re-exports it
/// does.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn off(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    item
}

#[doc = include_str!("span.md")]
#[proc_macro]
pub fn span(input: TokenStream) -> TokenStream {
    let mut errors = arg::Errors::default();
    let model = span::SpanModel::parse(input.into(), &mut errors);
    expand::span(&model, errors).into()
}

#[doc = include_str!("span_error.md")]
#[proc_macro_derive(SpanError, attributes(span_error))]
pub fn derive_span_error(item: TokenStream) -> TokenStream {
    span_error::derive(item.into()).into()
}

fn attribute(
    arguments: proc_macro2::TokenStream,
    item: &proc_macro2::TokenStream,
) -> proc_macro2::TokenStream {
    let arguments = arg::seen_through(arguments);
    if block::is_off(&arguments) {
        return item.clone();
    }
    let mut errors = arg::Errors::default();
    if let Some(block) = block::Block::parse(arguments.clone(), item, &mut errors) {
        return expand::block(&block, errors);
    }
    if !errors.is_empty() {
        return fallback::fallback(item, None, errors);
    }
    let args = args::Args::parse(arguments.clone(), &mut errors);
    let target = target::Target::parse(item, &mut errors);
    let model = target.and_then(|target| check::check(args, target, &mut errors));
    match model {
        Some(model) if errors.is_empty() => expand::expand(&model),
        _ => fallback::fallback(item, fallback::home(arguments).as_ref(), errors),
    }
}

/// What `traced::record!` becomes inside an annotated function.
#[doc(hidden)]
#[proc_macro]
pub fn __record(tokens: TokenStream) -> TokenStream {
    let mut errors = arg::Errors::default();
    match record::Record::parse(tokens.into(), &mut errors) {
        Some(record) if errors.is_empty() => expand::record(&record).into(),
        _ => errors.into_compile_errors().into(),
    }
}
