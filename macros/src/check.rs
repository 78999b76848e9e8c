//! Arguments × function → the model, or what is wrong.

use proc_macro2::TokenStream;
use syn::{Error, LitStr, ReturnType, Type, parse_quote};

use crate::arg::Errors;
use crate::args::{Args, KindArg};
use crate::body::{Body, Work, is_never};
use crate::capture::{Captured, Parameters, captured, is_method};
use crate::target::Target;

/// All that the generated code depends on.
pub(crate) struct Model {
    /// The function up to its body.
    pub(crate) before: TokenStream,
    pub(crate) site: Site,
    pub(crate) attributes: Vec<Captured>,
    pub(crate) parameters: Parameters,
    pub(crate) returns: Type,
    pub(crate) never: bool,
    pub(crate) body: Body,
}

/// What is known of the function before it runs.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) at: proc_macro2::Span,
    pub(crate) name: Option<LitStr>,
    pub(crate) kind: Option<KindArg>,
    pub(crate) method: bool,
    pub(crate) leaf: bool,
}

impl Site {
    /// That of something that is wrong.
    pub(crate) fn unknown() -> Self {
        Self { at: proc_macro2::Span::call_site(), name: None, kind: None, method: false, leaf: false }
    }
}

pub(crate) fn check(args: Args, target: Target, errors: &mut Errors) -> Option<Model> {
    let Target { before, attributes, signature, body, is_member } = target;
    if let Some(constness) = &signature.constness {
        let message = "a `const fn` cannot be traced: it may run in the compiler, where nothing records";
        errors.push(Error::new(constness.span, message));
        return None;
    }
    let method = is_member || is_method(&signature, &body.stream());
    let track_caller = attributes.iter().any(|attribute| attribute.path().is_ident("track_caller"));
    let body = Body::of(&signature, track_caller, &body);
    if let Work::Returned(_, returned) | Work::ReturnedHere(_, returned) = &body.work {
        returned.misfits().into_iter().for_each(|error| errors.push(error));
    }
    let parameters = Parameters::of(&signature);
    let fields = args.fields.into_inner().unwrap_or_default();
    Some(Model {
        before,
        site: Site {
            at: signature.ident.span(),
            name: args.name.into_inner(),
            kind: args.kind.into_inner(),
            method,
            leaf: args.leaf.into_inner().is_some(),
        },
        attributes: captured(fields, &parameters, errors),
        parameters,
        never: is_never(&signature.output),
        body,
        returns: match signature.output {
            ReturnType::Default => parse_quote!(()),
            ReturnType::Type(_, ty) => *ty,
        },
    })
}
