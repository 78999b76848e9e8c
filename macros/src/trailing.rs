//! Futures and boxes at the end of a body, into which a span can be put.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit_mut::{VisitMut, visit_type_param_bound_mut};
use syn::{AssocType, ReturnType, Signature, Type, TypeParamBound, parse_quote, parse_quote_spanned};

use crate::async_trait::{Taking, is_made_by_it};
use crate::body::{Statements, is_ident, is_semicolon};
use crate::capture::Parameters;
use crate::early::Early;
use crate::items::braces;
use crate::types::Returns;
use crate::words::Words;

/// `before async move { statements }`, or the same in parentheses: `before (async move { statements })`.
pub(crate) struct TrailingAsync {
    pub(crate) before: TokenStream,
    pub(crate) parentheses: Option<Group>,
    /// `async` or `async move`.
    pub(crate) head: TokenStream,
    /// What the block does before the span begins.
    pub(crate) opening: TokenStream,
    pub(crate) statements: Statements,
    /// What the future returns, where the signature says it.
    pub(crate) output: Returns,
    /// What is evaluated when the span begins does not fit into the block: it is evaluated before all statements.
    pub(crate) begins_later: bool,
}

/// `before Box::pin(expression)`: a span that is put into the box makes no other, and need not outlive what is known of that.
pub(crate) struct TrailingBox {
    /// May be left by `return Box::pin(..)`, and not otherwise.
    pub(crate) before: TokenStream,
    /// `Box::pin`
    pub(crate) path: TokenStream,
    pub(crate) parentheses: Group,
    pub(crate) expression: TokenStream,
}

impl TrailingBox {
    pub(crate) fn of(statements: &TokenStream) -> Option<Self> {
        let mut before: Vec<TokenTree> = statements.clone().into_iter().collect();
        let parentheses = match before.pop()? {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => group,
            _ => return None,
        };
        let start = before.iter().rposition(|token| !is_of_path(token)).map_or(0, |last| last + 1);
        let path = before.split_off(start);
        let begins = before.last().is_none_or(|last| is_semicolon(last) || braces(last).is_some());
        let expression: TokenStream = without_comma(parentheses.stream()).into_iter().collect();
        if !begins || !ends_box_pin(&path) || expression.is_empty() {
            return None;
        }
        let (before, path): (TokenStream, TokenStream) =
            (before.into_iter().collect(), path.into_iter().collect());
        // What is returned somehow is in a box already.
        if Early::of(&before).max(Early::of(&expression)) == Early::Somehow {
            return None;
        }
        Some(Self { before, path, parentheses, expression })
    }
}

/// What is in parentheses, without the comma at its end.
fn without_comma(inside: TokenStream) -> Vec<TokenTree> {
    let mut inside: Vec<TokenTree> = inside.into_iter().collect();
    if matches!(inside.last(), Some(TokenTree::Punct(comma)) if comma.as_char() == ',') {
        inside.pop();
    }
    inside
}

impl TrailingAsync {
    /// Whether the function returns nothing but this block, and records nothing before.
    pub(crate) fn is_all(&self) -> bool {
        // That of an `impl Future` is of a type of its own.
        let is_only = self.parentheses.is_none() || Early::of(&self.before) == Early::Never;
        is_only && !Words::of(self.before.clone()).invoke_record
    }

    /// Whether the block has every parameter that is evaluated, as it was given. To evaluate another there would make the
    /// block hold it, which may be gone by then, or live too short, or not be `Send`. And what is dropped with the block
    /// is dropped in the order in which the block first mentions it: only `#[async_trait]` makes it take all in theirs.
    pub(crate) fn takes(&self, evaluated: &Words, parameters: &Parameters, signature: &Signature) -> bool {
        let mut evaluated = parameters.mentioned_by(evaluated).peekable();
        if evaluated.peek().is_none() {
            return true;
        }
        let moves = self.head.clone().into_iter().any(|word| is_ident(&word, "move"));
        let takes_all = is_made_by_it(signature);
        let (before, block) = (Words::of(self.before.clone()), Words::of(self.statements.tokens.clone()));
        moves
            && evaluated
                .all(|(name, drops)| block.mention(&name) && !before.mention(&name) && (!drops || takes_all))
    }

    /// Has the span begin when the arguments have been taken apart of which parts are evaluated then. Returns what `self` is
    /// called by then, if something else.
    pub(crate) fn opens_for(&mut self, evaluated: &Words) -> Option<Ident> {
        let taking = Taking::of(&self.statements.tokens).filter(|taking| taking.binds_one_of(evaluated))?;
        let words = Words::of(taking.rest.clone());
        self.statements = Statements::of(taking.rest, self.statements.braces.clone(), &words);
        self.opening = taking.opening;
        taking.this
    }

