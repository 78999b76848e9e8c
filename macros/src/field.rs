//! One field, as written in `fields(..)` and in `record!(..)`.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, Expr, Lit, LitStr, Result, Token};

/// A key, and where its value comes from.
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
    /// As it is if it can be, else as what it prints for programmers, if anything; else nothing is recorded.
    Any,
    /// The same, but it must be one of the two.
    Either,
}

/// Where the value of a field comes from.
pub(crate) enum FieldValue {
    /// `key = value`.
    Given(Box<Expr>),
    /// `parameter` or `parameter.part`: the key says it.
    Shorthand(Vec<Ident>),
    /// `key = Empty`: declared for `record!`.
    Late,
}

pub(crate) fn field(input: ParseStream<'_>) -> Result<FieldArg> {
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
    let value: Expr = input.parse()?;
    let value = if how == How::Typed && is_empty(&value) {
        FieldValue::Late
    } else {
        FieldValue::Given(Box::new(value))
    };
    Ok(FieldArg { key, at, how, value })
}

/// `%` or `?`, if any.
pub(crate) fn how(input: ParseStream<'_>) -> Result<How> {
    Ok(if input.parse::<Option<Token![%]>>()?.is_some() {
        How::Display
    } else if input.parse::<Option<Token![?]>>()?.is_some() {
        How::Debug
    } else {
        How::Typed
    })
}

/// `Empty`, or as `tracing` has it: `field::Empty`, `tracing::field::Empty`.
fn is_empty(value: &Expr) -> bool {
    let Expr::Path(path) = value else { return false };
    let mut segments = path.path.segments.iter().rev();
    path.qself.is_none()
        && segments.next().is_some_and(|segment| segment.ident == "Empty")
        && segments.next().is_none_or(|segment| segment.ident == "field")
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
