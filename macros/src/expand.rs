//! The model → code: the only file that emits any.
//!
//! Paths are absolute and names start with `__`, so that nothing of the user's can be in the way. Spans say
//! that the code is generated, so that no lint reports it, except those of the user's own tokens.

mod judge;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Type};

use crate::arg::Errors;
use crate::block::{Block, Inside};
use crate::body::{Body, Statements, TrailingAsync, Work, in_braces_of, may_be_future, nameable};
use crate::capture::Captured;
use crate::check::{Begin, Model, Site};
use crate::field::How;
use crate::home;
use crate::kind::KindArg;
use crate::place::Place;
use crate::record::Record;
use crate::returned::{Returned, What};
use crate::span::SpanModel;

pub(crate) fn expand(model: &Model) -> TokenStream {
    let Model { before, body: Body { inner_attributes, work, braces }, .. } = model;
    let site = site(&model.site);
    let wrapped = match work {
        Work::Guarded(statements) => guarded(model, statements),
        Work::Sync(statements) => sync(model, statements),
        Work::Async(statements) => asynchronous(model, statements),
        Work::Future(future) => trailing(model, future),
        Work::Returned(statements, what) => returned(model, what, &closure(model, statements)),
        Work::ReturnedHere(statements, what) => returned_here(model, what, statements),
    };
    let body = in_braces_of(braces, &quote!(#inner_attributes #site #wrapped));
    // Clippy takes our block for the mistake of a forgotten `.await`, and denies it; the user's function is none.
    let yields = matches!(work, Work::Async(_)) && may_be_future(&model.returns);
    let allow = yields.then(|| quote!(#[allow(clippy::async_yields_async)]));
    home::at(model.home.as_ref(), quote!(#allow #before #body))
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
    let site = site(&if is_right { model.site.clone() } else { Site::unknown() });
    let nothing = Begin::default();
    let begin = if is_right { &model.begin } else { &nothing };
    let (fields, there) = (fields(begin), there(begin));
    let span = quote!({
        #errors
        #site
        ::traced::__private::NewSpan::new(&__SITE, #fields) #there
    });
    home::at(model.home.as_ref(), span)
}

/// The static facts, and an item whose path tells the function's.
fn site(site: &Site) -> TokenStream {
    let Site { at, name, kind, method, leaf, cancel_is_error, level, target, scope } = site;
    // The line of the function, not of the attribute: `line!()` looks where its own tokens are.
    let line = quote_spanned!(*at=> ::core::line!());
    let name = name.as_ref().map(|name| quote!(.named(#name)));
    let kind = kind.as_ref().map(|kind| match kind {
        KindArg::Variant(variant) => quote!(.kind(::traced::__private::Kind::#variant)),
        KindArg::Const(kind) => {
            let kind = generated_braces(quote!(#kind));
            quote!(.kind(#kind))
        }
    });
    let method = method.then(|| quote!(.method()));
    let leaf = leaf.then(|| quote!(.leaf()));
    let cancel = cancel_is_error.then(|| quote!(.cancel_is_error()));
    let level = level.as_ref().map(|level| quote!(.level(::traced::__private::Level::#level)));
    let constant = |value: &Expr| generated_braces(quote!(#value));
    let target = target.as_ref().map(constant).map(|target| quote!(.target(#target)));
    let scope = scope.as_ref().map(constant).map(|scope| quote!(.scope(#scope)));
    quote! {
        static __SITE: ::traced::__private::CallSite = ::traced::__private::CallSite::new(
            ::core::module_path!(),
            ::core::file!(),
            #line,
            || ::core::any::type_name_of_val(&__here),
        )
        #name #kind #method #leaf #cancel #level #target
        .package(::core::option_env!("CARGO_PKG_NAME"), ::core::option_env!("CARGO_PKG_VERSION"))
        #scope;
        fn __here() {}
    }
}

/// The braces of `kind = { .. }` are needed there, but would be reported as unused where the value is put.
fn generated_braces(expression: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = expression.into_iter().collect();
    if let [TokenTree::Group(braces)] = tokens.as_mut_slice() {
        braces.set_span(Span::call_site());
    }
    tokens.into_iter().collect()
}

fn guarded(model: &Model, statements: &Statements) -> TokenStream {
    let begin = begin(&model.begin, "enter");
    let span = local("__span");
    let own = own(model, &span);
    let late = late(model);
    let statements = statements.after_others();
    quote! {
        let #span = #begin;
        #own
        #late
        #statements
    }
}

fn sync(model: &Model, statements: &Statements) -> TokenStream {
    let begin = begin(&model.begin, "enter");
    run(model, &begin, &closure(model, statements))
}

fn closure(model: &Model, statements: &Statements) -> TokenStream {
    let returns = nameable(&model.returns).unwrap_or_else(|| syn::parse_quote!(_));
    let order = model.parameters.in_drop_order(&statements.tokens);
    let late = late(model);
    let after_others = statements.after_others();
    let block = in_braces_of(&statements.braces, &quote!(#order #late #after_others));
    let move_ = users(model, &quote!(move));
    quote!(#move_ || -> #returns #block)
}

/// Runs the work in the span that begins.
fn run(model: &Model, begin: &TokenStream, work: &TokenStream) -> TokenStream {
    let outcome = outcome(model);
    if model.late.is_none() && model.returned.is_none() {
        return quote!(#begin.run(#work, #outcome));
    }
    let span = local("__span");
    let own = own(model, &span);
    quote! {
        let #span = #begin;
        #own
        #span.run(#work, #outcome)
    }
}

/// The handle of the span, where something is recorded in it after its beginning.
fn own(model: &Model, span: &Ident) -> Option<TokenStream> {
    let own = local("__own");
    (model.late.is_some() || model.returned.is_some()).then(|| quote!(let #own = #span.own();))
}

/// A macro by which `record!` finds the keys and the span of the function it is in.
fn late(model: &Model) -> Option<TokenStream> {
    let keys = model.late.as_ref()?;
    let home = model.home.iter();
    let (own, name) = (local("__own"), local_macro());
    Some(quote! {
        macro_rules! #name {
            ($($__fields:tt)*) => { ::traced::__private::__record!({ #(#home)* } { #own } { #(#keys)* } $($__fields)*) }
        }
    })
}

/// What it is called: a `record!` that does not find it is an error with this name in it.
pub(crate) fn local_macro() -> Ident {
    Ident::new("__record_belongs_inside_a_function_annotated_with_traced", Span::call_site())
}

/// What `record!` becomes.
pub(crate) fn record(Record { own, home, fields }: &Record) -> TokenStream {
    let Some(own) = own else {
        let values = fields.iter().map(|field| &field.value);
        return quote!(if false { #(let _ = &(#values);)* });
    };
    let (fields, here) = (fields.iter().map(|field| set(&local("__own"), field)), local("__own"));
    let record = quote! {
        if let ::core::option::Option::Some(mut #here) = #own.recording() {
            let #here: &mut dyn ::traced::__private::Fields = &mut #here;
            #(#fields)*
        }
    };
    home::at(home.as_ref(), record)
}

fn returned(model: &Model, returned: &Returned, body: &TokenStream) -> TokenStream {
    let later = later(model, returned);
    let around = around(model, returned, body);
    quote!(#later #around)
}

fn returned_here(model: &Model, returned: &Returned, statements: &Statements) -> TokenStream {
    let (span, inside) = (local("__span"), local("__inside"));
    let later = later(model, returned);
    let returns = nameable(&model.returns).map(|returns| quote!(: #returns));
    let block = in_braces_of(&statements.braces, &statements.tokens);
    let around = around(model, returned, &quote!(move || #inside));
    quote! {
        let #span = #later;
        let #inside #returns = #block;
        #span #around
    }
}

/// The span that begins with the first poll.
fn later(model: &Model, returned: &Returned) -> TokenStream {
    let (fields, there) = (fields(&model.begin), there(&model.begin));
    match returned.what {
        What::Future => quote!(::traced::__private::later::later(&__SITE, #fields) #there),
        What::Stream => quote!(::traced::__private::stream_later(&__SITE, #fields) #there),
    }
}

fn around(model: &Model, Returned { what, boxed, yields, .. }: &Returned, make: &TokenStream) -> TokenStream {
    let yields = yields.as_ref().and_then(nameable);
    let (seen, inside) = (local("__returned"), local("__inside"));
    let ty = yields.as_ref().map(|ty| quote!(: &#ty));
    let own = match (what, model.returned) {
        (What::Stream, _) => None,
        (What::Future, None) => Some(quote!(_)),
        (What::Future, Some(_)) => Some(local("__own").into_token_stream()),
    };
    let told = told(model);
    let outcome = quote!(|#seen #ty, #own| #told);
    match (boxed, yields) {
        (true, _) => quote!(.boxed(#make, #outcome, |#inside| ::std::boxed::Box::pin(#inside))),
        (false, Some(_)) => quote!(.run(#make, #outcome)),
        (false, None) => quote!(.infer(#make, #outcome)),
    }
}

fn asynchronous(model: &Model, statements: &Statements) -> TokenStream {
    let order = model.parameters.in_drop_order(&statements.tokens);
    let head = users(model, &quote!(async move));
    if model.never {
        // `!` cannot be named as a future's output, and without a name an endless loop is taken to return `()`.
        let infallible = syn::parse_quote!(::core::convert::Infallible);
        let future = future(model, &order, statements, Some(&infallible), &head);
        return quote!(match #future {});
    }
    future(model, &order, statements, Some(&model.returns), &head)
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

fn trailing(model: &Model, trailing: &TrailingAsync) -> TokenStream {
    let TrailingAsync { before, parentheses, head, statements, output } = trailing;
    let future = future(model, &TokenStream::new(), statements, output.as_ref(), head);
    let block = quote!(#head { #future });
    let block = parentheses.as_ref().map_or(block.clone(), |parentheses| in_braces_of(parentheses, &block));
    quote!(#before #block)
}

/// The span around a future that runs the statements, awaited.
fn future(
    model: &Model,
    order: &TokenStream,
    statements: &Statements,
    output: Option<&Type>,
    head: &TokenStream,
) -> TokenStream {
    // A block cannot be given a type. This return that is never taken says what it is, so that a wrong `?`
    // or a wrong last expression is reported where the user wrote it.
    let pinned = output.and_then(nameable).map(|output| {
        let at = Span::call_site().located_at(output.span());
        quote_spanned!(at=> if false { return ::traced::__private::span::never::<#output>(); })
    });
    let late = late(model);
    let after_others = statements.after_others();
    let block = in_braces_of(&statements.braces, &quote!(#order #pinned #late #after_others));
    let begin = begin(&model.begin, "begin");
    let run = run(model, &begin, &quote!(#head #block));
    quote!(#run.await)
}

/// Begins the span, by `enter` or by `begin`: here, or somewhere else.
fn begin(begin: &Begin, how: &str) -> TokenStream {
    let (fields, how) = (fields(begin), Ident::new(how, Span::call_site()));
    match place(begin) {
        None => quote!(::traced::__private::span::#how(&__SITE, #fields)),
        Some(place) => quote!(::traced::__private::place::#how(#place, &__SITE, #fields)),
    }
}

/// The same for a span that has not begun.
fn there(begin: &Begin) -> Option<TokenStream> {
    place(begin).map(|place| quote!(.there(#place)))
}

/// What tells the place, if it is not here.
fn place(begin: &Begin) -> Option<TokenStream> {
    Some(match begin.place.as_ref()? {
        Place::Root => quote!(::traced::__private::Carry::root),
        Place::In(place) => {
            let at = Span::call_site().located_at(place.span());
            quote_spanned!(at=> || ::traced::__private::parent(&(#place)))
        }
    })
}

fn fields(Begin { name, attributes, links, .. }: &Begin) -> TokenStream {
    if name.is_none() && attributes.is_empty() && links.is_empty() {
        return quote!(|_| {});
    }
    let fields = local("__fields");
    let name = name.as_ref().map(|name| {
        let at = Span::call_site().located_at(name.span());
        quote_spanned!(at=> #fields.name(::traced::__private::value::name(&(#name)));)
    });
    let links = links.iter().map(|link| {
        let at = Span::call_site().located_at(link.span());
        quote_spanned!(at=> ::traced::__private::link(#fields, &(#link));)
    });
    let set = attributes.iter().map(|attribute| {
        let (cfgs, set) = (&attribute.cfgs, set(&fields, attribute));
        // To record it is not to use it.
        let underscored = attribute.value.to_string().starts_with('_');
        let set = if underscored { quote!(#[allow(clippy::used_underscore_binding)] { #set }) } else { set };
        quote!(#(#cfgs)* #set)
    });
    quote!(|#fields| { #name #(#set)* #(#links)* })
}

fn set(fields: &Ident, Captured { key, how, value, at, .. }: &Captured) -> TokenStream {
    let at = value.clone().into_iter().next().map_or(*at, |token| token.span());
    // Located at the user's expression, where an error about its type belongs, yet generated: no lint.
    let at = Span::call_site().located_at(at);
    let value = match how {
        How::Typed => quote_spanned!(at=> &(#value)),
        How::Display => quote_spanned!(at=> &::traced::__private::value::Displayed(&(#value))),
        How::Debug => quote_spanned!(at=> &::traced::__private::value::Debugged(&(#value))),
        How::Any => return quote_spanned!(at=> ::traced::__private::__set_any!(#fields, #key, &(#value));),
        How::Either => {
            return quote_spanned!(at=> ::traced::__private::__set_either!(#fields, #key, &(#value)););
        }
    };
    quote!(#fields.set(#key, #value);)
}

fn outcome(model: &Model) -> TokenStream {
    let (returned, told) = (seen(model), told(model));
    quote!(|#returned| #told)
}

/// The parameter that is the returned value, where that is looked at.
fn seen(model: &Model) -> TokenStream {
    let looked_at = model.returned.is_some() || !model.err.as_ref().is_some_and(|err| err.off);
    if looked_at { local("__returned").into_token_stream() } else { quote!(_) }
}

/// What the returned value tells, and what is recorded of it.
fn told(model: &Model) -> TokenStream {
    let returned = local("__returned");
    let outcome = judge::outcome(model.err.as_ref(), &returned);
    let Some(how) = model.returned else { return outcome };
    let own = local("__own");
    // Located at the type, where an error about it belongs.
    let at = Span::call_site().located_at(model.returns.span());
    let how = match how {
        How::Display => quote!(%),
        How::Debug => quote!(?),
        _ => quote!(),
    };
    let record = quote_spanned!(at=> ::traced::__private::__record_returned!(#own, #returned #how););
    quote!({ #record #outcome })
}

/// A variable that no code of the user's can see.
fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}
