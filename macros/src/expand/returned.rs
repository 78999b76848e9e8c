//! The span of a future or a stream that a function returns: it begins with the first poll.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Expr, Type};

use super::asynchronous::told_output;
use super::begin::{fields, there};
use super::{closure, handle, late, local, makes, outcome};
use crate::body::{Statements, in_braces_of};
use crate::check::Model;
use crate::early::in_boxes;
use crate::returned::{Returned, What};
use crate::trailing::TrailingBox;
use crate::types::Returns;

pub(super) fn returned(model: &Model, returned: &Returned, statements: &Statements) -> TokenStream {
    let Some(TrailingBox { before, path, parentheses, expression }) = &returned.in_box else {
        let later = later(model, returned.what);
        return around(model, returned, returned.boxed, &later, &closure(model, statements));
    };
    let here = Here::of(model, returned, false);
    let output = yields(returned);
    let around = |inside| here.around(&told_output(model, &output, inside), None);
    let first = &here.first;
    let mut early = |inside: &Expr| around(inside.to_token_stream());
    let (before, last) = (in_boxes(before, &mut early), in_boxes(expression, &mut early));
    let inside = in_braces_of(parentheses, &around(last));
    quote!(#first #before #path #inside)
}

pub(super) fn returned_here(model: &Model, returned: &Returned, statements: &Statements) -> TokenStream {
    let here = Here::of(model, returned, returned.boxed);
    let (first, block) = (&here.first, in_braces_of(&statements.braces, &statements.tokens));
    let around = here.around(&block, model.returns.nameable.as_ref());
    quote!(#first #around)
}

/// The same of an `async` block: what goes before all statements, and what is in the place of the block.
pub(super) fn of_block(model: &Model, output: &Returns, block: &TokenStream) -> (TokenStream, TokenStream) {
    let (span, inside) = (local("__span"), local("__inside"));
    if let Some(makes) = &model.body.makes {
        let (later, hands_on) = (later(model, What::Stream), makes::hands_on(model, makes));
        return (quote!(let #span = #later;), quote!(#span.makes(#block, #hands_on)));
    }
    let returned = Returned::future(output);
    let around = around(model, &returned, false, &span, &quote!(move || #inside));
    let later = later(model, returned.what);
    (quote!(let #span = #later;), quote!({ let #inside = #block; #around }))
}

/// A span whose function is run where it is, and not in a closure.
struct Here {
    /// What goes before all statements.
    first: TokenStream,
    /// What ends the making, if something may be recorded in it.
    made: Option<TokenStream>,
    around: TokenStream,
}

impl Here {
    fn of(model: &Model, returned: &Returned, boxed: bool) -> Self {
        let (span, inside, making) = (local("__span"), local("__inside"), local("__making"));
        let (later, record) = (later(model, returned.what), late::keys(model));
        if let Some(alias) = &returned.alias {
            return Self::by_type(model, alias, &later);
        }
        let around = around(model, returned, boxed, &span, &quote!(move || #inside));
        if record.is_none() {
            return Self { first: quote!(let #span = #later;), made: None, around };
        }
        let first = quote!(#record let mut #span = #later; let #making = #span.making(););
        Self { first, made: Some(quote!(::core::mem::drop(#making);)), around }
    }

    /// Where the type has to be asked whether it is that of a future.
    fn by_type(model: &Model, alias: &Type, later: &TokenStream) -> Self {
        let [span, inside, making, seen] = ["__span", "__inside", "__making", "__returned"].map(local);
        let (record, told) = (late::keys(model), outcome(model));
        let own = model.returned.map_or_else(|| quote!(_), |_| handle(model).into_token_stream());
        let of = quote!(::traced::__private::boxed::Of::<#alias>::TYPE);
        let first = quote! {
            use ::traced::__private::boxed::Other as _;
            #record
            let mut #span = #later;
            let #making = #of.starts(&mut #span);
        };
        let made = Some(quote!(::core::mem::drop(#making);));
        Self { first, made, around: quote!(#of.around(#span, #inside, move |#seen, #own| #told)) }
    }

    /// The span around what this makes.
    fn around(&self, inside: &TokenStream, ty: Option<&Type>) -> TokenStream {
        let (Self { made, around, .. }, it) = (self, local("__inside"));
        let ty = ty.map(|ty| quote!(: #ty));
        quote!({ let #it #ty = #inside; #made #around })
    }
}

/// What begins with the first poll.
pub(super) fn later(model: &Model, what: What) -> TokenStream {
    let (fields, there) = (fields(&model.begin), there(&model.begin));
    match what {
        What::Future => quote!(::traced::__private::later::later(&__TRACED_SITE, #fields) #there),
        What::Stream => quote!(::traced::__private::stream_later(&__TRACED_SITE, #fields) #there),
    }
}

fn yields(returned: &Returned) -> Returns {
    returned.yields.clone().map_or_else(Returns::unknown, Returns::named)
}

/// The span around what `make` makes.
fn around(
    model: &Model,
    returned: &Returned,
    boxed: bool,
    span: &impl ToTokens,
    make: &TokenStream,
) -> TokenStream {
    let (what, yields) = (returned.what, yields(returned));
    let is_told = yields.nameable.is_some() && !yields.hides_a_part();
    let seen = local("__returned");
    let ty = yields.nameable.map(|ty| quote!(: &#ty));
    let own = match (what, model.returned) {
        (What::Stream, _) => None,
        (What::Future, None) => Some(quote!(_)),
        (What::Future, Some(_)) => Some(handle(model).into_token_stream()),
    };
    let told = outcome(model);
    // Parameters that are mentioned go with the future.
    let outcome = quote!(move |#seen #ty, #own| #told);
    let run = if is_told { quote!(run) } else { quote!(infer) };
    let run = quote!(#span.#run(#make, #outcome));
    if boxed { quote!(::std::boxed::Box::pin(#run)) } else { run }
}
