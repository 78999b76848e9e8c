//! What the user wrote in `#[span_error(..)]`.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Error, LitBool, LitStr, Meta, Result, Token};

use crate::arg::{Arg, Errors, each, unknown};
use crate::args::ends;
use crate::field::{How, how};

/// What is said of a type or of a variant.
#[derive(Default)]
pub(super) struct Said {
    pub(super) expected: Arg<LitBool>,
    pub(super) kind: Arg<LitStr>,
    pub(super) transparent: Arg<Span>,
}

/// What is said of a field: that it is an attribute, how it becomes one, and its key if that is not the field's name.
pub(super) struct SaidOfField {
    pub(super) at: Span,
    pub(super) how: How,
    pub(super) key: Option<LitStr>,
}

impl Said {
    pub(super) fn parse(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut said = Self::default();
        each_item(attributes, errors, |input| said.item(input));
        said
    }

    fn item(&mut self, input: ParseStream<'_>) -> Result<()> {
        let key =
            key(input, "expected `expected`, `type` or `transparent`, as in `#[span_error(expected)]`")?;
        match key.to_string().as_str() {
            "expected" => {
                let value = match input.parse::<Option<Token![=]>>()? {
                    Some(_) => {
                        let expected = "expected `true` or `false`: what depends on the value needs an \
                                        implementation of `SpanError` by hand";
                        input.parse().map_err(|error| Error::new(error.span(), expected))?
                    }
                    None => LitBool::new(true, key.span()),
                };
                self.expected.set("expected", key.span(), value)
            }
            "type" => {
                let kind = text(input, &key, "type = \"timeout\"")?;
                self.kind.set("type", key.span(), kind)
            }
            "transparent" => {
                if !input.is_empty() && !input.peek(Token![,]) {
                    return Err(Error::new(key.span(), "`transparent` takes no value"));
                }
                self.transparent.set("transparent", key.span(), key.span())
            }
            "field" => Err(Error::new(key.span(), "`field` goes on a field of the error")),
            _ => Err(unknown("argument", &key, &["expected", "type", "transparent"])),
        }
    }
}

impl SaidOfField {
    pub(super) fn parse(attributes: &[Attribute], errors: &mut Errors) -> Option<Self> {
        let mut said = Arg::default();
        each_item(attributes, errors, |input| {
            let key = key(input, "expected `field`, as in `#[span_error(field)]`")?;
            match key.to_string().as_str() {
                "field" => {
                    let (how, name) = value(input, &key)?;
                    said.set("field", key.span(), Self { at: key.span(), how, key: name })
                }
                name @ ("expected" | "type" | "transparent") => Err(Error::new(
                    key.span(),
                    format!("`{name}` goes on the type or on a variant, not on a field"),
                )),
                _ => Err(unknown("argument", &key, &["field"])),
            }
        });
        said.into_inner()
    }
}

fn each_item(
    attributes: &[Attribute],
    errors: &mut Errors,
    mut item: impl FnMut(ParseStream<'_>) -> Result<()>,
) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("span_error")) {
        let list = match &attribute.meta {
            Meta::List(list) if !list.tokens.is_empty() => list,
            other => {
                let message = "expected a list, as in `#[span_error(expected, type = \"timeout\")]`";
                errors.push(Error::new_spanned(other, message));
                continue;
            }
        };
        let parsed = list.parse_args_with(|input: ParseStream<'_>| {
            each(input, errors, |input, _| item(input));
            Ok(())
        });
        if let Err(error) = parsed {
            errors.push(error);
        }
    }
}

fn key(input: ParseStream<'_>, expected: &str) -> Result<Ident> {
    input.call(Ident::parse_any).map_err(|error| Error::new(error.span(), expected))
}

/// Nothing, `= %`, `= "key"`, or `= %"key"`.
fn value(input: ParseStream<'_>, key: &Ident) -> Result<(How, Option<LitStr>)> {
    if input.parse::<Option<Token![=]>>()?.is_none() {
        return Ok((How::Typed, None));
    }
    let how = how(input)?;
    if how != How::Typed && ends(input) {
        return Ok((how, None));
    }
    Ok((how, Some(literal(input, key, "field = \"order.id\"` or `field = %")?)))
}

fn text(input: ParseStream<'_>, key: &Ident, example: &str) -> Result<LitStr> {
    if input.parse::<Option<Token![=]>>()?.is_none() {
        return Err(no_text(key.span(), example));
    }
    literal(input, key, example)
}

fn no_text(at: Span, example: &str) -> Error {
    Error::new(at, format!("expected a string, as in `{example}`"))
}

fn literal(input: ParseStream<'_>, key: &Ident, example: &str) -> Result<LitStr> {
    let text: LitStr = input.parse().map_err(|error| no_text(error.span(), example))?;
    if text.value().is_empty() {
        return Err(Error::new(text.span(), format!("`{key}` cannot be empty")));
    }
    Ok(text)
}
