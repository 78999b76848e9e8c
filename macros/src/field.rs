//! One field, as written in `fields(..)` and in `record!(..)`.

use std::fmt;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, Expr, Lit, LitStr, Result, Token, token};

use crate::arg::inside;

/// A key, and where its value comes from.
pub(crate) struct FieldArg {
    pub(crate) key: Key,
    pub(crate) at: Span,
    pub(crate) how: How,
    pub(crate) value: FieldValue,
}

/// The key of an attribute.
#[derive(Clone)]
pub(crate) enum Key {
    Text(String),
    /// `{CONSTANT}`: what is in the braces, and all of it as text.
    Constant(TokenStream, String),
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
    if input.peek(Token![:]) && !input.peek(Token![::]) {
        return Err(input.error(format!("expected `=`, as in `{key} = value`")));
    }
    if input.parse::<Option<Token![=]>>()?.is_none() {
        let Some(path) = path else {
            return Err(Error::new(at, format!("expected a value, as in `{} = value`", key.written())));
        };
        if !(input.is_empty() || input.peek(Token![,])) {
            let expected = "expected `,` or `=`";
            if input.peek(syn::Ident) || input.peek(Lit) {
                return Err(input.error(expected));
            }
            let message = format!(
                "{expected}: a value that is no parameter, nor a part of one, gets a key, as in `value = {key}..`, and a \
                 key that is no name goes in quotes"
            );
            return Err(input.error(message));
        }
        return Ok(FieldArg { key, at, how: sigil, value: FieldValue::Shorthand(path) });
    }
    if sigil != How::Typed {
        let mark = if sigil == How::Display { '%' } else { '?' };
        let message = match how(input)? {
            How::Typed => format!("put `{mark}` before the value: `{key} = {mark}..`"),
            _ => format!("leave this `{mark}` out: the value has a mark of its own"),
        };
        return Err(Error::new(sigil_at, message));
    }
    let mut how = how(input)?;
    if input.is_empty() || input.peek(Token![,]) {
        return Err(Error::new(at, format!("expected a value, as in `{key} = value`")));
    }
    let mut value: Expr = input.parse()?;
    if how == How::Typed {
        if is_empty(&value) {
            return Ok(FieldArg { key, at, how, value: FieldValue::Late });
        }
        if let Some((printed, inner)) = printed(&value) {
            (how, value) = (printed, inner);
        }
    }
    Ok(FieldArg { key, at, how, value: FieldValue::Given(Box::new(value)) })
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
    let Expr::Path(path) = inside(value) else { return false };
    let mut segments = path.path.segments.iter().rev();
    path.qself.is_none()
        && segments.next().is_some_and(|segment| segment.ident == "Empty")
        && segments.next().is_none_or(|segment| segment.ident == "field")
}

/// `%value` and `?value` as `tracing` has them besides: `tracing::field::display(value)`, `field::debug(value)`.
fn printed(value: &Expr) -> Option<(How, Expr)> {
    let Expr::Call(call) = inside(value) else { return None };
    let (Expr::Path(function), Some(argument), 1) = (&*call.func, call.args.first(), call.args.len()) else {
        return None;
    };
    let segments: Vec<String> =
        function.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let how = match segments.last()?.as_str() {
        "display" => How::Display,
        "debug" => How::Debug,
        _ => return None,
    };
    let before: Vec<&str> = segments.iter().rev().skip(1).map(String::as_str).collect();
    matches!(before.as_slice(), ["field"] | ["field", "tracing"]).then(|| (how, argument.clone()))
}

/// A key, and the path that it is if it is none in quotes or braces.
pub(crate) fn key(input: ParseStream<'_>) -> Result<(Key, Option<Vec<Ident>>)> {
    if input.peek(token::Brace) {
        let braces: Group = input.parse()?;
        let constant: Expr = syn::parse2(braces.stream()).map_err(|_| {
            Error::new(braces.span(), "expected a constant that is the key, as in `{KEY} = value`")
        })?;
        let tokens = constant.into_token_stream();
        let told = format!("{{{}}}", tokens.to_string().replace(' ', ""));
        return Ok((Key::Constant(tokens, told), None));
    }
    if input.peek(Lit) {
        let literal: LitStr = input.parse().map_err(|error| Error::new(error.span(), EXPECTED_KEY))?;
        if literal.value().is_empty() {
            return Err(Error::new(literal.span(), "a key cannot be empty"));
        }
        return Ok((Key::Text(literal.value()), None));
    }
    let mut path = vec![segment(input)?];
    while input.parse::<Option<Token![.]>>()?.is_some() {
        if input.peek(Lit) && !input.peek(LitStr) {
            return Err(input.error(NUMBERED_PART));
        }
        path.push(segment(input)?);
    }
    let key = path.iter().map(|ident| ident.unraw().to_string()).collect::<Vec<_>>().join(".");
    Ok((Key::Text(key), Some(path)))
}

fn segment(input: ParseStream<'_>) -> Result<Ident> {
    // Any keyword can be a key: `type`.
    input.call(Ident::parse_any).map_err(|error| Error::new(error.span(), EXPECTED_KEY))
}

const NUMBERED_PART: &str = "a part with a number is no key: give it one, as in `first = self.0`";

const EXPECTED_KEY: &str = "expected a key: `name`, `dotted.name`, `\"any text\"` or `{CONSTANT}`";

impl Key {
    /// The key as text, if it is known here.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Constant(..) => None,
        }
    }

    /// Of a constant nothing is known but how it is written.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) | (Self::Constant(_, a), Self::Constant(_, b)) => a == b,
            _ => false,
        }
    }

    /// An expression of text.
    pub(crate) fn value(&self) -> TokenStream {
        match self {
            Self::Text(text) => text.to_token_stream(),
            // The compiler sees to it that it is one.
            Self::Constant(constant, _) => quote!(const { #constant }),
        }
    }

    /// As it may always be written.
    pub(crate) fn written(&self) -> String {
        match self {
            Self::Text(text) => format!("{text:?}"),
            Self::Constant(_, told) => told.clone(),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Text(text) | Self::Constant(_, text)) = self;
        f.write_str(text)
    }
}

/// As it is written.
impl ToTokens for Key {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Text(text) => text.to_tokens(tokens),
            Self::Constant(constant, _) => Group::new(Delimiter::Brace, constant.clone()).to_tokens(tokens),
        }
    }
}
