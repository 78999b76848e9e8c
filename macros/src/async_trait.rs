//! What `#[async_trait]` leaves of a method where it comes first: a block that takes the arguments before it does anything. Those
//! that were patterns are called `__arg1` and the like by then, and are taken apart in there.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::Parser;
use syn::{Block, Expr, FnArg, Local, LocalInit, Pat, Signature, Stmt, parse_quote};

use crate::items::braces;
use crate::words::Words;

/// A block, up to where its last argument has been taken apart, and after that.
pub(crate) struct Taking {
    pub(crate) opening: TokenStream,
    pub(crate) rest: TokenStream,
    /// What `self` is called after the opening.
    pub(crate) this: Option<Ident>,
    patterns: Vec<(Ident, Pat)>,
}

impl Taking {
    /// None: the block takes no argument apart.
    pub(crate) fn of(block: &TokenStream) -> Option<Self> {
        let statements = Block::parse_within.parse2(block.clone()).ok()?;
        let end = statements.iter().rposition(|statement| taken_apart(statement).is_some())? + 1;
        let (opening, rest) = statements.split_at(end);
        let tokens = |statements: &[Stmt]| statements.iter().map(ToTokens::to_token_stream).collect();
        Some(Self {
            opening: tokens(opening),
            rest: tokens(rest),
            this: opening.iter().find_map(other_self),
            patterns: opening.iter().filter_map(taken_apart).collect(),
        })
    }

    /// Whether one of the names is only known after the opening.
    pub(crate) fn binds_one_of(&self, words: &Words) -> bool {
        self.patterns.iter().any(|(_, pattern)| Words::of(pattern.to_token_stream()).have_one_of(words))
    }
}

/// Gives the parameters their patterns back.
pub(crate) fn restore(signature: &mut Signature, body: &Group) {
    let is_taken =
        |input: &FnArg| matches!(input, FnArg::Typed(argument) if argument_name(&argument.pat).is_some());
    if !is_made_by_it(signature) || !signature.inputs.iter().any(is_taken) {
        return;
    }
    let Some(block) = block_of(body) else { return };
    let patterns = Taking::of(&block).map(|taking| taking.patterns).unwrap_or_default();
    for input in &mut signature.inputs {
        let FnArg::Typed(argument) = input else { continue };
        let name = argument_name(&argument.pat);
        let Some(name) = name else { continue };
        let pattern = patterns.iter().find(|(taken, _)| name == taken).map(|(_, pattern)| pattern.clone());
        // Nothing is bound of a `_`.
        *argument.pat = pattern.unwrap_or_else(|| parse_quote!(_));
    }
}

/// Whether this is what it makes of an `async fn`.
pub(crate) fn is_made_by_it(signature: &Signature) -> bool {
    signature.generics.lifetimes().any(|it| it.lifetime.ident == "async_trait")
}

/// `Box::pin(async move { .. })`: what is in the inner braces.
fn block_of(body: &Group) -> Option<TokenStream> {
    let Some(TokenTree::Group(parentheses)) = body.stream().into_iter().last() else { return None };
    let block = parentheses.stream().into_iter().last()?;
    Some(braces(&block)?.stream())
}

fn argument_name(pattern: &Pat) -> Option<&Ident> {
    match pattern {
        Pat::Ident(name) if name.ident.to_string().starts_with("__arg") => Some(&name.ident),
        _ => None,
    }
}

/// `let (a, b) = { let __arg1 = __arg1; __arg1 };`
fn taken_apart(statement: &Stmt) -> Option<(Ident, Pat)> {
    let (pattern, value) = bound(statement)?;
    let Expr::Block(block) = value else { return None };
    let [Stmt::Local(_), Stmt::Expr(Expr::Path(argument), None)] = block.block.stmts.as_slice() else {
        return None;
    };
    let argument = argument.path.get_ident().filter(|name| name.to_string().starts_with("__arg"))?;
    Some((argument.clone(), pattern.clone()))
}

/// `let __self = self;`
fn other_self(statement: &Stmt) -> Option<Ident> {
    match bound(statement)? {
        (Pat::Ident(this), Expr::Path(value)) if value.path.is_ident("self") => Some(this.ident.clone()),
        _ => None,
    }
}

fn bound(statement: &Stmt) -> Option<(&Pat, &Expr)> {
    match statement {
        Stmt::Local(Local { pat, init: Some(LocalInit { expr, .. }), .. }) => Some((pat, expr)),
        _ => None,
    }
}
