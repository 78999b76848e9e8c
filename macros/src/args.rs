//! What the user wrote between the parentheses. Every key keeps its span.

use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Error, Expr, Lit, LitStr, Result, Token, parenthesized, token};

use crate::arg::{Arg, Errors, each, unknown};
use crate::err::ErrArg;

const ARGUMENTS: [&str; 6] = ["name", "kind", "fields", "err", "cancel", "leaf"];
const KINDS: [&str; 5] = ["Internal", "Server", "Client", "Producer", "Consumer"];

/// The arguments of the attribute.
#[derive(Default)]
pub(crate) struct Args {
    pub(crate) name: Arg<LitStr>,
    pub(crate) kind: Arg<KindArg>,
    pub(crate) fields: Arg<Vec<FieldArg>>,
    pub(crate) err: Arg<ErrArg>,
    /// `cancel = error`.
    pub(crate) cancel: Arg<Span>,
    pub(crate) leaf: Arg<()>,
}

/// The value of `kind`.
pub(crate) enum KindArg {
    /// One of the five, by its name.
    Variant(Ident),
    /// A constant expression.
    Const(Expr),
}

/// One of `fields(..)`.
pub(crate) struct FieldArg {
    pub(crate) key: String,
    pub(crate) at: Span,
    pub(crate) how: How,
    pub(crate) value: FieldValue,
}

/// How a value becomes an attribute.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// As it is.
    Typed,
    /// As what it prints for users: `%value`.
    Display,
    /// As what it prints for programmers: `?value`.
    Debug,
}

/// Where the value of a field comes from.
pub(crate) enum FieldValue {
    /// `key = value`.
    Given(Box<Expr>),
    /// `parameter` or `parameter.part`: the key says it.
    Shorthand(Vec<Ident>),
}

impl Args {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut args = Self::default();
        let parser = |input: ParseStream<'_>| {
            each(input, errors, |input, errors| args.argument(input, errors));
            Ok(())
        };
        if let Err(error) = parser.parse2(tokens) {
            errors.push(error);
        }
        args
    }

    fn argument(&mut self, input: ParseStream<'_>, errors: &mut Errors) -> Result<()> {
        if input.peek(Lit) {
            let name =
                name(input, "expected the name of the span as a string, as in `#[traced(\"checkout\")]`")?;
            return self.name.set("name", name.span(), name);
        }
        let key = input.call(Ident::parse_any)?;
        match key.to_string().as_str() {
            "name" => {
                equals(input, &key, "name = \"checkout\"")?;
                let name = name(input, "expected a string, as in `name = \"checkout\"`")?;
                self.name.set("name", key.span(), name)
            }
            "kind" => {
                equals(input, &key, "kind = Server")?;
                self.kind.set("kind", key.span(), kind(input)?)
            }
            "fields" => {
                if !input.peek(token::Paren) {
                    let message = "expected a list, as in `fields(key = value, %customer, ?items)`";
                    return Err(Error::new(key.span(), message));
                }
                let content;
                parenthesized!(content in input);
                let mut fields = Vec::new();
                each(&content, errors, |input, _| {
                    fields.push(field(input)?);
                    Ok(())
                });
                self.fields.set("fields", key.span(), fields)
            }
            "err" => {
                let err = ErrArg::parse(input, &key, errors)?;
                self.err.set("err", key.span(), err)
            }
            "cancel" => {
                let expected = "expected `error`, as in `cancel = error`; else leave it out";
                let is_error = input.parse::<Option<Token![=]>>()?.is_some()
                    && input.parse::<Ident>().is_ok_and(|value| value == "error");
                if !is_error {
                    return Err(Error::new(key.span(), expected));
                }
                self.cancel.set("cancel", key.span(), key.span())
            }
            "leaf" => {
                if !input.is_empty() && !input.peek(Token![,]) {
                    return Err(Error::new(
                        key.span(),
                        "`leaf` takes no value: write `leaf` alone, or leave it out",
                    ));
                }
                self.leaf.set("leaf", key.span(), ())
            }
            name if KINDS.contains(&name) => {
                let message = format!("`{name}` is a kind: write `kind = {name}`");
                Err(Error::new(key.span(), message))
            }
            _ => Err(unknown("argument", &key, &ARGUMENTS)),
        }
    }
}

