//! Values that go into a static: `kind`, `target`, `scope`. The compiler would name that static, which the user has not
//! written, where they mention what it cannot.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::visit_mut::{VisitMut, visit_path_mut};
use syn::{Error, Expr, GenericParam, Generics, Path, Result};

use crate::err::find;

pub(crate) fn of_no_type(value: &Expr, key: &Ident) -> Result<()> {
    let Some(at) = find(&value.to_token_stream(), "Self") else { return Ok(()) };
    let message = format!(
        "`Self` is not known in `{key}`, whose value is made once for the program: write the name of the type"
    );
    Err(Error::new(at, message))
}

/// An error for each value that mentions a generic parameter of the function.
pub(crate) fn of_no_parameter<'a>(
    values: impl Iterator<Item = (&'a str, Option<&'a Expr>)>,
    generics: &Generics,
) -> impl Iterator<Item = Error> {
    values.filter_map(|(key, value)| of_parameter(value, key, generics))
}

fn of_parameter(value: Option<&Expr>, key: &str, generics: &Generics) -> Option<Error> {
    let mut find = Generic { generics, found: None };
    find.visit_expr_mut(&mut value?.clone());
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
