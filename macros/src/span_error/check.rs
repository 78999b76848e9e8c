//! Attributes × type → the model, or what is wrong.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::visit_mut::{VisitMut, visit_path_mut};
use syn::{Data, DeriveInput, Error, Fields, Generics, LitStr, Member, Path, Type};

use super::parse::{Said, SaidOfField};
use crate::arg::Errors;
use crate::field::How;

/// All that the generated code depends on.
pub(super) struct Model {
    pub(super) name: Ident,
    pub(super) generics: Generics,
    pub(super) cases: Vec<Case>,
}

/// A struct, or a variant of an enum.
pub(super) struct Case {
    /// What matches it: `Self` or `Self::Variant`.
    pub(super) path: TokenStream,
    pub(super) expected: bool,
    pub(super) kind: Option<LitStr>,
    /// The field that is asked instead.
    pub(super) inner: Option<(Member, Type)>,
    pub(super) attributes: Vec<Attribute>,
}

/// A field that is an attribute of the span.
pub(super) struct Attribute {
    pub(super) member: Member,
    pub(super) ty: Type,
    pub(super) how: How,
    pub(super) key: String,
}

/// What is said of the type, for all of its variants.
#[derive(Default)]
struct Common {
    expected: bool,
    kind: Option<LitStr>,
}

pub(super) fn check(input: DeriveInput, errors: &mut Errors) -> Option<Model> {
    let said = Said::parse(&input.attrs, errors);
    let cases = match &input.data {
        Data::Struct(data) => vec![case(quote!(Self), said, &data.fields, &Common::default(), errors)],
        Data::Enum(data) => {
            if let Some(at) = said.transparent.into_inner() {
                let message = "`transparent` goes on a variant: each holds an error of its own, or none";
                errors.push(Error::new(at, message));
            }
            let common = Common {
                expected: said.expected.into_inner().is_some_and(|expected| expected.value),
                kind: said.kind.into_inner(),
            };
            let mut cases = Vec::new();
            for variant in &data.variants {
                let name = &variant.ident;
                let said = Said::parse(&variant.attrs, errors);
                cases.push(case(quote!(Self::#name), said, &variant.fields, &common, errors));
            }
            cases
        }
        Data::Union(data) => {
            let message = "a union cannot say what it is: implement `SpanError` by hand";
            errors.push(Error::new(data.union_token.span, message));
            return None;
        }
    };
    Some(Model { name: input.ident, generics: bounded(input.generics, &cases), cases })
}

fn case(path: TokenStream, said: Said, fields: &Fields, common: &Common, errors: &mut Errors) -> Case {
    let mut attributes = Vec::new();
    for (field, member) in fields.iter().zip(fields.members()) {
        let Some(said) = SaidOfField::parse(&field.attrs, errors) else { continue };
        let key = match (said.key, &member) {
            (Some(key), _) => key.value(),
            (None, Member::Named(name)) => name.unraw().to_string(),
            (None, Member::Unnamed(_)) => {
                let message = "the field has no name: give a key, as in `field = \"order.id\"`";
                errors.push(Error::new(said.at, message));
                continue;
            }
        };
        attributes.push(Attribute { member, ty: field.ty.clone(), how: said.how, key });
    }
    let (expected, kind) = (said.expected.into_inner(), said.kind.into_inner());
    let mut inner = None;
    if let Some(at) = said.transparent.into_inner() {
        if expected.is_some() || kind.is_some() {
            let message = "with `transparent` the inner error says all: leave out either that or the rest";
            errors.push(Error::new(at, message));
        }
        match (fields.members().next(), fields.iter().next()) {
            (Some(member), Some(field)) if fields.len() == 1 => inner = Some((member, field.ty.clone())),
            _ => {
                let message = "`transparent` asks the one field that there is: this has none, or several";
                errors.push(Error::new(at, message));
            }
        }
    }
    Case {
        path,
        expected: expected.map_or(common.expected, |expected| expected.value),
        kind: kind.or_else(|| common.kind.clone()),
        inner,
        attributes,
    }
}

/// The generics, with the bounds that the implementation needs: it must be an error, and so must be what is asked.
fn bounded(mut generics: Generics, cases: &[Case]) -> Generics {
    let parameters: Vec<Ident> = generics.type_params().map(|parameter| parameter.ident.clone()).collect();
    if !parameters.is_empty() {
        let bounds = generics.make_where_clause();
        bounds.predicates.push(syn::parse_quote!(Self: ::core::error::Error));
        for (_, ty) in cases.iter().filter_map(|case| case.inner.as_ref()) {
            if mentions_any(ty, &parameters) {
                bounds.predicates.push(syn::parse_quote!(#ty: ::traced::__private::SpanError));
            }
        }
    }
    generics
}

fn mentions_any(ty: &Type, parameters: &[Ident]) -> bool {
    struct Find<'a>(&'a [Ident], bool);
    impl VisitMut for Find<'_> {
        fn visit_path_mut(&mut self, path: &mut Path) {
            let first = path.segments.first().map(|segment| &segment.ident);
            self.1 |= first.is_some_and(|first| self.0.contains(first));
            visit_path_mut(self, path);
        }
    }
    let mut find = Find(parameters, false);
    find.visit_type_mut(&mut ty.clone());
    find.1
}
