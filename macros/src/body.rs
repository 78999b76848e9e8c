//! Which part of the body is the work, and how a span is put around it.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::Parser;
use syn::{Block, FnArg, ReturnType, Signature, Stmt};

use crate::async_trait::is_made_by_it;
use crate::capture::Parameters;
use crate::early::Early;
use crate::items::braces;
use crate::makes::Makes;
use crate::returned::Returned;
use crate::trailing::{TrailingAsync, TrailingBox};
use crate::types::{Returns, argument_never_drops, is_never, no_result};
use crate::words::Words;

/// The body of the function, taken apart.
pub(crate) struct Body {
    /// `#![..]` at its start, which must stay there.
    pub(crate) inner_attributes: TokenStream,
    /// All that follows them.
    pub(crate) statements: TokenStream,
    pub(crate) work: Work,
    /// The work makes a stream, which the span is then around.
    pub(crate) makes: Option<Makes>,
    pub(crate) braces: Group,
    pub(crate) words: Words,
}

/// What a span is put around.
pub(crate) enum Work {
    /// The statements of a function that cannot fail: a guard among them is enough, and the cheapest to compile.
    Guarded(Statements),
    /// The statements of a function, in a closure so that their outcome is seen.
    Sync(Statements),
    /// The statements of an `async fn`.
    Async(Statements),
    /// An `async` block at the end of a function that is not `async`, as `#[async_trait]` leaves it.
    Future(Box<TrailingAsync>),
    /// The statements of a function that returns a future or a stream.
    Returned(Statements, Box<Returned>),
    /// The same where the statements must stay outside of a closure, which would lose the caller's location.
    ReturnedHere(Statements, Box<Returned>),
}

/// The user's statements, and the braces they were in.
pub(crate) struct Statements {
    pub(crate) tokens: TokenStream,
    pub(crate) braces: Group,
    has_items: bool,
}

/// What must be seen of a function, besides that it runs.
#[derive(Clone, Copy)]
pub(crate) struct Seen {
    /// By it: where it was called from.
    pub(crate) track_caller: bool,
    /// By us: what it returns.
    pub(crate) returned: bool,
}

impl Body {
    pub(crate) fn of(signature: &Signature, seen: Seen, body: &Group) -> Self {
        let (inner_attributes, tokens) = split_inner_attributes(body.stream());
        let words = Words::of(tokens.clone());
        let tokens = if words.have_fragments { with_fragments(tokens) } else { tokens };
        let statements = Statements::of(tokens.clone(), body.clone(), &words);
        let future = match signature.asyncness {
            None => TrailingAsync::of(signature, &tokens),
            Some(_) => None,
        };
        let is_future = future.is_some();
        let returned = || {
            let mut returned = Returned::of(&signature.output, is_future)?;
            returned.in_box = if returned.boxed { TrailingBox::of(&tokens) } else { None };
            // Without a closure it is seen only where the end of the body is the one way out of it, or all are in sight.
            let in_sight =
                !seen.track_caller || returned.in_box.is_some() || Early::of(&tokens) == Early::Never;
            (in_sight && returned.is_told()).then(|| Box::new(returned))
        };
        let work = if signature.asyncness.is_some() {
            Work::Async(statements)
        } else if let Some(future) = future.filter(TrailingAsync::is_all) {
            Work::Future(Box::new(future))
        } else if let Some(returned) = returned() {
            if seen.track_caller && returned.in_box.is_none() {
                Work::ReturnedHere(statements, returned)
            } else {
                Work::Returned(statements, returned)
            }
        } else if seen.track_caller
            || is_never(&signature.output)
            || !seen.returned
                && (guard_is_enough(signature) || Returns::of(signature.output.clone()).is_function)
        {
            Work::Guarded(statements)
        } else {
            Work::Sync(statements)
        };
        let makes = match &work {
            Work::Async(_) | Work::Future(_) => Makes::of_future(signature),
            Work::Sync(_) => Makes::of(&signature.output),
            Work::Guarded(_) | Work::Returned(..) | Work::ReturnedHere(..) => None,
        };
        Self { inner_attributes, statements: tokens, work, makes, braces: body.clone(), words }
    }

