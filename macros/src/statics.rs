//! Values that go into a static: `kind`, `target`, `scope`. The compiler would name that static, which the user has not
//! written, where they mention what it cannot.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::visit_mut::{VisitMut, visit_path_mut};
use syn::{Error, Expr, GenericParam, Generics, Path, Result};

use crate::arg::inside;
use crate::capture::Parameters;
use crate::err::find;
use crate::words::plain;

pub(crate) fn of_no_type(value: &Expr, key: &Ident) -> Result<()> {
    let Some(at) = find(&value.to_token_stream(), "Self") else { return Ok(()) };
    let message = format!(
        "`Self` is not known in `{key}`, whose value is made once for the program: write the name of the type"
    );
    Err(Error::new(at, message))
}

/// An error for each value that is a parameter of the function, or mentions a generic one.
pub(crate) fn of_no_parameter<'a>(
    values: impl Iterator<Item = (&'a str, Option<&'a Expr>)>,
    parameters: &Parameters,
    generics: &Generics,
) -> impl Iterator<Item = Error> {
    values.filter_map(|(key, value)| {
        is_parameter(value?, key, parameters).or_else(|| of_parameter(value?, key, generics))
    })
}

fn is_parameter(value: &Expr, key: &str, parameters: &Parameters) -> Option<Error> {
    let value = match inside(value) {
        Expr::Reference(reference) => inside(&reference.expr),
        value => value,
    };
    let Expr::Path(path) = value else { return None };
    let name = path.path.get_ident().filter(|name| parameters.has(&plain(name)))?;
    let message = format!(
        "`{name}` is not known in `{key}`, whose value is made once for the program: write a constant, or record \
         it as a field: `fields({name})`"
    );
    Some(Error::new(name.span(), message))
}

fn of_parameter(value: &Expr, key: &str, generics: &Generics) -> Option<Error> {
    let mut find = Generic { generics, found: None };
    find.visit_expr_mut(&mut value.clone());
    let found = find.found?;
    let message = format!(
        "`{found}` is not known in `{key}`, whose value is made once for the program: write a constant that \
         is the same for each `{found}`"
    );
    Some(Error::new(found.span(), message))
}

struct Generic<'a> {
    generics: &'a Generics,
    found: Option<Ident>,
}

impl VisitMut for Generic<'_> {
    fn visit_path_mut(&mut self, path: &mut Path) {
        let is_first = |ident: &Ident| path.segments.first().is_some_and(|first| first.ident == *ident);
        let is_named = self.generics.params.iter().any(|parameter| match parameter {
            GenericParam::Type(ty) => is_first(&ty.ident),
            GenericParam::Const(constant) => is_first(&constant.ident),
            GenericParam::Lifetime(_) => false,
        });
        if is_named && path.leading_colon.is_none() && self.found.is_none() {
            self.found = path.segments.first().map(|first| first.ident.clone());
        }
        visit_path_mut(self, path);
    }
}
