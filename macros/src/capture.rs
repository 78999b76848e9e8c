//! Fields and parameters → recorded attributes.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::visit_mut::{VisitMut, visit_field_pat_mut, visit_pat_ident_mut};
use syn::{Attribute, Error, FieldPat, FnArg, Pat, PatIdent, PatType, Signature, Type};

use crate::arg::{Errors, closest, closest_of_short};
use crate::args::Chosen;
use crate::field::{FieldArg, FieldValue, How, Key};
use crate::leaving;
use crate::types::argument_never_drops;
use crate::words::{Words, plain};

/// An attribute that is recorded when the span begins.
pub(crate) struct Captured {
    pub(crate) key: Key,
    pub(crate) how: How,
    pub(crate) value: TokenStream,
    pub(crate) at: Span,
    /// `#[cfg(..)]` of the parameter that it is.
    pub(crate) cfgs: Vec<Attribute>,
}

/// What the arguments ask for.
pub(crate) struct Capture {
    pub(crate) attributes: Vec<Captured>,
    /// The keys that `record!` may give a value later.
    pub(crate) late: Vec<Key>,
}

/// The variables that the parameters bind, in order.
pub(crate) struct Parameters {
    list: Vec<Parameter>,
    /// What is around is not known: any name may be a variable.
    any: bool,
}

#[derive(Clone)]
struct Parameter {
    ident: Ident,
    /// One with `#[cfg]` may not be there.
    cfgs: Vec<Attribute>,
    /// Something may happen when it is dropped.
    drops: bool,
    /// It may be no variable: then it is recorded only if it is named.
    may_be_constant: bool,
}