    /// What tells how a call ended: what the function returns, or its future's output.
    pub(crate) fn judged(&self, output: &ReturnType) -> Returns {
        match &self.work {
            Work::Future(future) => future.output.clone(),
            Work::Returned(_, returned) | Work::ReturnedHere(_, returned) => {
                returned.yields.clone().map_or_else(Returns::unknown, Returns::named)
            }
            Work::Guarded(_) | Work::Sync(_) | Work::Async(_) => Returns::of(output.clone()),
        }
    }

    /// Whether the span begins in what the function returns.
    pub(crate) fn begins_later(&self) -> bool {
        match &self.work {
            Work::Returned(..) | Work::ReturnedHere(..) => true,
            Work::Future(future) => future.begins_later,
            Work::Sync(_) => self.makes.is_some(),
            Work::Guarded(_) | Work::Async(_) => false,
        }
    }

    /// What is returned that has a span.
    pub(crate) fn returned(&self) -> Option<&Returned> {
        match &self.work {
            Work::Returned(_, returned) | Work::ReturnedHere(_, returned) => Some(returned),
            _ => self.makes.as_ref().map(|makes| &*makes.stream),
        }
    }

    /// Whether all of it runs in the call.
    pub(crate) fn is_in_call(&self) -> bool {
        matches!(self.work, Work::Guarded(_) | Work::Sync(_)) && self.makes.is_none()
    }

    /// Tells it what is evaluated when the span begins. Returns what `self` is called there, if something else.
    pub(crate) fn evaluates(
        &mut self,
        evaluated: &Words,
        parameters: &Parameters,
        signature: &Signature,
    ) -> Option<Ident> {
        let Work::Future(future) = &mut self.work else { return None };
        future.begins_later = !future.takes(evaluated, parameters, signature);
        let may_open = !future.begins_later && is_made_by_it(signature);
        if may_open { future.opens_for(evaluated) } else { None }
    }

    /// All statements, whatever the work is.
    pub(crate) fn whole(&self) -> Statements {
        Statements::of(self.statements.clone(), self.braces.clone(), &self.words)
    }
}

impl Statements {
    pub(crate) fn of(tokens: TokenStream, braces: Group, words: &Words) -> Self {
        // Parsed only where an item is likely: most bodies are not parsed at all.
        let has_items = words.may_have_items
            && Block::parse_within.parse2(tokens.clone()).is_ok_and(|statements| {
                statements.iter().any(|statement| matches!(statement, Stmt::Item(_)))
            });
        Self { tokens, braces, has_items }
    }

    /// The statements, ready to follow others of ours.
    ///
    /// Mostly as they are: braces around them would be reported as unused where they are one expression.
    /// But items among them would be reported as items after statements, so then in their braces.
    pub(crate) fn after_others(&self) -> TokenStream {
        if self.has_items { in_braces_of(&self.braces, &self.tokens) } else { self.tokens.clone() }
    }

    /// The same after a guard, which must outlive what is left of the last expression: in old editions that is dropped
    /// after all variables of its block, so there is to be a block around it that ends first. But not around a closure:
    /// what the signature says of its parameters would not be known in there.
    pub(crate) fn after_guard(&self, returns: &Returns) -> TokenStream {
        let has_value = self.tokens.clone().into_iter().last().is_some_and(|last| !is_semicolon(&last));
        if has_value && !returns.is_function { self.as_arm() } else { self.after_others() }
    }

    /// The same after variables that must outlive what is left of the last expression, which is so for a function's
    /// parameters in each edition: as an arm it ends first.
    pub(crate) fn after_parameters(&self, taken: &TokenStream) -> TokenStream {
        if taken.is_empty() { self.after_others() } else { self.as_arm() }
    }

