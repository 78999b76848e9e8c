//! The argument `err`: what is recorded of an error that is returned.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, Expr, Path, Result, Token, parenthesized, parse_quote, token};

use crate::arg::{Arg, Errors, each, inside, unknown};
use crate::args::{ends, equals};
use crate::field::{How, how};
use crate::words::Words;

const ARGUMENTS: [&str; 5] = ["expected", "type", "Debug", "Display", "level"];

/// What is recorded of an error.
pub(crate) struct ErrArg {
    pub(crate) at: Span,
    /// It is not looked at.
    pub(crate) off: bool,
    /// Its message is what it prints for programmers.
    pub(crate) debug: bool,
    /// Whether it is expected.
    pub(crate) expected: Option<OfError>,
    /// Its `error.type`.
    pub(crate) kind: Option<(How, OfError)>,
}

/// What is found out of the error.
pub(crate) enum OfError {
    /// By a function of it.
    Function(Expr),
    /// By an expression, in which `e` is the error: the span is that of an `e` in it.
    Value(Expr, Option<Span>),
}

#[derive(Default)]
struct Items {
    message: Arg<bool>,
    expected: Arg<OfError>,
    kind: Arg<(How, OfError)>,
    level: Arg<()>,
}

impl ErrArg {
    /// What follows the key.
    pub(crate) fn parse(input: ParseStream<'_>, key: &Ident, errors: &mut Errors) -> Result<Self> {
        let mut err = Self { at: key.span(), off: false, debug: false, expected: None, kind: None };
        if input.peek(token::Paren) {
            let content;
            parenthesized!(content in input);
            let mut items = Items::default();
            each(&content, errors, |input, _| items.item(input));
            err.debug = items.message.into_inner().unwrap_or(false);
            err.expected = items.expected.into_inner();
            err.kind = items.kind.into_inner();
        } else if !ends(input) {
            let has_equals = input.parse::<Option<Token![=]>>()?.is_some();
            (err.off, err.debug) = (has_equals && input.peek(off), has_equals && input.peek(Token![?]));
            if !err.off && !err.debug {
                let at = if ends(input) { key.span() } else { input.span() };
                let message = "expected `err = off` (an `Err` is not looked at) or `err = ?` (its message is what \
                               `Debug` prints), or a list, as in `err(expected, type = \"timeout\")`";
                return Err(Error::new(at, message));
            }
            input.parse::<TokenTree>()?;
        }
        Ok(err)
    }

    /// All that is evaluated.
    pub(crate) fn all(&self) -> impl Iterator<Item = &OfError> {
        self.expected.iter().chain(self.kind.as_ref().map(|(_, kind)| kind))
    }

    pub(crate) fn all_mut(&mut self) -> impl Iterator<Item = &mut OfError> {
        self.expected.iter_mut().chain(self.kind.as_mut().map(|(_, kind)| kind))
    }

    /// The words of all that is said.
    pub(crate) fn words(&self) -> Words {
        let mut tokens = TokenStream::new();
        for of in self.all() {
            of.value().to_tokens(&mut tokens);
        }
        Words::of(tokens)
    }

    /// Whether it says something of an error.
    pub(crate) fn judges(&self) -> bool {
        self.debug || self.expected.is_some() || self.kind.is_some()
    }
}

syn::custom_keyword!(off);

impl Items {
    fn item(&mut self, input: ParseStream<'_>) -> Result<()> {
        if input.peek(Token![?]) {
            let mark: Token![?] = input.parse()?;
            return self.message.set("?", mark.span, true);
        }
        if input.peek(off) {
            return Err(input.error("write `err = off`: nothing else can be said of what is not looked at"));
        }
        let key = input.call(Ident::parse_any).map_err(|error| {
            Error::new(error.span(), "expected `?`, `expected` or `type`, as in `err(type = \"timeout\")`")
        })?;
        match key.to_string().as_str() {
            "expected" => {
                let expected = match input.parse::<Option<Token![=]>>()? {
                    Some(_) => OfError::parse(input, &key, "expected = |e| e.is_timeout()")?,
                    None => OfError::Value(parse_quote!(true), None),
                };
                self.expected.set("expected", key.span(), expected)
            }
            "type" => {
                let example = "type = \"timeout\"";
                equals(input, &key, example)?;
                let how = how(input)?;
                self.kind.set("type", key.span(), (how, OfError::parse(input, &key, example)?))
            }
            // The grammar of tracing's attribute.
            "Debug" => self.message.set("Debug", key.span(), true),
            "Display" => self.message.set("Display", key.span(), false),
            "level" => {
                // What is recorded of an error depends on no level.
                equals(input, &key, "level = \"warn\"")?;
                input.parse::<Expr>()?;
                self.level.set("level", key.span(), ())
            }
            _ => Err(unknown("argument of `err`", &key, &ARGUMENTS)),
        }
    }
}

impl OfError {
    pub(crate) fn value(&self) -> &Expr {
        let (Self::Function(value) | Self::Value(value, _)) = self;
        value
    }

    fn parse(input: ParseStream<'_>, key: &Ident, example: &str) -> Result<Self> {
        if input.is_empty() || input.peek(Token![,]) {
            return Err(Error::new(key.span(), format!("expected a value, as in `{example}`")));
        }
        let value: Expr = input.parse()?;
        let error = find(&value.to_token_stream(), "e");
        Ok(match inside(&value) {
            Expr::Closure(_) => Self::Function(value),
            Expr::Path(path) if error.is_none() && names_function(&path.path) => Self::Function(value),
            _ => Self::Value(value, error),
        })
    }
}

/// Whether the path is that of a function: constants, and variants of enums, start upper case.
fn names_function(path: &Path) -> bool {
    let last = path.segments.last().map(|segment| segment.ident.unraw().to_string());
    last.is_some_and(|last| !last.starts_with(char::is_uppercase))
}

/// Where the name is mentioned, be it in the text of a `"{name}"`: who binds it must do so there, or the mention
/// would not see it.
pub(crate) fn find(tokens: &TokenStream, name: &str) -> Option<Span> {
    tokens.clone().into_iter().find_map(|token| match token {
        TokenTree::Ident(ident) => (ident == name).then(|| ident.span()),
        TokenTree::Group(group) => find(&group.stream(), name),
        TokenTree::Literal(literal) => {
            let text = literal.to_string();
            let ends = [format!("{{{name}}}"), format!("{{{name}:")];
            ends.iter().any(|mention| text.contains(mention)).then(|| literal.span())
        }
        TokenTree::Punct(_) => None,
    })
}