    /// `async move { .. }` alone.
    pub(crate) fn alone(expression: TokenStream) -> Option<Self> {
        let mut tokens: Vec<TokenTree> = expression.into_iter().collect();
        let block = tokens.pop()?;
        let (before, future) = split_async(tokens, &block)?;
        before.is_empty().then_some(future)
    }

    pub(crate) fn of(signature: &Signature, tokens: &TokenStream) -> Option<Self> {
        let ReturnType::Type(_, ty) = &signature.output else { return None };
        let output = || Returns::named(future_output(ty));
        let mut tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
        match tokens.pop()? {
            TokenTree::Group(group)
                if group.delimiter() == Delimiter::Parenthesis && ends_box_pin(&tokens) =>
            {
                let mut inside = without_comma(group.stream());
                let block = inside.pop()?;
                let (before, future) = split_async(inside, &block)?;
                (before.is_empty() && !ends_in_parameters(&tokens)).then(|| Self {
                    before: tokens.into_iter().collect(),
                    parentheses: Some(group),
                    output: output(),
                    ..future
                })
            }
            block if matches!(**ty, Type::ImplTrait(_)) => {
                let (before, future) = split_async(tokens, &block)?;
                let whole = || Self { before: before.iter().cloned().collect(), output: output(), ..future };
                (!ends_in_parameters(&before)).then(whole)
            }
            _ => None,
        }
    }
}

/// Splits `before async move` and `{ .. }` where they are that.
fn split_async(mut before: Vec<TokenTree>, block: &TokenTree) -> Option<(Vec<TokenTree>, TrailingAsync)> {
    let braces = braces(block)?;
    let mut head = vec![before.pop()?];
    if is_ident(&head[0], "move") {
        head.insert(0, before.pop()?);
    }
    if !is_ident(&head[0], "async") {
        return None;
    }
    let words = Words::of(braces.stream());
    let statements = Statements::of(braces.stream(), braces, &words);
    let head = head.into_iter().collect();
    let output = Returns::unknown();
    let (before_it, opening) = (TokenStream::new(), TokenStream::new());
    let future = TrailingAsync {
        before: before_it,
        parentheses: None,
        head,
        opening,
        statements,
        output,
        begins_later: false,
    };
    Some((before, future))
}

/// Whether the function that is called is `Box::pin`.
pub(crate) fn is_box_pin(function: &impl ToTokens) -> bool {
    let path: Vec<TokenTree> = function.to_token_stream().into_iter().collect();
    path.iter().all(is_of_path) && ends_box_pin(&path)
}

fn ends_box_pin(tokens: &[TokenTree]) -> bool {
    let [.., owner, colon, _, pin] = tokens else { return false };
    is_ident(owner, "Box")
        && matches!(colon, TokenTree::Punct(colon) if colon.as_char() == ':')
        && is_ident(pin, "pin")
}

/// Whether what follows, after a path, is the body of a closure.
fn ends_in_parameters(tokens: &[TokenTree]) -> bool {
    let before_path = tokens.iter().rev().find(|token| !is_of_path(token));
    matches!(before_path, Some(TokenTree::Punct(bar)) if bar.as_char() == '|')
}

fn is_of_path(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Ident(_)) || matches!(token, TokenTree::Punct(colon) if colon.as_char() == ':')
}

/// The output of a future of the type, told of where the type is.
pub(crate) fn projected(ty: &impl ToTokens) -> Type {
    let at = Span::call_site().located_at(ty.span());
    parse_quote_spanned!(at=> <#ty as ::core::future::Future>::Output)
}

/// The `T` of a `Future<Output = T>` somewhere in the type; or of what an alias stands for, which only the compiler knows.
pub(crate) fn future_output(ty: &Type) -> Type {
    struct Find {
        output: Option<Type>,
        is_alias: bool,
    }
    impl VisitMut for Find {
        fn visit_assoc_type_mut(&mut self, assoc: &mut AssocType) {
            if assoc.ident == "Output" && self.output.is_none() {
                self.output = Some(assoc.ty.clone());
            }
        }

        fn visit_type_param_bound_mut(&mut self, bound: &mut TypeParamBound) {
            self.is_alias = false;
            visit_type_param_bound_mut(self, bound);
        }
    }
    let mut find = Find { output: None, is_alias: true };
    find.visit_type_mut(&mut ty.clone());
    match find.output {
        Some(output) => output,
        None if find.is_alias => projected(ty),
        None => parse_quote!(_),
    }
}
