//! The model → code: the only files that emit any.
//!
//! Paths are absolute and names start with `__`, so that nothing of the user's can be in the way. Spans say
//! that the code is generated, so that no lint reports it, except those of the user's own tokens. Nothing says `allow`
//! (but of one lint that hardly anybody forbids): where a lint is forbidden, that would be reported, or even be an error.

mod asynchronous;
mod begin;
mod judge;
mod late;
mod makes;
mod read;
mod returned;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};

use crate::arg::Errors;
use crate::block::{Block, Inside};
use crate::body::{Body, Statements, Work, in_braces_of};
use crate::check::{Begin, Model, Site};
use crate::home;
use crate::span::SpanModel;

pub(crate) use late::{local_macro, record};

pub(crate) fn expand(model: &Model) -> TokenStream {
    let Model { before, body: Body { inner_attributes, braces, .. }, .. } = model;
    let body = match &model.read {
        None => recorded(model),
        Some(read) => read::body(model, read),
    };
    let body = in_braces_of(braces, &quote!(#inner_attributes #body));
    home::at(model.home.as_ref(), quote!(#before #body))
}

fn recorded(model: &Model) -> TokenStream {
    let site = begin::site(&model.site);
    let wrapped = match &model.body.work {
        Work::Guarded(statements) => guarded(model, statements),
        Work::Sync(statements) => sync(model, statements),
        Work::Async(statements) => asynchronous::function(model, statements),
        Work::Future(future) => asynchronous::trailing(model, future),
        Work::Returned(statements, what) => returned::returned(model, what, statements),
        Work::ReturnedHere(statements, what) => returned::returned_here(model, what, statements),
    };
    let after = judge::after_body(&model.mentioned);
    quote!(#after #site #wrapped)
}

/// The block with its functions, those that are right, and the errors of the others.
pub(crate) fn block(whole: &Block, errors: Errors) -> TokenStream {
    let block = in_block(whole);
    let errors = errors.into_compile_errors();
    quote!(#block #errors)
}

fn in_block(Block { before, braces, inside }: &Block) -> TokenStream {
    let inside = inside.iter().map(|inside| match inside {
        Inside::Tokens(tokens) => tokens.clone(),
        Inside::Function(model) => expand(model),
        Inside::Block(block) => in_block(block),
    });
    let inside = in_braces_of(braces, &inside.collect());
    quote!(#before #inside)
}

/// A span that has not begun.
pub(crate) fn span(model: &SpanModel, errors: Errors) -> TokenStream {
    let is_right = errors.is_empty();
    let errors = errors.into_compile_errors();
    // With errors, without what may be wrong: so that what is done with the span is none.
    let site = begin::site(&if is_right { model.site.clone() } else { Site::unknown() });
    let nothing = Begin::default();
    let begin = if is_right { &model.begin } else { &nothing };
    let there = begin::there(begin);
    let new = if begin.has_fields() {
        let fields = begin::fields(begin);
        quote!(new(&__TRACED_SITE, #fields))
    } else {
        quote!(bare(&__TRACED_SITE))
    };
    let span = quote!({
        #errors
        #site
        ::traced::__private::NewSpan::#new #there
    });
    home::at(model.home.as_ref(), span)
}

fn guarded(model: &Model, statements: &Statements) -> TokenStream {
    let entered = begin::entered(&model.begin);
    let span = local("__span");
    let own = own(model, &span);
    let late = late::keys(model);
    let taken = &model.taken;
    let statements = statements.after_guard(&model.returns);
    quote! {
        let #span = #entered;
        #own
        #late
        #taken
        #statements
    }
}

fn sync(model: &Model, statements: &Statements) -> TokenStream {
    if let Some(makes) = &model.body.makes {
        return makes::now(model, makes, &closure(model, statements));
    }
    let (entered, work) = (begin::entered(&model.begin), closure(model, statements));
    let told = told(model, &model.returns);
    let is_simple = told.is_some() && model.late.is_none();
    let run = told.map_or_else(
        || {
            let (seen, outcome) = (seen(model), outcome(model));
            quote!(run_judged(#work, |#seen| #outcome))
        },
        |told| quote!(run(#work, #told)),
    );
    let value = at_value(model, statements);
    if is_simple && value.is_none() {
        return by_itself(model, value, quote!(#entered.#run));
    }
    let (span, run) = match value {
        None => (local("__span"), run),
        Some((first, last)) => (Ident::new("__span", first), ending_at(run, last)),
    };
    let own = own(model, &span);
    let run = by_itself(model, value, quote!(#span.#run));
    quote! {
        let #span = #entered;
        #own
        #run
    }
}

/// Where the user's value is, if the compiler may find only after it that it does not live long enough: it tells of the
/// expression that is returned then, which is to look as if it were the user's, from its first word to its last.
fn at_value(model: &Model, statements: &Statements) -> Option<(Span, Span)> {
    if model.returns.lives.hidden { statements.value() } else { None }
}

/// What a hidden part is, the compiler does not know yet where this is to be what is returned.
fn by_itself(model: &Model, value: Option<(Span, Span)>, run: TokenStream) -> TokenStream {
    if !model.returns.hides_a_part() {
        return run;
    }
    let returned = local("__returned");
    let Some((first, last)) = value else { return quote!(let #returned = #run; #returned) };
    let itself = Ident::new("__itself", first);
    let mut argument = Group::new(Delimiter::Parenthesis, returned.to_token_stream());
    argument.set_span(last);
    quote!(let #returned = #run; let #itself = ::core::convert::identity; #itself #argument)
}

/// The tokens with the first at this place.
fn beginning_at(tokens: TokenStream, at: Span) -> TokenStream {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    if let Some(first) = tokens.first_mut() {
        first.set_span(at);
    }
    tokens.into_iter().collect()
}

/// The tokens with the last at this place.
fn ending_at(tokens: TokenStream, at: Span) -> TokenStream {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    if let Some(last) = tokens.last_mut() {
        last.set_span(at);
    }
    tokens.into_iter().collect()
}

fn closure(model: &Model, statements: &Statements) -> TokenStream {
    let returns = model.returns.nameable.as_ref().map_or_else(|| quote!(_), ToTokens::to_token_stream);
    let taken = &model.taken;
    let late = late::keys(model);
    let mut after_others = statements.after_parameters(taken);
    if let Some((first, last)) = at_value(model, statements).filter(|_| !taken.is_empty()) {
        after_others = ending_at(beginning_at(after_others, first), last);
    }
    let block = in_braces_of(&statements.braces, &quote!(#taken #late #after_others));
    let move_ = users(model, &quote!(move));
    quote!(#move_ || -> #returns #block)
}

/// The handle of the span, where something is recorded in it after its beginning.
fn own(model: &Model, span: &Ident) -> Option<TokenStream> {
    let own = handle(model);
    (model.late.is_some() || model.returned.is_some()).then(|| quote!(let #own = #span.own();))
}

/// What a closure or a future starts with. The compiler names the variables that it captures, in an error, only if it
/// is the user's own.
fn users(model: &Model, head: &TokenStream) -> TokenStream {
    let at = model.site.at;
    head.clone()
        .into_iter()
        .map(|mut token| {
            token.set_span(at);
            token
        })
        .collect()
}

/// What tells the outcome, where the type alone says how: a function of what is returned.
fn told(model: &Model, returns: &crate::types::Returns) -> Option<TokenStream> {
    if model.returned.is_some() || model.err.as_ref().is_some_and(|err| err.off || err.judges()) {
        return None;
    }
    Some(match &returns.nameable {
        Some(ty) if returns.complete => quote!(::traced::__private::outcome::of::<#ty>().told()),
        _ => {
            let (returned, outlived) = (local("__returned"), local("__outlived"));
            quote! {
                move |#returned, #outlived| {
                    ::traced::__private::outcome::of_value(#returned).told()(#returned, #outlived)
                }
            }
        }
    })
}

/// The parameter that is the returned value, where that is looked at.
fn seen(model: &Model) -> TokenStream {
    let looked_at = model.returned.is_some() || !model.err.as_ref().is_some_and(|err| err.off);
    if looked_at { local("__returned").into_token_stream() } else { quote!(_) }
}

/// What the returned value tells, and what is recorded of it.
fn outcome(model: &Model) -> TokenStream {
    let returned = local("__returned");
    let outcome = judge::outcome(model.err.as_ref(), &returned);
    let Some(ret) = model.returned else { return outcome };
    let own = handle(model);
    // Located at the type, where an error about it belongs.
    let at = Span::call_site().located_at(model.returns.at);
    let how = match ret.how {
        crate::field::How::Display => quote!(%),
        crate::field::How::Debug => quote!(?),
        _ => quote!(),
    };
    let if_possible = ret.if_possible.then(|| quote!(if_possible));
    let record = quote_spanned! {at=>
        ::traced::__private::__record_returned!(#own, #returned #if_possible #how);
    };
    quote!({ #record #outcome })
}

/// The braces of `kind = { .. }` are needed there, but would be reported as unused where the value is put.
fn generated_braces(expression: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = expression.into_iter().collect();
    if let [TokenTree::Group(braces)] = tokens.as_mut_slice() {
        braces.set_span(Span::call_site());
    }
    tokens.into_iter().collect()
}

/// The handle of the span. Of a closure that borrows it for a `record!`, and lives longer, the compiler tells as of one that
/// borrows a variable of the user's, if that is where it seems to be from.
fn handle(model: &Model) -> Ident {
    let at = if model.read.is_some() { Span::mixed_site() } else { model.site.at };
    Ident::new("__traced_record", at)
}

/// A variable that no code of the user's can see.
fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}
