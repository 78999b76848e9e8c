//! Fields and parameters → recorded attributes.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::visit_mut::{VisitMut, visit_pat_ident_mut};
use syn::{Attribute, Error, FnArg, PatIdent, Signature};

use crate::arg::{Errors, closest};
use crate::args::{FieldArg, FieldValue, How};

/// An attribute that is recorded when the span begins.
pub(crate) struct Captured {
    pub(crate) key: String,
    pub(crate) how: How,
    pub(crate) value: TokenStream,
    pub(crate) at: proc_macro2::Span,
}

/// The variables that the parameters bind, in order.
pub(crate) struct Parameters {
    list: Vec<Parameter>,
    /// What is around is not known: any name may be a variable.
    any: bool,
}

struct Parameter {
    ident: Ident,
    /// Whether it is always there: one with `#[cfg]` may not be.
    certain: bool,
}

impl Parameters {
    pub(crate) fn of(signature: &Signature) -> Self {
        let mut bound = Bound { parameters: Vec::new(), certain: true };
        for input in &signature.inputs {
            match input {
                FnArg::Receiver(receiver) => {
                    let ident = Ident::from(receiver.self_token);
                    bound.parameters.push(Parameter { ident, certain: true });
                }
                FnArg::Typed(argument) => {
                    bound.certain = !argument.attrs.iter().any(is_cfg);
                    bound.visit_pat_mut(&mut argument.pat.clone());
                }
            }
        }
        Self { list: bound.parameters, any: false }
    }

    /// For code that is not a whole function.
    pub(crate) fn any() -> Self {
        Self { list: Vec::new(), any: true }
    }

    /// Mentions each parameter, the last one first, so that a closure captures them in this order and drops
    /// them in the order in which the function would.
    ///
    /// One that the body does not mention is left out, so that it is still reported as unused.
    pub(crate) fn in_drop_order(&self, body: &TokenStream) -> TokenStream {
        let mentioned = |parameter: &&Parameter| {
            let name = parameter.ident.unraw().to_string();
            parameter.certain && (name.starts_with('_') || mentions(body, &name))
        };
        let idents: Vec<&Ident> = self.list.iter().rev().filter(mentioned).map(|p| &p.ident).collect();
        if idents.is_empty() {
            return TokenStream::new();
        }
        let underscored = idents.iter().any(|ident| ident.to_string().starts_with('_'));
        let allow = underscored.then(|| quote!(#[allow(clippy::used_underscore_binding)]));
        quote!(#allow let _ = (#(&#idents,)*);)
    }

    fn has(&self, name: &Ident) -> bool {
        self.any || self.list.iter().any(|parameter| parameter.ident.unraw() == name.unraw())
    }
}

/// Resolves the fields against the parameters.
pub(crate) fn captured(fields: Vec<FieldArg>, parameters: &Parameters, errors: &mut Errors) -> Vec<Captured> {
    let mut captured: Vec<Captured> = Vec::with_capacity(fields.len());
    for FieldArg { key, at, how, value } in fields {
        if captured.iter().any(|other| other.key == key) {
            errors.push(Error::new(at, format!("the field `{key}` is given twice")));
            continue;
        }
        let value = match value {
            FieldValue::Given(value) => value.into_token_stream(),
            FieldValue::Shorthand(path) => {
                if !parameters.has(&path[0]) {
                    errors.push(no_parameter(&path[0], &key, parameters));
                }
                quote!(#(#path).*)
            }
        };
        captured.push(Captured { key, how, value, at });
    }
    captured
}

fn no_parameter(name: &Ident, key: &str, parameters: &Parameters) -> Error {
    let known: Vec<String> =
        parameters.list.iter().map(|parameter| parameter.ident.unraw().to_string()).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let guess = match closest(&name.unraw().to_string(), &known) {
        Some(guess) => format!("did you mean `{guess}`? Else give a value"),
        None => "give a value".to_owned(),
    };
    Error::new(name.span(), format!("there is no parameter `{name}`; {guess}: `{key} = value`"))
}

struct Bound {
    parameters: Vec<Parameter>,
    certain: bool,
}

impl VisitMut for Bound {
    fn visit_pat_ident_mut(&mut self, pattern: &mut PatIdent) {
        // A lone name that starts upper case is a constant or a variant, not a variable.
        let constant = pattern.by_ref.is_none()
            && pattern.mutability.is_none()
            && pattern.subpat.is_none()
            && pattern.ident.unraw().to_string().starts_with(char::is_uppercase);
        if !constant {
            self.parameters.push(Parameter { ident: pattern.ident.clone(), certain: self.certain });
        }
        visit_pat_ident_mut(self, pattern);
    }
}

fn is_cfg(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr")
}

/// Whether the name occurs in the tokens, be it in the text of a `"{name}"`.
pub(crate) fn mentions(tokens: &TokenStream, name: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident.unraw() == name,
        TokenTree::Group(group) => mentions(&group.stream(), name),
        TokenTree::Literal(literal) => literal.to_string().contains(&format!("{{{name}")),
        TokenTree::Punct(_) => false,
    })
}

/// Whether the function is certainly one of a type: it mentions `self` or `Self`.
pub(crate) fn is_method(signature: &Signature, body: &TokenStream) -> bool {
    signature.receiver().is_some() || mentions(&signature.to_token_stream(), "Self") || mentions(body, "Self")
}