pub(crate) fn equals(input: ParseStream<'_>, key: &Ident, example: &str) -> Result<()> {
    match input.parse::<Option<Token![=]>>()? {
        Some(_) => Ok(()),
        None => Err(Error::new(key.span(), format!("expected a value, as in `{example}`"))),
    }
}

fn name(input: ParseStream<'_>, expected: &str) -> Result<LitStr> {
    let value: Expr = input.parse()?;
    match &value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(name) if name.value().is_empty() => {
                Err(Error::new(name.span(), "the name of a span cannot be empty"))
            }
            Lit::Str(name) => Ok(name.clone()),
            other => Err(Error::new(other.span(), expected)),
        },
        other => Err(Error::new(other.span(), expected)),
    }
}

fn kind(input: ParseStream<'_>) -> Result<KindArg> {
    let value: Expr = input.parse()?;
    match &value {
        Expr::Path(path) if path.qself.is_none() => match path.path.get_ident() {
            Some(ident) if KINDS.contains(&ident.to_string().as_str()) => Ok(KindArg::Variant(ident.clone())),
            Some(ident) => Err(unknown("kind", ident, &KINDS)),
            None => Ok(KindArg::Const(value)),
        },
        Expr::Lit(literal) => {
            let list = KINDS.map(|kind| format!("`{kind}`")).join(", ");
            let message = format!("expected one of {list}, or a constant of type `traced::Kind`");
            Err(Error::new(literal.lit.span(), message))
        }
        _ => Ok(KindArg::Const(value)),
    }
}

fn field(input: ParseStream<'_>) -> Result<FieldArg> {
    let sigil_at = input.span();
    let sigil = how(input)?;
    let at = input.span();
    let (key, path) = key(input)?;
    if input.parse::<Option<Token![=]>>()?.is_none() {
        let Some(path) = path else {
            return Err(Error::new(at, format!("expected a value, as in `{key:?} = value`")));
        };
        return Ok(FieldArg { key, at, how: sigil, value: FieldValue::Shorthand(path) });
    }
    if sigil != How::Typed {
        let mark = if sigil == How::Display { '%' } else { '?' };
        return Err(Error::new(sigil_at, format!("put `{mark}` before the value: `{key} = {mark}..`")));
    }
    let how = how(input)?;
    if input.is_empty() || input.peek(Token![,]) {
        return Err(Error::new(at, format!("expected a value, as in `{key} = value`")));
    }
    Ok(FieldArg { key, at, how, value: FieldValue::Given(input.parse()?) })
}

pub(crate) fn how(input: ParseStream<'_>) -> Result<How> {
    Ok(if input.parse::<Option<Token![%]>>()?.is_some() {
        How::Display
    } else if input.parse::<Option<Token![?]>>()?.is_some() {
        How::Debug
    } else {
        How::Typed
    })
}

/// A key, and the path that it is if it is none in quotes.
fn key(input: ParseStream<'_>) -> Result<(String, Option<Vec<Ident>>)> {
    if input.peek(Lit) {
        let literal: LitStr = input.parse().map_err(|error| {
            Error::new(error.span(), "expected a key: `name`, `dotted.name` or `\"any text\"`")
        })?;
        if literal.value().is_empty() {
            return Err(Error::new(literal.span(), "a key cannot be empty"));
        }
        return Ok((literal.value(), None));
    }
    let mut path = vec![segment(input)?];
    while input.parse::<Option<Token![.]>>()?.is_some() {
        path.push(segment(input)?);
    }
    let key = path.iter().map(|ident| ident.unraw().to_string()).collect::<Vec<_>>().join(".");
    Ok((key, Some(path)))
}

fn segment(input: ParseStream<'_>) -> Result<Ident> {
    // Any keyword can be a key: `type`.
    input
        .call(Ident::parse_any)
        .map_err(|error| Error::new(error.span(), "expected a key: `name`, `dotted.name` or `\"any text\"`"))
}
