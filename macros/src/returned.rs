//! What a function returns that runs after it: a future or a stream, told by the written type.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{
    Error, GenericArgument, Path, PathArguments, ReturnType, Type, TypeParamBound, TypeTraitObject,
    parse_quote, punctuated::Punctuated, token::Plus,
};

use crate::trailing::{TrailingBox, future_output, projected};
use crate::types::Returns;

/// A future or a stream that a function returns.
pub(crate) struct Returned {
    pub(crate) what: What,
    /// It is a `Pin<Box<dyn ..>>`.
    pub(crate) boxed: bool,
    /// Only the compiler knows whether this is the type of a boxed future.
    pub(crate) alias: Option<Type>,
    /// The box in which it is, if the body ends in that.
    pub(crate) in_box: Option<TrailingBox>,
    /// The type of the future's output or of the stream's items, where the signature says it.
    pub(crate) yields: Option<Type>,
    pub(crate) at: Span,
    /// What else it is declared to be, which something put around it would not be.
    pub(crate) unfit: Option<TokenStream>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Future,
    Stream,
}

impl What {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Future => "future",
            Self::Stream => "stream",
        }
    }
}

impl Returned {
    /// A future that is there, of which nothing else is declared.
    pub(crate) fn future(output: &Returns) -> Self {
        let yields = output.nameable.clone();
        Self {
            what: What::Future,
            boxed: false,
            yields,
            at: output.at,
            unfit: None,
            alias: None,
            in_box: None,
        }
    }

    /// What the return type says. A type alias says nothing, so there it is asked whether the body ends in a future; of
    /// what is in a box only the compiler knows what it is.
    pub(crate) fn of(output: &ReturnType, ends_in_future: bool) -> Option<Self> {
        let ReturnType::Type(_, ty) = output else { return None };
        of(ty)
            .or_else(|| ends_in_future.then(|| Self::by_body(ty)))
            .or_else(|| may_be_alias(ty).then(|| Self { alias: Some((**ty).clone()), ..Self::by_body(ty) }))
    }

    /// Whether it is known what to do with it: of an alias only what is in a box.
    pub(crate) fn is_told(&self) -> bool {
        self.alias.is_none() || self.in_box.is_some()
    }

    /// A future of which only the body tells that it is one.
    fn by_body(ty: &Type) -> Self {
        let boxed = !matches!(ty, Type::ImplTrait(_));
        let yields = match future_output(ty) {
            Type::Infer(_) => boxed.then(|| projected(ty)),
            output => Some(output),
        };
        Self { what: What::Future, boxed, yields, at: ty.span(), unfit: None, alias: None, in_box: None }
    }

    /// What is wrong with it.
    pub(crate) fn misfits(&self, ret: Option<Span>) -> Vec<Error> {
        let mut errors = Vec::new();
        let what = self.what.name();
        if let Some(bound) = &self.unfit {
            let message = format!(
                "`#[traced]` puts the span around the returned {what}, which is then no `{bound}`: \
                 leave the bound out, or annotate what the {what} calls"
            );
            errors.push(Error::new(bound.span(), message));
        }
        if self.what == What::Stream && !cfg!(feature = "stream") {
            let message = "a span around a stream needs the feature `stream` of the crate `traced`: \
                           `traced = { version = \"..\", features = [\"stream\"] }`";
            errors.push(Error::new(self.at, message));
        }
        if let (What::Stream, Some(at)) = (self.what, ret) {
            let message = "`ret` records one value, and a stream has many: `stream.items` says how many";
            errors.push(Error::new(at, message));
        }
        errors
    }
}

/// Whether it may be that of a boxed future, by another name.
fn may_be_alias(ty: &Type) -> bool {
    let is_other = |path: &Path| path.segments.last().is_some_and(|last| last.ident != "Pin");
    matches!(ty, Type::Path(path) if is_other(&path.path)) && Returns::named(ty.clone()).complete
}

/// What the type says.
pub(crate) fn of(ty: &Type) -> Option<Returned> {
    match ty {
        Type::Paren(inner) => of(&inner.elem),
        Type::Group(inner) => of(&inner.elem),
        Type::ImplTrait(ty) => bounded(&ty.bounds, false, ty.span()),
        Type::Path(path) if path.qself.is_none() => boxed(&path.path),
        _ => None,
    }
}

/// `Pin<Box<dyn ..>>`, or what the crate `futures` calls it. As many call an alias of their own: only the compiler knows of
/// what that is.
fn boxed(path: &Path) -> Option<Returned> {
    let last = path.segments.last()?;
    let (what, yields) = match last.ident.to_string().as_str() {
        "Pin" => return pinned(path),
        "BoxFuture" | "LocalBoxFuture" => (What::Future, projected(path)),
        // A stream of what is not said is none that anybody could read.
        "BoxStream" | "LocalBoxStream" if names_a_type(&last.arguments) => {
            (What::Stream, parse_quote!(<#path as ::traced::__private::Stream>::Item))
        }
        _ => return None,
    };
    Some(Returned {
        what,
        boxed: true,
        yields: Some(yields),
        at: path.span(),
        unfit: None,
        alias: None,
        in_box: None,
    })
}

fn names_a_type(arguments: &PathArguments) -> bool {
    let PathArguments::AngleBracketed(arguments) = arguments else { return false };
    arguments.args.iter().any(|argument| matches!(argument, GenericArgument::Type(_)))
}

fn pinned(path: &Path) -> Option<Returned> {
    let Type::Path(inner) = only_argument(path, "Pin")? else { return None };
    match only_argument(&inner.path, "Box")? {
        Type::TraitObject(TypeTraitObject { bounds, .. }) => bounded(bounds, true, path.span()),
        _ => None,
    }
}

fn only_argument<'a>(path: &'a Path, name: &str) -> Option<&'a Type> {
    let last = path.segments.last().filter(|last| last.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}

fn bounded(bounds: &Punctuated<TypeParamBound, Plus>, boxed: bool, at: Span) -> Option<Returned> {
    let mut returned = None;
    let mut unfit = None;
    for bound in bounds {
        let TypeParamBound::Trait(bound) = bound else { continue };
        let Some(last) = bound.path.segments.last() else { continue };
        let (what, name) = match last.ident.to_string().as_str() {
            "Future" => (What::Future, "Output"),
            "Stream" => (What::Stream, "Item"),
            "Send" | "Sync" | "Unpin" | "Sized" => continue,
            _ => {
                unfit.get_or_insert_with(|| bound.to_token_stream());
                continue;
            }
        };
        let yields = match &last.arguments {
            PathArguments::AngleBracketed(arguments) => {
                arguments.args.iter().find_map(|argument| match argument {
                    GenericArgument::AssocType(ty) if ty.ident == name => Some(ty.ty.clone()),
                    _ => None,
                })
            }
            _ => None,
        };
        // A trait of the user's that has the same name: a stream of what is not said is none that anybody could read.
        if what == What::Stream && yields.is_none() {
            unfit.get_or_insert_with(|| bound.to_token_stream());
            continue;
        }
        returned = Some(Returned { what, boxed, yields, at, unfit: None, alias: None, in_box: None });
    }
    returned.map(|returned| Returned { unfit, ..returned })
}
