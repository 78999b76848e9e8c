//! The arguments of a block, which are the defaults of each function's own.

use std::cell::RefCell;
use std::rc::Rc;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Error, ReturnType};

use crate::arg::Errors;
use crate::args::Args;
use crate::body::is_ident;
use crate::capture::Parameters;
use crate::this;
use crate::variables::{in_expression, in_parameters};
use crate::words::plain;

/// Arguments that exclude each other: a function's own takes the place of the block's.
const TOGETHER: [&[&str]; 2] = [&["args", "skip", "skip_all"], &["root", "parent"]];

/// What holds for each function of a block that does not say otherwise.
#[derive(Default)]
pub(crate) struct Defaults {
    arguments: Vec<Argument>,
    /// Parameters in `args(..)` and `skip(..)` that no function has had yet.
    nowhere: Rc<RefCell<Vec<Ident>>>,
    /// Names that are mentioned, and are the parameters of a function here. Others are items, or known nowhere.
    variables: Vec<String>,
}

/// `key`, `key = ..`, `key(..)` or a lone literal.
#[derive(Clone)]
struct Argument {
    key: Option<Ident>,
    tokens: Vec<TokenTree>,
}

impl Defaults {
    /// The arguments of a block with these items. One that is wrong is wrong once, and not for each function again.
    pub(crate) fn of(arguments: TokenStream, items: &TokenStream, errors: &mut Errors) -> Self {
        let mut wrong = Errors::default();
        Args::parse(arguments.clone(), &mut wrong);
        let mut arguments = split(arguments);
        for argument in &arguments {
            if argument.is("name") {
                let message = "a name is that of one function: give it there";
                wrong.push(Error::new(argument.at(), message));
            }
        }
        if !wrong.is_empty() {
            errors.extend(wrong);
            // A function that relies on one of the others should not be told that there is none.
            let mut first: Vec<Argument> = Vec::new();
            for argument in arguments {
                if argument.is_right() && !first.iter().any(|other| other.key == argument.key) {
                    first.push(argument);
                }
            }
            arguments = first;
        }
        let nowhere = RefCell::new(arguments.iter().flat_map(Argument::parameters).collect());
        let mut variables: Vec<String> = arguments.iter().flat_map(Argument::variables).collect();
        if !variables.is_empty() {
            let mut parameters = Vec::new();
            in_parameters(items, &mut parameters);
            variables.retain(|name| parameters.contains(name));
        }
        Self { arguments, nowhere: Rc::new(nowhere), variables }
    }

    /// These for a function, with its own over them. Of `args(..)` and `skip(..)` what it has.
    pub(crate) fn for_function(&self, own: TokenStream, parameters: &Parameters) -> TokenStream {
        self.nowhere.borrow_mut().retain(|name| !parameters.has(&plain(name)));
        let own = split(own);
        let given: Vec<String> = own.iter().flat_map(Argument::attributes).collect();
        let arguments = self.arguments.iter().filter_map(|argument| argument.beside(&given));
        let arguments = arguments.filter_map(|argument| argument.only(parameters, &self.variables));
        merged(arguments, own).iter().map(Argument::with_comma).collect()
    }

    /// The same for a block in a block.
    pub(crate) fn for_block(&self, own: TokenStream, items: &TokenStream, errors: &mut Errors) -> Self {
        let mut own = Self::of(own, items, errors);
        own.arguments = merged(self.arguments.iter().cloned(), own.arguments);
        own.variables.extend(self.variables.iter().cloned());
        own
    }

    /// These for a function that returns this. What is said of errors, where the type is not named as a `Result` is:
    /// the compiler alone would know whether it is one.
    pub(crate) fn fitting(&self, output: &ReturnType) -> Self {
        let may_fail = names_result(&output.to_token_stream());
        self.only(|argument| may_fail || !argument.is("err") || argument.is_off())
    }

    /// These without one.
    pub(crate) fn without(&self, key: &str) -> Self {
        self.only(|argument| !argument.is(key))
    }

    fn only(&self, keep: impl Fn(&Argument) -> bool) -> Self {
        let arguments = self.arguments.iter().filter(|argument| keep(argument)).cloned().collect();
        Self { arguments, nowhere: self.nowhere.clone(), variables: self.variables.clone() }
    }

    /// A parameter that no function has is a mistake: what was to be skipped would be recorded.
    pub(crate) fn check(&self, errors: &mut Errors) {
        errors.extend(
            self.nowhere
                .take()
                .into_iter()
                .map(|name| Error::new(name.span(), format!("no function here has a parameter `{name}`"))),
        );
    }
}

/// Whether the argument is among them.
pub(crate) fn gives(arguments: &TokenStream, key: &str) -> bool {
    split(arguments.clone()).iter().any(|argument| argument.is(key))
}

