//! `level = ..`, as `#[instrument]` takes it.

use proc_macro2::{Ident, Span};
use syn::spanned::Spanned;
use syn::{Error, Expr, Lit, Result};

use crate::arg::{closest, inside};

/// The names as text, and the variants that they are; their order is that of the numbers from 1.
const LEVELS: [(&str, &str); 5] =
    [("trace", "Trace"), ("debug", "Debug"), ("info", "Info"), ("warn", "Warn"), ("error", "Error")];

const EXPECTED: &str = "expected `\"trace\"`, `\"debug\"`, `\"info\"`, `\"warn\"` or `\"error\"`; \
                        `Level::DEBUG` and a number from 1 (trace) to 5 (error) are understood too";

/// The variant of `Level` that is meant. A path is known by its end and not evaluated: so what `tracing` calls a level is
/// understood also where `tracing` is gone.
pub(crate) fn level(value: &Expr) -> Result<Ident> {
    let (index, at) = match inside(value) {
        Expr::Lit(literal) => (of_literal(&literal.lit)?, literal.span()),
        Expr::Path(path) => {
            let last = path.path.segments.last();
            (last.and_then(|last| named(&last.ident.to_string(), str::to_uppercase)), path.span())
        }
        other => (None, other.span()),
    };
    match index.and_then(|index| LEVELS.get(index)) {
        Some((_, variant)) => Ok(Ident::new(variant, Span::call_site())),
        None if matches!(inside(value), Expr::Lit(_)) => Err(Error::new(at, EXPECTED)),
        None => {
            let message = format!("a level is not evaluated, so it must be written out: {EXPECTED}");
            Err(Error::new(at, message))
        }
    }
}

fn of_literal(literal: &Lit) -> Result<Option<usize>> {
    match literal {
        Lit::Str(text) => {
            let name = text.value().to_lowercase();
            let found = named(&name, str::to_owned);
            if found.is_none()
                && let Some(guess) = closest(&name, &LEVELS.map(|(name, _)| name))
            {
                let message = format!("there is no level `{name}`; did you mean `\"{guess}\"`?");
                return Err(Error::new(text.span(), message));
            }
            Ok(found)
        }
        Lit::Int(number) => Ok(number.base10_parse::<usize>().ok().and_then(|number| number.checked_sub(1))),
        _ => Ok(None),
    }
}

fn named(name: &str, written: impl Fn(&str) -> String) -> Option<usize> {
    LEVELS.iter().position(|(level, _)| written(level) == name)
}
