//! The arguments of a block, which are the defaults of each function's own.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::quote;
use syn::Error;

use crate::arg::Errors;
use crate::args::Args;

/// Arguments that exclude each other: a function's own takes the place of the block's.
const TOGETHER: [&[&str]; 2] = [&["args", "skip", "skip_all"], &["root", "parent"]];

/// What holds for each function of a block that does not say otherwise.
#[derive(Clone, Default)]
pub(crate) struct Defaults(Vec<Argument>);

/// `key`, `key = ..`, `key(..)` or a lone literal.
#[derive(Clone)]
struct Argument {
    key: Option<Ident>,
    tokens: Vec<TokenTree>,
}

impl Defaults {
    /// The arguments of a block. One that is wrong is wrong once, and not for each function again.
    pub(crate) fn of(arguments: TokenStream, errors: &mut Errors) -> Self {
        let mut wrong = Errors::default();
        Args::parse(arguments.clone(), &mut wrong);
        let arguments = split(arguments);
        for argument in &arguments {
            if argument.is("name") {
                let message = "a name is that of one function: give it there";
                wrong.push(Error::new(argument.at(), message));
            }
        }
        if wrong.is_empty() {
            return Self(arguments);
        }
        errors.extend(wrong);
        Self::default()
    }

    /// These with others over them.
    pub(crate) fn with(&self, own: TokenStream) -> TokenStream {
        let mut own = split(own);
        let mut merged: Vec<Argument> = Vec::new();
        for default in &self.0 {
            match own.iter_mut().find(|own| own.replaces(default)) {
                None => merged.push(default.clone()),
                Some(own) if default.is("fields") => own.take_in(default),
                Some(_) => {}
            }
        }
        merged.extend(own);
        merged.iter().map(Argument::with_comma).collect()
    }

    /// The same for a block in a block.
    pub(crate) fn with_block(&self, own: TokenStream, errors: &mut Errors) -> Self {
        let own = Self::of(own, errors).0.into_iter().flat_map(|argument| argument.with_comma()).collect();
        Self(split(self.with(own)))
    }
}

impl Argument {
    fn is(&self, key: &str) -> bool {
        match &self.key {
            Some(own) => own == key,
            None => key == "name",
        }
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

/// The key of `key = value`, `key`, `%key` and `?key`, as text.
fn field_key(field: &[TokenTree]) -> String {
    let is = |token: &TokenTree, chars: &[char]| matches!(token, TokenTree::Punct(punct) if chars.contains(&punct.as_char()));
    let key = field.iter().skip_while(|token| is(token, &['%', '?'])).take_while(|token| !is(token, &['=']));
    key.map(|token| token.to_string().trim_matches('"').to_owned()).collect()
}
