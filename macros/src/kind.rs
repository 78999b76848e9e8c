//! `kind = ..`: one of the five, or a constant.

use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::{Error, Expr, Result};

use crate::arg::unknown;
use crate::statics::of_no_type;

pub(crate) const KINDS: [&str; 5] = ["Internal", "Server", "Client", "Producer", "Consumer"];

/// The value of `kind`.
#[derive(Clone)]
pub(crate) enum KindArg {
    /// One of the five, by its name.
    Variant(Ident),
    /// A constant expression.
    Const(Expr),
}

impl KindArg {
    pub(crate) fn expression(&self) -> Option<&Expr> {
        match self {
            Self::Variant(_) => None,
            Self::Const(kind) => Some(kind),
        }
    }
}

/// What follows `kind =`.
pub(crate) fn kind(input: ParseStream<'_>, key: &Ident) -> Result<KindArg> {
    let value: Expr = input.parse()?;
    of_no_type(&value, key)?;
    match &value {
        Expr::Path(path) if path.qself.is_none() => match path.path.get_ident() {
            Some(ident) if KINDS.contains(&ident.to_string().as_str()) => Ok(KindArg::Variant(ident.clone())),
            Some(ident) if ident.to_string().contains(char::is_lowercase) => {
                Err(unknown("kind", ident, &KINDS))
            }
            Some(ident) => {
                let list = KINDS.map(|kind| format!("`{kind}`")).join(", ");
                let message = format!(
                    "expected one of {list}; a constant goes by a path or in braces: \
                     `kind = self::{ident}`, `kind = {{ {ident} }}`"
                );
                Err(Error::new(ident.span(), message))
            }
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
