//! `span!("name", fields; arguments)`: the attribute's grammar, for a block of code.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;
use syn::{Error, Expr, Lit, Path};

use crate::arg::{Errors, closest, seen_through, unknown};
use crate::args::{Args, NameArg};
use crate::capture::{Asked, Parameters, captured};
use crate::check::{Begin, Site, environment};
use crate::kind::KINDS;
use crate::merge::between_commas;
use crate::place::place;
use crate::words::Words;

/// Arguments of the attribute that are about what a function takes and returns.
const OF_FUNCTIONS: [&str; 7] = ["args", "err", "fields", "name", "ret", "skip", "skip_all"];

/// The others.
const OF_SPANS: [&str; 11] = [
    "kind",
    "cancel",
    "level",
    "target",
    "scope",
    "root",
    "parent",
    "links",
    "follows_from",
    "leaf",
    "crate",
];

/// All that the generated code depends on.
pub(crate) struct SpanModel {
    pub(crate) site: Site,
    /// Where the generated code finds us, if not at `::traced`.
    pub(crate) home: Option<Path>,
    pub(crate) begin: Begin,
}

impl SpanModel {
    pub(crate) fn parse(input: TokenStream, errors: &mut Errors) -> Self {
        let Parts { name, fields, arguments } = Parts::of(seen_through(input));
        let arguments = for_spans(arguments, errors);
        check_fields(&fields, errors);
        let at = name.first().map_or_else(Span::call_site, TokenTree::span);
        let after_text = after_text(&name);
        let name: TokenStream = name.into_iter().collect();
        let is_name = is_name(&name);
        if !is_name {
            errors.push(no_name(at, after_text));
        }
        // By the attribute's own grammar, so that both mean the same.
        let fields = (!fields.is_empty()).then(|| quote!(fields(#fields),));
        let mut wrong = Errors::default();
        let args = Args::parse(quote!(name = #name, #fields #arguments), &mut wrong);
        if is_name {
            errors.extend(wrong);
        }
        let fields = args.fields.into_inner().unwrap_or_default();
        let asked = Asked { fields, args: None, skip: None, skip_all: None };
        let (name, computed) = match args.name.into_inner() {
            None => (None, None),
            Some(NameArg::Literal(name)) => (Some(name), None),
            Some(NameArg::Computed(name)) => (None, Some(*name)),
        };
        let place = place(args.root.into_inner(), args.parent.into_inner(), errors);
        let links = args.links.into_inner().into_iter().chain(args.follows_from.into_inner()).flatten();
        Self {
            home: args.home.into_inner(),
            site: Site {
                at,
                package: environment("CARGO_PKG_NAME"),
                version: environment("CARGO_PKG_VERSION"),
                name,
                kind: args.kind.into_inner(),
                method: false,
                of_trait: None,
                // As a future it would be somewhere else only with a context for it.
                leaf: args.leaf.into_inner().is_some() && place.is_none(),
                late: false,
                cancel_is_error: args.cancel.into_inner().is_some(),
                level: args.level.into_inner(),
                target: args.target.into_inner(),
                scope: args.scope.into_inner(),
            },
            begin: Begin {
                place,
                name: computed,
                attributes: captured(asked, &Parameters::any(), &Words::none(), errors).attributes,
                links: links.collect(),
            },
        }
    }
}

/// Whether this can be a name: a text, or what makes one at each call.
fn is_name(tokens: &TokenStream) -> bool {
    match syn::parse2(tokens.clone()) {
        Ok(Expr::Lit(literal)) => matches!(literal.lit, Lit::Str(_)),
        // That is a field.
        Ok(Expr::Assign(_)) | Err(_) => false,
        Ok(_) => true,
    }
}

/// What follows a text that could be the name.
fn after_text(name: &[TokenTree]) -> Option<Span> {
    let [TokenTree::Literal(text), next, ..] = name else { return None };
    syn::parse_str::<syn::LitStr>(&text.to_string()).is_ok().then(|| next.span())
}

fn no_name(at: Span, after_text: Option<Span>) -> Error {
    const EXAMPLE: &str = "as in `span!(\"parse\", bytes = n)`";
    match after_text {
        Some(next) => Error::new(next, format!("expected `,` after the name, {EXAMPLE}")),
        None => Error::new(at, format!("expected the name of the span, {EXAMPLE}")),
    }
}

/// `name, fields; arguments`.
#[derive(Default)]
struct Parts {
    name: Vec<TokenTree>,
    fields: TokenStream,
    arguments: TokenStream,
}

impl Parts {
    fn of(input: TokenStream) -> Self {
        let mut parts = Self::default();
        let (mut named, mut in_arguments) = (false, false);
        for token in input {
            match &token {
                TokenTree::Punct(punct) if punct.as_char() == ';' && !in_arguments => in_arguments = true,
                _ if in_arguments => parts.arguments.extend([token]),
                TokenTree::Punct(punct) if punct.as_char() == ',' && !named => named = true,
                _ if named => parts.fields.extend([token]),
                _ => parts.name.push(token),
            }
        }
        parts
    }
}

/// The arguments without those that are about functions.
fn for_spans(arguments: TokenStream, errors: &mut Errors) -> TokenStream {
    let mut kept = TokenStream::new();
    for argument in between_commas(arguments) {
        match argument.first() {
            Some(TokenTree::Ident(key)) if OF_FUNCTIONS.iter().any(|name| key == name) => {
                let message = match key.to_string().as_str() {
                    "name" => "the name comes first: `span!(\"parse\", bytes = n)`".to_owned(),
                    "fields" => "fields come before the `;`: `span!(\"parse\", bytes = n)`".to_owned(),
                    key => {
                        format!("`{key}` is about what a function takes or returns: put `#[traced]` on one")
                    }
                };
                errors.push(Error::new(key.span(), message));
            }
            Some(TokenTree::Ident(key)) if !OF_SPANS.iter().chain(&KINDS).any(|name| key == name) => {
                errors.push(unknown_of_span(key));
            }
            _ => kept.extend(quote!(#(#argument)*,)),
        }
    }
    kept
}

fn unknown_of_span(key: &Ident) -> Error {
    let error = unknown("argument", key, &OF_SPANS);
    if closest(&key.to_string(), &OF_SPANS).is_some() {
        return error;
    }
    Error::new(key.span(), format!("{error}; a field comes before the `;`"))
}

fn check_fields(fields: &TokenStream, errors: &mut Errors) {
    for field in between_commas(fields.clone()) {
        if let [TokenTree::Ident(key), TokenTree::Punct(_), TokenTree::Ident(kind)] = field.as_slice()
            && key == "kind"
            && KINDS.iter().any(|name| kind == name)
        {
            let message = format!(
                "this is a field: arguments come after a `;`, as in `span!(\"send\"; kind = {kind})`"
            );
            errors.push(Error::new(key.span(), message));
        }
    }
}
