//! What `err` says is evaluated after the body, which by then has taken its parameters.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::visit_mut::{VisitMut, visit_expr_mut, visit_pat_ident_mut};
use syn::{Expr, FnArg, GenericParam, Pat, PatIdent, PatType, ReceiverKind, Signature, Type};

use crate::arg::inside;
use crate::body::{Body, Work};
use crate::err::{ErrArg, OfError};
use crate::this;
use crate::types::never_drops;
use crate::words::plain;

/// Takes names of parameters for what they are, and no longer for functions of the error.
pub(crate) fn settled(mut err: ErrArg, signature: &Signature) -> ErrArg {
    let is_value = |name: &Ident| {
        let argument = arguments(signature).find(|argument| binds(&argument.pat, name));
        argument.is_some_and(|argument| !may_be_function(&argument.ty, signature))
    };
    for of in err.all_mut() {
        if let OfError::Function(Expr::Path(path)) = of
            && path.path.get_ident().is_some_and(is_value)
        {
            *of = OfError::Value(Expr::Path(path.clone()), None);
        }
    }
    err
}

/// Where it mentions what has to be `Copy` to be there yet: as far as that is certain, as each mention is told to be wrong if
/// it is not. The compiler tells of the others that they were moved, in code that the user has not written.
pub(crate) fn mentioned(err: &ErrArg, signature: &Signature, body: &Body) -> Vec<Ident> {
    let takes_all = match &body.work {
        Work::Sync(_) | Work::Async(_) => true,
        Work::Returned(_, returned) => returned.in_box.is_none(),
        Work::Guarded(_) | Work::Future(_) | Work::ReturnedHere(..) => false,
    };
    let is_taken = |name: &str, drops: bool| drops && takes_all || body.words.mention(name);
    let mut mentioned = Vec::new();
    for of in err.all() {
        let value = of.value().to_token_stream();
        if let Some(receiver) = signature.receiver()
            && let Some(at) = this::find(&value)
            && receiver_may_be_gone(&receiver.kind)
            && is_taken("self", !matches!(receiver.kind, ReceiverKind::Reference(..)))
        {
            mentioned.push(Ident::new("self", at));
        }
        for argument in arguments(signature) {
            if let Pat::Ident(name) = &*argument.pat
                && !is_shared(&argument.ty)
                && is_taken(&plain(&name.ident), !never_drops(&argument.ty))
            {
                mentioned.extend(variable(of, &name.ident));
            }
        }
    }
    mentioned
}

fn arguments(signature: &Signature) -> impl Iterator<Item = &PatType> {
    signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(argument) => Some(argument),
        FnArg::Receiver(_) => None,
    })
}

/// Whether the pattern binds the name.
fn binds(pattern: &Pat, name: &Ident) -> bool {
    struct Names<'a>(&'a Ident, bool);
    impl VisitMut for Names<'_> {
        fn visit_pat_ident_mut(&mut self, pattern: &mut PatIdent) {
            self.1 |= pattern.ident == *self.0;
            visit_pat_ident_mut(self, pattern);
        }
    }
    let mut names = Names(name, false);
    names.visit_pat_mut(&mut pattern.clone());
    names.1
}

/// Whether it may be a function of the error: an `impl Fn(..)`, an `F` of which only bounds tell.
fn may_be_function(ty: &Type, signature: &Signature) -> bool {
    match ty {
        Type::Reference(reference) => may_be_function(&reference.elem, signature),
        Type::Paren(inner) => may_be_function(&inner.elem, signature),
        Type::Group(inner) => may_be_function(&inner.elem, signature),
        Type::ImplTrait(_) | Type::TraitObject(_) | Type::FnPtr(_) => true,
        Type::Path(path) => {
            let parameters = &signature.generics.params;
            parameters.iter().any(|it| matches!(it, GenericParam::Type(ty) if path.path.is_ident(&ty.ident)))
        }
        _ => false,
    }
}

fn receiver_may_be_gone(kind: &ReceiverKind) -> bool {
    match kind {
        ReceiverKind::Reference(_, _, mutability) => mutability.is_some(),
        ReceiverKind::Typed(_, ty) => !is_shared(ty),
        _ => true,
    }
}

fn is_shared(ty: &Type) -> bool {
    match ty {
        Type::Reference(reference) => reference.mutability.is_none(),
        Type::Paren(inner) => is_shared(&inner.elem),
        Type::Group(inner) => is_shared(&inner.elem),
        ty => never_drops(ty),
    }
}

/// Where the variable is mentioned, if nothing in there may bind another of that name.
fn variable(of: &OfError, name: &Ident) -> Option<Ident> {
    let mut value = inside(of.value()).clone();
    if matches!(of, OfError::Value(_, Some(_))) && name == "e" {
        return None;
    }
    if let Expr::Closure(closure) = value {
        if closure.inputs.iter().any(|input| binds(input, name)) {
            return None;
        }
        value = *closure.body;
    }
    let mut mention = Mention { name, found: None, may_bind: false };
    mention.visit_expr_mut(&mut value);
    mention.found.filter(|_| !mention.may_bind)
}

struct Mention<'a> {
    name: &'a Ident,
    found: Option<Ident>,
    may_bind: bool,
}

impl VisitMut for Mention<'_> {
    fn visit_expr_mut(&mut self, value: &mut Expr) {
        if let Expr::Path(path) = value
            && let Some(word) = path.path.get_ident().filter(|word| *word == self.name)
        {
            self.found.get_or_insert_with(|| word.clone());
        }
        self.may_bind |= matches!(
            value,
            Expr::Closure(_)
                | Expr::Block(_)
                | Expr::Let(_)
                | Expr::Match(_)
                | Expr::Macro(_)
                | Expr::Verbatim(_)
        );
        visit_expr_mut(self, value);
    }
}
