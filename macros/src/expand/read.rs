//! What is shown to a tool that reads the program and runs nothing: the function as it is written, so that what is said of
//! it is what would be said without the attribute. What the arguments mention is used before the statements.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::visit_mut::{VisitMut, visit_trait_bound_mut};
use syn::{Lifetime, TraitBound, Type, TypeFnPtr};

use super::begin::{entered, is_bare, site};
use super::{handle, late, local, outcome};
use crate::body::{Statements, Work, in_braces_of};
use crate::check::Model;
use crate::err::ErrArg;
use crate::reader::Read;
use crate::trailing::TrailingAsync;

pub(super) fn body(model: &Model, read: &Read) -> TokenStream {
    let Some(mentioned) = mentioned(model, read) else {
        return model.body.statements.clone();
    };
    let after = |statements: &Statements| {
        let statements = statements.after_others();
        quote!(#mentioned #statements)
    };
    match &model.body.work {
        Work::Future(future) if future.begins_later => after(&model.body.whole()),
        Work::Future(future) => {
            let TrailingAsync { before, parentheses, head, opening, statements, .. } = &**future;
            let statements_after = after(statements);
            let block = in_braces_of(&statements.braces, &quote!(#opening #statements_after));
            let future = quote!(#head #block);
            let future =
                parentheses.as_ref().map_or(future.clone(), |parentheses| in_braces_of(parentheses, &future));
            quote!(#before #future)
        }
        Work::Guarded(statements)
        | Work::Sync(statements)
        | Work::Async(statements)
        | Work::Returned(statements, _)
        | Work::ReturnedHere(statements, _) => after(statements),
    }
}

/// What the arguments mention, if anything. First there is no item: Clippy would take the function for a trifle.
///
/// In a function that might be `const` there is always a call.
fn mentioned(model: &Model, Read { judged, may_be_const }: &Read) -> Option<TokenStream> {
    let asks =
        judged.complete && (model.returned.is_some() || model.err.as_ref().is_some_and(ErrArg::judges));
    let has_own = model.late.is_some() || model.returned.is_some();
    if is_bare(&model.begin) && !model.site.mentions() && !asks && !has_own {
        return may_be_const.then(|| quote!(::traced::__private::span::read();));
    }
    let (site, entered, late) = (site(&model.site), entered(&model.begin), late::keys(model));
    let begun = if has_own {
        let own = handle(model);
        quote!(let #own = #entered.own();)
    } else {
        quote!(::core::mem::drop(#entered);)
    };
    let asked = asks.then(|| {
        let (returned, outcome) = (local("__returned"), outcome(model));
        let ty = judged.nameable.clone().map(without_names);
        quote!(::traced::__private::span::asked::<#ty>(|#returned| #outcome);)
    });
    Some(quote!(#begun #asked #site #late))
}

/// The type with no name of a lifetime, which would be one more use of it.
fn without_names(mut ty: Type) -> Type {
    struct Elide;
    impl VisitMut for Elide {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if lifetime.ident != "static" {
                lifetime.ident = Ident::new("_", lifetime.ident.span());
            }
        }

        // Those that are declared in the type itself.
        fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}

        fn visit_trait_bound_mut(&mut self, bound: &mut TraitBound) {
            if bound.lifetimes.is_none() {
                visit_trait_bound_mut(self, bound);
            }
        }
    }
    Elide.visit_type_mut(&mut ty);
    ty
}