impl Parameters {
    pub(crate) fn of(signature: &Signature) -> Self {
        let mut bound = Bound { parameters: Vec::new(), cfgs: Vec::new(), drops: false, is_variable: false };
        for input in &signature.inputs {
            bound.drops = !argument_never_drops(input);
            match input {
                FnArg::Receiver(receiver) => {
                    let (ident, drops) = (Ident::from(receiver.self_token), bound.drops);
                    let parameter = Parameter { ident, cfgs: Vec::new(), drops, may_be_constant: false };
                    bound.parameters.push(parameter);
                }
                FnArg::Typed(argument) => {
                    bound.cfgs = argument.attrs.iter().filter(|it| is_cfg(it)).cloned().collect();
                    bound.is_variable = is_variable(argument);
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

    pub(crate) fn are_mentioned_by(&self, words: &Words) -> bool {
        self.mentioned_by(words).next().is_some()
    }

    /// The names of those that are, and whether something may happen when they are dropped.
    pub(crate) fn mentioned_by(&self, words: &Words) -> impl Iterator<Item = (String, bool)> {
        let named = self.list.iter().map(|parameter| (plain(&parameter.ident), parameter.drops));
        named.filter(|(name, _)| words.mention(name))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.list.iter().any(|parameter| plain(&parameter.ident) == name)
    }

    fn get(&self, name: &Ident) -> Option<&Parameter> {
        self.list.iter().find(|parameter| parameter.ident.unraw() == name.unraw())
    }

    /// The one that the shorthand of a field was most likely meant to name. In a key of several words a short one is
    /// seldom a mistake: `db.system` beside `id`.
    fn meant_by(&self, path: &[Ident]) -> Option<String> {
        let closest = if path.len() > 1 { closest } else { closest_of_short };
        self.closest_by(closest, path.first()?)
    }

    fn closest_by(&self, closest: Closest, name: &Ident) -> Option<String> {
        let known: Vec<String> =
            self.list.iter().map(|parameter| parameter.ident.unraw().to_string()).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        closest(&name.unraw().to_string(), &known).map(str::to_owned)
    }
}

type Closest = for<'a> fn(&str, &[&'a str]) -> Option<&'a str>;

impl Parameter {
    fn captured(&self, how: How, at: Span) -> Captured {
        let key = Key::Text(self.ident.unraw().to_string());
        Captured { key, how, value: self.ident.to_token_stream(), at, cfgs: self.cfgs.clone() }
    }
}

/// What the arguments say about attributes.
pub(crate) struct Asked {
    pub(crate) fields: Vec<FieldArg>,
    pub(crate) args: Option<Chosen>,
    /// With where it was written, as the next.
    pub(crate) skip: Option<(Span, Vec<Ident>)>,
    pub(crate) skip_all: Option<Span>,
}

/// Resolves the arguments against the parameters: first the parameters, then the fields.
///
/// A field whose name is nearly a parameter's is a mistake, unless the body says it, to record it later.
pub(crate) fn captured(asked: Asked, parameters: &Parameters, body: &Words, errors: &mut Errors) -> Capture {
    let attributes = chosen(&asked, parameters, errors);
    let mut capture = Capture { attributes, late: Vec::new() };
    for FieldArg { key, at, how, value } in asked.fields {
        let mut others = capture.attributes.iter().map(|other| &other.key).chain(&capture.late);
        if others.any(|other| other.is_same(&key)) {
            errors.push(Error::new(at, format!("the field `{key}` is given twice")));
            continue;
        }
        let (value, cfgs) = match value {
            FieldValue::Late if parameters.any => {
                let message = format!(
                    "expected a value; to set one later: `.start()`, then `.set({}, value)`",
                    key.written()
                );
                errors.push(Error::new(at, message));
                continue;
            }
            FieldValue::Late => {
                capture.late.push(key);
                continue;
            }
            FieldValue::Given(value) => {
                errors.extend(leaving::of_value(&value));
                (value.into_token_stream(), Vec::new())
            }
            FieldValue::Shorthand(path) if parameters.any => (quote!(#(#path).*), Vec::new()),
            FieldValue::Shorthand(path) => match parameters.get(&path[0]) {
                Some(parameter) => (quote!(#(#path).*), parameter.cfgs.clone()),
                None if how == How::Typed
                    && path[0] != "self"
                    && (parameters.meant_by(&path).is_none() || body.say(&plain(&path[0]))) =>
                {
                    capture.late.push(key);
                    continue;
                }
                None => {
                    errors.push(no_value(&path, &key, how, parameters));
                    continue;
                }
            },
        };
        capture.attributes.push(Captured { key, how, value, at, cfgs });
    }
    capture
}

/// The parameters that `args`, `skip` and `skip_all` ask for.
fn chosen(asked: &Asked, parameters: &Parameters, errors: &mut Errors) -> Vec<Captured> {
    let Asked { fields, args, skip, skip_all } = asked;
    if let (Some(_), Some(at)) = (args, skip_all) {
        errors.push(Error::new(*at, "`args` records parameters and `skip_all` none: leave one of them out"));
    }
    if let (Some(Chosen::These(_)), Some((at, _))) = (args, skip) {
        let message = "`args(..)` says already which parameters are recorded: leave `skip` out";
        errors.push(Error::new(*at, message));
    }
    let skipped = skip.as_ref().map_or(&[][..], |(_, names)| names);
    for name in skipped.iter().filter(|name| parameters.get(name).is_none()) {
        errors.push(no_parameter(name, parameters));
    }
    match (args, skip) {
        (Some(Chosen::These(names)), _) => {
            names.iter().filter_map(|name| named(name, parameters, errors)).collect()
        }
        (Some(Chosen::All), _) | (None, Some(_)) if skip_all.is_none() => {
            let is_left = |parameter: &&Parameter| {
                let name = parameter.ident.unraw();
                // A field of the same name replaces it.
                let is_field = || fields.iter().any(|field| field.key.text().is_some_and(|key| name == key));
                name != "self"
                    && !parameter.may_be_constant
                    && !skipped.iter().any(|skipped| skipped.unraw() == name)
                    && !is_field()
            };
            let left = parameters.list.iter().filter(is_left);
            left.map(|parameter| parameter.captured(How::Any, parameter.ident.span())).collect()
        }
        _ => Vec::new(),
    }
}

fn named(name: &Ident, parameters: &Parameters, errors: &mut Errors) -> Option<Captured> {
    if name == "self" {
        let message =
            "`self` is not recorded as a whole: record a part of it, as in `fields(name = self.name)`";
        errors.push(Error::new(name.span(), message));
        return None;
    }
    let parameter = parameters.get(name);
    if parameter.is_none() {
        errors.push(no_parameter(name, parameters));
    }
    Some(parameter?.captured(How::Either, name.span()))
}

fn no_parameter(name: &Ident, parameters: &Parameters) -> Error {
    let expected = match parameters.closest_by(closest_of_short, name) {
        Some(guess) => format!("; did you mean `{guess}`?"),
        None if parameters.list.is_empty() => "; the function has none".to_owned(),
        None => {
            let list: Vec<String> =
                parameters.list.iter().map(|parameter| format!("`{}`", parameter.ident)).collect();
            format!(", expected one of {}", list.join(", "))
        }
    };
    Error::new(name.span(), format!("there is no parameter `{name}`{expected}"))
}

fn no_value(path: &[Ident], key: &Key, how: How, parameters: &Parameters) -> Error {
    let name = &path[0];
    let mark = match how {
        How::Display => "%",
        How::Debug => "?",
        _ => "",
    };
    let guess = match parameters.meant_by(path) {
        Some(guess) => format!("did you mean `{guess}`? Else give a value"),
        None => "give a value".to_owned(),
    };
    let late = if mark.is_empty() && name != "self" {
        format!(", or declare it for `record!`: `{key} = Empty`")
    } else {
        String::new()
    };
    Error::new(name.span(), format!("there is no parameter `{name}`; {guess}: `{key} = {mark}value`{late}"))
}

struct Bound {
    parameters: Vec<Parameter>,
    cfgs: Vec<Attribute>,
    drops: bool,
    is_variable: bool,
}

impl VisitMut for Bound {
    fn visit_field_pat_mut(&mut self, field: &mut FieldPat) {
        let outside = self.cfgs.len();
        self.cfgs.extend(field.attrs.iter().filter(|it| is_cfg(it)).cloned());
        visit_field_pat_mut(self, field);
        self.cfgs.truncate(outside);
    }

    fn visit_pat_ident_mut(&mut self, pattern: &mut PatIdent) {
        self.parameters.push(Parameter {
            ident: pattern.ident.clone(),
            cfgs: self.cfgs.clone(),
            drops: self.drops,
            may_be_constant: !self.is_variable && may_be_constant(pattern),
        });
        visit_pat_ident_mut(self, pattern);
    }
}

/// Whether a name in a pattern may be that of a constant, which makes no variable: a lone one that starts upper case.
pub(crate) fn may_be_constant(pattern: &PatIdent) -> bool {
    pattern.by_ref.is_none()
        && pattern.mutability.is_none()
        && pattern.subpat.is_none()
        && pattern.ident.unraw().to_string().starts_with(char::is_uppercase)
}

/// Whether all of the parameter is a name, and a variable's, however it starts: the pattern of a unit struct, which is
/// all else that it could be, has mostly the name of its type.
pub(crate) fn is_variable(argument: &PatType) -> bool {
    let Pat::Ident(PatIdent { ident, subpat: None, .. }) = &*argument.pat else { return false };
    !is_named(&argument.ty, ident)
}

fn is_named(ty: &Type, name: &Ident) -> bool {
    match ty {
        Type::Path(path) => {
            path.path.segments.last().is_some_and(|last| last.ident == *name || last.ident == "Self")
        }
        Type::Reference(ty) => is_named(&ty.elem, name),
        Type::Paren(ty) => is_named(&ty.elem, name),
        Type::Group(ty) => is_named(&ty.elem, name),
        _ => false,
    }
}

/// A statement with an expression that uses no `_variable` in the eyes of clippy.
pub(crate) fn not_used(expression: &TokenStream) -> TokenStream {
    quote!(*::traced::__private::own::mentioned(#expression) = ();)
}

pub(crate) fn is_cfg(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr")
}

/// Whether the function is certainly one of a type: it mentions `self` or `Self`.
pub(crate) fn is_method(signature: &Signature, before: &TokenStream, body: &Words) -> bool {
    signature.receiver().is_some() || body.mention("Self") || Words::of(before.clone()).mention("Self")
}
