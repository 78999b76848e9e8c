//! What is shown to a tool that reads the program and runs nothing: the function as it is written, so that what is said of
//! it is what would be said without the attribute. What the arguments mention is used before the statements.

use proc_macro2::TokenStream;
use quote::quote;

use super::begin::{entered, is_bare, site};
use super::{late, local, outcome};
use crate::body::{Statements, TrailingAsync, Work, in_braces_of};
use crate::check::Model;
use crate::err::ErrArg;
use crate::types::Returns;

pub(super) fn body(model: &Model, judged: &Returns) -> TokenStream {
    let Some(mentioned) = mentioned(model, judged) else {
        return model.body.statements.clone();
    };
    let after = |statements: &Statements| {
        let statements = statements.after_others();
        quote!(#mentioned #statements)
    };
    match &model.body.work {
        Work::Future(future) if future.begins_later => after(&model.body.whole()),
        Work::Future(future) => {
            let TrailingAsync { before, parentheses, head, statements, .. } = &**future;
            let block = in_braces_of(&statements.braces, &after(statements));
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

/// What the arguments mention, if anything.
///
/// In a function that is not `async` there is always a call: it cannot be `const`, and nobody is to tell the user to make
/// it so.
fn mentioned(model: &Model, judged: &Returns) -> Option<TokenStream> {
    let may_be_const = !matches!(model.body.work, Work::Async(_) | Work::Future(_));
    let asks = model.returned.is_some() || model.err.as_ref().is_some_and(ErrArg::judges);
    let has_own = model.late.is_some() || model.returned.is_some();
    if is_bare(&model.begin) && !model.site.mentions() && !asks && !has_own && !may_be_const {
        return None;
    }
    let (site, entered, late) = (site(&model.site), entered(&model.begin), late::keys(model));
    let begun = if has_own {
        let own = local("__own");
        quote!(let #own = #entered.own();)
    } else {
        quote!(::core::mem::drop(#entered);)
    };
    let asked = asks.then(|| {
        let (returned, outcome) = (local("__returned"), outcome(model));
        let ty = &judged.nameable;
        quote!(::traced::__private::span::asked::<#ty>(|#returned| #outcome);)
    });
    Some(quote!(#site #begun #asked #late))
}
