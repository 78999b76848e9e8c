//! `impl`, `trait` and `mod` blocks → the functions in them.

use proc_macro2::{Group, TokenStream, TokenTree};
use syn::Error;

use crate::arg::Errors;
use crate::args::Args;
use crate::capture::Parameters;
use crate::check::{Model, check};
use crate::fallback;
use crate::implemented::implemented;
use crate::items::{Item, What};
use crate::merge::{Defaults, gives};
use crate::opened::are_harmless;
use crate::target::Target;

/// A block, whose functions are recorded.
pub(crate) struct Block {
    /// All before its braces.
    pub(crate) before: TokenStream,
    pub(crate) braces: Group,
    pub(crate) inside: Vec<Inside>,
}

/// What a function, or a block, is in.
struct Around {
    in_module: bool,
    /// The trait that an `impl` is of.
    of_trait: Option<String>,
    /// Nobody after us looks whether a function is an `async fn`: no attribute, and no lint.
    is_free: bool,
}

/// What is in a block.
pub(crate) enum Inside {
    /// To be left as it is.
    Tokens(TokenStream),
    Function(Box<Model>),
    Block(Block),
}

/// Whether the arguments are `off`: then the item is left as it is.
pub(crate) fn is_off(arguments: &TokenStream) -> bool {
    let mut tokens = arguments.clone().into_iter();
    matches!((tokens.next(), tokens.next()), (Some(TokenTree::Ident(off)), None) if off == "off")
}

impl Block {
    /// The annotated item, if it is a block.
    pub(crate) fn parse(arguments: TokenStream, item: &TokenStream, errors: &mut Errors) -> Option<Self> {
        let mut items = Item::all(item.clone()).into_iter();
        let (Some(item), None) = (items.next(), items.next()) else { return None };
        if !matches!(item.what, What::Impl | What::Trait | What::Module) {
            return None;
        }
        let braces = item.body().or_else(|| {
            let message = if item.what == What::Module {
                "the functions of this module are in a file that `#[traced]` does not see: put it on them, or on the \
                 blocks they are in"
            } else {
                "there are no braces with functions here that `#[traced]` could record"
            };
            let at = item
                .rest
                .get(1)
                .or(item.rest.first())
                .map_or_else(proc_macro2::Span::call_site, TokenTree::span);
            errors.push(Error::new(at, message));
            None
        })?;
        let defaults = Defaults::of(arguments, &braces.stream(), errors);
        let around = Around { in_module: true, of_trait: None, is_free: true };
        let block = Self::of(&item, braces, &around, &defaults, errors);
        defaults.check(errors);
        Some(block)
    }

    fn of(item: &Item, braces: Group, around: &Around, defaults: &Defaults, errors: &mut Errors) -> Self {
        let attributes = item.attributes.iter().map(|attribute| attribute.content.stream());
        let around = Around {
            in_module: item.what == What::Module,
            of_trait: if item.what == What::Impl { implemented(item.rest.iter().cloned()) } else { None },
            // A lint looks for the word in traits that others may see.
            is_free: around.is_free
                && are_harmless(attributes)
                && !(item.what == What::Trait && item.is_visible()),
        };
        let items = Item::all(braces.stream());
        let inside = items.into_iter().map(|item| inside(item, &around, defaults, errors)).collect();
        Self { before: item.before(), braces, inside }
    }
}

fn inside(mut item: Item, around: &Around, defaults: &Defaults, errors: &mut Errors) -> Inside {
    let is_block = matches!(item.what, What::Impl | What::Trait | What::Module);
    if item.what != What::Function && !is_block {
        return Inside::Tokens(item.tokens());
    }
    let own = take_own(&mut item, errors);
    if own.as_ref().is_some_and(is_off) {
        return Inside::Tokens(item.tokens());
    }
    match item.body() {
        Some(braces) if is_block => match own {
            None => Inside::Block(Block::of(&item, braces, around, defaults, errors)),
            Some(own) => {
                let own = defaults.for_block(own, &braces.stream(), errors);
                let block = Block::of(&item, braces, around, &own, errors);
                own.check(errors);
                Inside::Block(block)
            }
        },
        None if is_block => Inside::Tokens(item.tokens()),
        _ => function(&item, own, around, defaults, errors),
    }
}

fn function(
    item: &Item,
    own: Option<TokenStream>,
    around: &Around,
    defaults: &Defaults,
    errors: &mut Errors,
) -> Inside {
    let tokens = item.tokens();
    let is_asked_for = own.is_some();
    if !is_asked_for && !can_be_recorded(item) {
        return Inside::Tokens(tokens);
    }
    let mut wrong = Errors::default();
    let Some(mut target) = Target::parse(&tokens, &mut wrong) else {
        // What is half typed is the compiler's to report, unless somebody has asked for it by name.
        if is_asked_for {
            errors.extend(wrong);
        }
        return Inside::Tokens(tokens);
    };
    target.is_member = !around.in_module;
    target.of_trait.clone_from(&around.of_trait);
    target.is_free = around.is_free;
    let parameters = Parameters::of(&target.signature);
    let own = own.unwrap_or_default();
    let model = |defaults: &Defaults, wrong: &mut Errors| {
        let mut args = Args::parse(defaults.for_function(own.clone(), &parameters), wrong);
        if let Some(ret) = args.ret.as_mut() {
            // A block asks all its functions for it, and each for what it has.
            ret.if_possible = !gives(&own, "ret");
        }
        check(args, target.clone(), wrong).filter(|_| wrong.is_empty())
    };
    let mut fitting = defaults.fitting(&target.signature.output);
    let mut made = model(&fitting, &mut wrong);
    // What the block says of returned values, errors and futures is for the functions that have such; a function's
    // own stays, and is told of.
    for key in ["cancel", "err", "ret"] {
        if wrong.is_empty() {
            break;
        }
        let mut still_wrong = Errors::default();
        let without = fitting.without(key);
        let other = model(&without, &mut still_wrong);
        if still_wrong.len() < wrong.len() {
            (fitting, made, wrong) = (without, other, still_wrong);
        }
    }
    errors.extend(wrong);
    if let Some(model) = made {
        return Inside::Function(Box::new(model));
    }
    let home = fallback::home(fitting.for_function(own, &parameters));
    Inside::Tokens(fallback::as_it_was(&tokens, home.as_ref()))
}

/// A `const fn` may run in the compiler, a naked one takes nothing but assembly, and where there is no body there is
/// nothing to record.
fn can_be_recorded(item: &Item) -> bool {
    let is_naked = |content: &Group| {
        let text = content.stream().to_string();
        text == "naked" || text.replace(' ', "") == "unsafe(naked)"
    };
    item.body().is_some()
        && !item.is_qualified("const")
        && !item.attributes.iter().any(|attribute| is_naked(&attribute.content))
}

/// Takes its own `#[traced(..)]` out of the attributes.
fn take_own(item: &mut Item, errors: &mut Errors) -> Option<TokenStream> {
    let mut own = None;
    for attribute in &mut item.attributes {
        let Some(arguments) = attribute.take_traced() else { continue };
        if own.is_some() {
            errors.push(Error::new(attribute.content.span(), "`#[traced]` is given twice"));
        }
        own.get_or_insert(arguments);
    }
    own
}
