//! Where a span begins, and what it is linked to: `root`, `parent`, `links`, `follows_from`.

use proc_macro2::Span;
use syn::{Error, Expr};

use crate::arg::Errors;

/// Where a span begins, if not where the call is made.
pub(crate) enum Place {
    /// Without a parent.
    Root,
    /// In what this names.
    In(Expr),
}

impl Place {
    /// What names it.
    pub(crate) fn expression(&self) -> Option<&Expr> {
        match self {
            Self::Root => None,
            Self::In(place) => Some(place),
        }
    }

    pub(crate) fn expression_mut(&mut self) -> Option<&mut Expr> {
        match self {
            Self::Root => None,
            Self::In(place) => Some(place),
        }
    }
}

/// `parent = ..`: `None` is no parent, as `tracing` has it.
pub(crate) fn parent(value: Expr) -> Place {
    match &value {
        Expr::Path(path) if path.path.is_ident("None") => Place::Root,
        _ => Place::In(value),
    }
}

/// `links = [a, b]`: each may be of a type of its own. Else one, or a list of them.
pub(crate) fn links(value: Expr) -> Vec<Expr> {
    match value {
        Expr::Array(list) => list.elems.into_iter().collect(),
        value => vec![value],
    }
}

/// What `root` and `parent` come to.
pub(crate) fn place(root: Option<Span>, parent: Option<(Span, Place)>, errors: &mut Errors) -> Option<Place> {
    match (root, parent) {
        (Some(_), Some((at, _))) => {
            errors.push(Error::new(at, "a `root` has no parent: leave one of them out"));
            None
        }
        (Some(_), None) => Some(Place::Root),
        (None, parent) => parent.map(|(_, place)| place),
    }
}