/// Arguments with others over them.
fn merged(defaults: impl Iterator<Item = Argument>, mut own: Vec<Argument>) -> Vec<Argument> {
    let mut merged = Vec::new();
    for default in defaults {
        match own.iter_mut().find(|own| own.replaces(&default)) {
            None => merged.push(default),
            Some(own) if default.is("fields") => own.take_in(&default),
            Some(_) => {}
        }
    }
    merged.extend(own);
    merged
}

impl Argument {
    fn is(&self, key: &str) -> bool {
        match &self.key {
            Some(own) => own == key,
            None => key == "name",
        }
    }

    /// Whether nothing is wrong with it alone.
    fn is_right(&self) -> bool {
        let mut errors = Errors::default();
        Args::parse(self.with_comma(), &mut errors);
        errors.is_empty() && !self.is("name")
    }

    /// `err = off`.
    fn is_off(&self) -> bool {
        matches!(self.tokens.last(), Some(TokenTree::Ident(value)) if value == "off")
    }

    /// The names in `args(..)` and `skip(..)`.
    fn parameters(&self) -> Vec<Ident> {
        match self.tokens.last() {
            Some(TokenTree::Group(names)) if self.is("args") || self.is("skip") => {
                let is_name = |token| if let TokenTree::Ident(name) = token { Some(name) } else { None };
                names.stream().into_iter().filter_map(is_name).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The attributes that it names: a field is one, and so is a parameter in `args(..)`.
    fn attributes(&self) -> Vec<String> {
        match self.fields() {
            Some(fields) => fields.iter().map(|field| field_key(field)).collect(),
            None if self.is("args") => self.parameters().iter().map(plain).collect(),
            None => Vec::new(),
        }
    }

    /// This without the attributes that the function gives in another way. None: nothing is left of it.
    fn beside(&self, given: &[String]) -> Option<Self> {
        let is_left = |name: &String| !given.contains(name);
        if self.attributes().iter().all(is_left) {
            return Some(self.clone());
        }
        if let Some(fields) = self.fields() {
            let left = fields.into_iter().filter(|field| is_left(&field_key(field)));
            return self.with_list(left.map(TokenStream::from_iter));
        }
        let left = self.parameters().into_iter().filter(|name| is_left(&plain(name)));
        self.with_list(left.map(ToTokens::into_token_stream))
    }

    /// The names that are mentioned in its value, or in those of its fields.
    fn variables(&self) -> Vec<String> {
        match self.fields() {
            Some(fields) => fields.iter().flat_map(|field| in_expression(&value(field))).collect(),
            None if self.is("args") || self.is("skip") => Vec::new(),
            None => in_expression(&value(&self.tokens)),
        }
    }

    /// Those of `fields(..)`.
    fn fields(&self) -> Option<Vec<Vec<TokenTree>>> {
        match self.tokens.last() {
            Some(TokenTree::Group(fields)) if self.is("fields") => Some(between_commas(fields.stream())),
            _ => None,
        }
    }

    /// This for a function with these parameters: what mentions another, which functions beside it have, is left out, as
    /// what mentions `self` in one that is not called on anything. None: nothing is left of it.
    fn only(&self, parameters: &Parameters, variables: &[String]) -> Option<Self> {
        let can_be_said = |tokens: &[TokenTree]| {
            let is_there = |name: &String| parameters.has(name) || !variables.contains(name);
            (parameters.has("self") || this::find(&tokens.iter().cloned().collect()).is_none())
                && in_expression(&value(tokens)).iter().all(is_there)
        };
        if let Some(fields) = self.fields() {
            let left = fields.iter().filter(|field| can_be_said(field));
            return self.with_list(left.map(|field| field.iter().cloned().collect()));
        }
        if !(self.is("args") || self.is("skip")) {
            return can_be_said(&self.tokens).then(|| self.clone());
        }
        let names = self.parameters();
        if names.is_empty() {
            return Some(self.clone());
        }
        let left = names.iter().filter(|name| parameters.has(&plain(name)));
        let only = self.with_list(left.map(ToTokens::to_token_stream));
        // To skip none of them is to record all.
        only.or_else(|| self.is("skip").then(|| self.with_parentheses(&TokenStream::new())))
    }

    /// The same with these in its parentheses, if there are any.
    fn with_list(&self, list: impl Iterator<Item = TokenStream>) -> Option<Self> {
        let list: Vec<TokenStream> = list.collect();
        (!list.is_empty()).then(|| self.with_parentheses(&quote!(#(#list),*)))
    }

    fn with_parentheses(&self, inside: &TokenStream) -> Self {
        let mut with = self.clone();
        with.tokens.pop();
        with.tokens.extend(quote!((#inside)));
        with
    }

    fn at(&self) -> Span {
        self.tokens.first().map_or_else(Span::call_site, TokenTree::span)
    }

    fn replaces(&self, default: &Self) -> bool {
        let Some(key) = &default.key else { return self.is("name") };
        let key = key.to_string();
        self.is(&key)
            || TOGETHER.iter().any(|keys| keys.contains(&&*key) && keys.iter().any(|key| self.is(key)))
    }

    /// Puts the default's fields before those of this, without those that this gives too.
    fn take_in(&mut self, default: &Self) {
        let (Some(TokenTree::Group(own)), Some(TokenTree::Group(others))) =
            (self.tokens.last(), default.tokens.last())
        else {
            return;
        };
        let keys: Vec<String> = between_commas(own.stream()).iter().map(|field| field_key(field)).collect();
        let kept =
            between_commas(others.stream()).into_iter().filter(|field| !keys.contains(&field_key(field)));
        let kept = kept.map(|field| field.into_iter().collect::<TokenStream>());
        let stream = own.stream();
        let mut joined = Group::new(Delimiter::Parenthesis, quote!(#(#kept,)* #stream));
        joined.set_span(own.span());
        self.tokens.pop();
        self.tokens.push(TokenTree::Group(joined));
    }

    fn with_comma(&self) -> TokenStream {
        let tokens = self.tokens.iter().cloned().collect::<TokenStream>();
        quote!(#tokens,)
    }
}

/// Whether the type is named as a `Result` is, or may be a future or a stream of one: `io::Result<T>`, `LockResult<T>`. What
/// holds one is none.
fn names_result(ty: &TokenStream) -> bool {
    const HOLDERS: [&str; 8] = ["Option", "Vec", "Box", "Rc", "Arc", "JoinHandle", "Receiver", "Sender"];
    let is_holder = |word: &TokenTree| HOLDERS.iter().any(|holder| is_ident(word, holder));
    let path = ty.clone().into_iter().skip_while(|token| is_punct(token, "->"));
    let path = path.take_while(|token| !is_punct(token, "<"));
    if path.last().is_some_and(|last| is_holder(&last)) {
        return false;
    }
    ty.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident.to_string().ends_with("Result"),
        TokenTree::Group(group) => names_result(&group.stream()),
        _ => false,
    })
}

fn is_punct(token: &TokenTree, chars: &str) -> bool {
    matches!(token, TokenTree::Punct(punct) if chars.contains(punct.as_char()))
}

/// What is between commas. A comma between angle brackets is none of ours: what follows it is no `key`.
fn split(arguments: TokenStream) -> Vec<Argument> {
    let mut split: Vec<Argument> = Vec::new();
    for tokens in between_commas(arguments) {
        let key = match tokens.as_slice() {
            [TokenTree::Literal(_), ..] => Some(None),
            [TokenTree::Ident(key)] | [TokenTree::Ident(key), TokenTree::Group(_)] => Some(Some(key.clone())),
            [TokenTree::Ident(key), TokenTree::Punct(equals), ..] if equals.as_char() == '=' => {
                Some(Some(key.clone()))
            }
            _ => None,
        };
        match (key, split.last_mut()) {
            (Some(key), _) => split.push(Argument { key, tokens }),
            (None, Some(last)) => {
                last.tokens.extend(quote!(,));
                last.tokens.extend(tokens);
            }
            (None, None) => split.push(Argument { key: None, tokens }),
        }
    }
    split
}

/// What is between the commas, without what is empty.
pub(crate) fn between_commas(list: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut fields = vec![Vec::new()];
    for token in list {
        match (&token, fields.last_mut()) {
            (TokenTree::Punct(comma), _) if comma.as_char() == ',' => fields.push(Vec::new()),
            (_, Some(field)) => field.push(token),
            (_, None) => {}
        }
    }
    fields.retain(|field| !field.is_empty());
    fields
}

/// What follows the key.
fn value(tokens: &[TokenTree]) -> TokenStream {
    let is_equals = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '=');
    let at = tokens.iter().position(is_equals);
    let is_list = || matches!(tokens, [TokenTree::Ident(_), TokenTree::Group(_)]);
    let from = at.or_else(|| is_list().then_some(0)).map_or(tokens.len(), |at| at + 1);
    tokens.iter().skip(from).cloned().collect()
}

/// The key of `key = value`, `key`, `%key` and `?key`, as text.
fn field_key(field: &[TokenTree]) -> String {
    let is = |token: &TokenTree, chars: &[char]| matches!(token, TokenTree::Punct(punct) if chars.contains(&punct.as_char()));
    let key = field.iter().skip_while(|token| is(token, &['%', '?'])).take_while(|token| !is(token, &['=']));
    key.map(|token| token.to_string().trim_matches('"').to_owned()).collect()
}