    /// Where the value that they end with begins and ends, as far as tokens tell.
    pub(crate) fn value(&self) -> Option<(Span, Span)> {
        let mut tokens = self.tokens.clone().into_iter().peekable();
        let mut value = None;
        while let Some(token) = tokens.next() {
            let at = token.span();
            let ends =
                is_semicolon(&token) || braces(&token).is_some() && tokens.peek().is_some_and(begins_value);
            value = if ends { None } else { Some((value.map_or(at, |(first, _)| first), at)) };
        }
        value
    }

    fn as_arm(&self) -> TokenStream {
        let block = in_braces_of(&self.braces, &self.tokens);
        quote!(match () { () => #block })
    }
}

/// The tokens in a group that an error points at as it would at `original`.
pub(crate) fn in_braces_of(original: &Group, tokens: &TokenStream) -> TokenStream {
    anew(original, tokens.clone()).into_token_stream()
}

fn anew(original: &Group, tokens: TokenStream) -> Group {
    let mut group = Group::new(original.delimiter(), tokens);
    group.set_span(original.span());
    group
}

/// The tokens with the marks that a fragment of a `macro_rules!` loses on the way through an attribute: the compiler knows
/// the braces of a `$b:block` by one, and would report them as unused where the macro has them alone; and a `$s:stmt` is a
/// whole `let`, also where no semicolon follows.
fn with_fragments(tokens: TokenStream) -> TokenStream {
    let of_macro = |token: TokenTree| {
        let TokenTree::Group(group) = &token else { return token };
        let is_fragment = group.delimiter() == Delimiter::None;
        let inside = match braces(&token) {
            Some(block) if is_fragment => {
                let mut of_macro = anew(&block, with_fragments(block.stream()));
                of_macro.set_span(group.span().located_at(block.span()));
                of_macro.into_token_stream()
            }
            _ => {
                let mut inside = with_fragments(group.stream());
                let is_let = inside.clone().into_iter().next().is_some_and(|first| is_ident(&first, "let"));
                if is_fragment && is_let {
                    inside.extend(quote!(;));
                }
                inside
            }
        };
        TokenTree::Group(anew(group, inside))
    };
    tokens.into_iter().map(of_macro).collect()
}

/// Whether the token, after braces, belongs to another expression than they do.
fn begins_value(token: &TokenTree) -> bool {
    match token {
        TokenTree::Ident(word) => word != "else" && word != "as",
        TokenTree::Literal(_) => true,
        TokenTree::Group(_) | TokenTree::Punct(_) => false,
    }
}

pub(crate) fn is_semicolon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';')
}

pub(crate) fn is_ident(token: &TokenTree, name: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == name)
}

/// Whether nothing that matters is lost with a guard: there is no `Err` to be seen, and no `self` that is dropped after the
/// guard, where the spans of its destructor would be siblings. Other arguments are taken to be dropped before it.
fn guard_is_enough(signature: &Signature) -> bool {
    let infallible = match &signature.output {
        ReturnType::Default => true,
        ReturnType::Type(_, ty) => no_result(ty),
    };
    infallible && signature.inputs.iter().all(|it| matches!(it, FnArg::Typed(_)) || argument_never_drops(it))
}

pub(crate) fn split_inner_attributes(body: TokenStream) -> (TokenStream, TokenStream) {
    let tokens: Vec<TokenTree> = body.into_iter().collect();
    let mut attributes = 0;
    while let [TokenTree::Punct(pound), TokenTree::Punct(bang), TokenTree::Group(content), ..] =
        &tokens[attributes..]
    {
        let is_attribute =
            pound.as_char() == '#' && bang.as_char() == '!' && content.delimiter() == Delimiter::Bracket;
        if !is_attribute {
            break;
        }
        attributes += 3;
    }
    let rest = tokens[attributes..].iter().cloned().collect();
    (tokens.into_iter().take(attributes).collect(), rest)
}
