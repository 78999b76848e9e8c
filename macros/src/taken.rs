//! Parameters, taken into the closure or the block that a body becomes, as the compiler itself does it for an `async fn`:
//! `let a = a;` for each, in order. So they are dropped where and when they are in the user's function, and what lints
//! say of them is said of the variables there.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::spanned::Spanned;
use syn::visit_mut::{VisitMut, visit_field_pat_mut, visit_pat_ident_mut, visit_pat_mut};
use syn::{Attribute, FieldPat, FnArg, Pat, PatIdent, PatType, Signature, parse_quote};

use crate::capture::{is_cfg, is_variable, may_be_constant};
use crate::opened::parameters;
use crate::types::{argument_never_drops, never_drops};
use crate::words::{Words, plain};

/// A function up to its body, and what its body begins with.
pub(crate) struct Taken {
    pub(crate) before: TokenStream,
    pub(crate) statements: TokenStream,
}

/// What takes them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// Code after a guard, which is to outlive them.
    Guarded,
    /// A closure, or a block in an `async fn`.
    Block,
    /// A block that is all of the function: it may be dropped as it is, and its parts then as they are declared.
    Future,
}

impl Taken {
    pub(crate) fn nothing(before: TokenStream) -> Self {
        Self { before, statements: TokenStream::new() }
    }
}

/// `outside` tells what is evaluated beside the closure, or block.
pub(crate) fn taken(before: TokenStream, signature: &Signature, outside: &[&Words], by: By) -> Taken {
    let is_outside = |name: &str| outside.iter().any(|words| words.mention(name));
    let mut take = Take { statements: TokenStream::new(), changed: false, by };
    let mut inputs = signature.inputs.clone();
    for (number, input) in inputs.iter_mut().enumerate() {
        let never_drops = argument_never_drops(input);
        match input {
            FnArg::Receiver(receiver) => {
                if !never_drops {
                    let this = receiver.self_token;
                    take.statements.extend(quote!(let _ = &#this;));
                }
            }
            FnArg::Typed(argument) => {
                take.argument(number, argument, is_outside);
            }
        }
    }
    let before = if take.changed { with_parameters(before, inputs.to_token_stream()) } else { before };
    Taken { before, statements: take.statements }
}

struct Take {
    statements: TokenStream,
    changed: bool,
    by: By,
}

impl Take {
    fn argument(&mut self, number: usize, argument: &mut PatType, is_outside: impl Fn(&str) -> bool) {
        let mut bound = Bound::default();
        bound.visit_pat_mut(&mut argument.pat.clone());
        let is_changed = bound.has_reference() || bound.names.iter().any(Name::is_mut);
        let is_moved = !never_drops(&argument.ty) || is_changed && self.by != By::Guarded;
        let cfgs = &argument.attrs;
        if !is_moved || !cfgs.iter().all(is_cfg) {
            return;
        }
        let whole = format_ident!("__argument_{number}", span = Span::mixed_site());
        let is_name = matches!(*argument.pat, Pat::Ident(_));
        let is_seen = bound.names.iter().any(|name| is_outside(&plain(&name.ident)));
        // As one it moves rightly whether a name in it is a variable's or a constant's. And a lint tells of a field otherwise
        // than of a variable, and so wants to see the pattern.
        let may_be_constant = !is_variable(argument) && bound.names.iter().any(|name| name.may_be_constant);
        let as_one = !is_seen && (may_be_constant || bound.has_fields && !is_name);
        let by_name = !as_one && (is_name || self.by != By::Future);
        if bound.is_whole() && by_name {
            for Name { mutability, ident, cfgs: own, .. } in &bound.names {
                self.statements.extend(quote!(#(#cfgs)* #(#own)* let #mutability #ident = #ident;));
                if is_outside(&plain(ident)) {
                    // It is used, though the compiler would say that it is not in here.
                    self.statements.extend(quote!(#(#cfgs)* #(#own)* let _ = &#ident;));
                }
            }
            if bound.names.iter().any(Name::is_mut) {
                Immutable.visit_pat_mut(&mut argument.pat);
                self.changed = true;
            }
        } else if !is_seen {
            // It moves as one: with the parts that have no name, which are dropped after those that have one.
            let pattern = std::mem::replace(&mut *argument.pat, parse_quote!(#whole));
            let is_changed = |name: &Name| name.is_reference && name.is_mut();
            let mutability = bound.names.iter().any(is_changed).then(|| quote!(mut));
            self.statements.extend(quote!(#(#cfgs)* let #mutability #whole = #whole;));
            if !matches!(pattern, Pat::Wild(_)) {
                // Told at the pattern, if it cannot be taken apart.
                let mut whole = whole;
                whole.set_span(whole.span().located_at(pattern.span()));
                self.statements.extend(quote!(#(#cfgs)* let #pattern = #whole;));
            }
            self.changed = true;
        }
    }
}

/// What a pattern binds.
#[derive(Default)]
struct Bound {
    names: Vec<Name>,
    /// Those around the name that is visited.
    cfgs: Vec<Attribute>,
    /// It is, or has in it, that of a struct with names.
    has_fields: bool,
    /// A part of the value is not bound.
    is_partial: bool,
}

struct Name {
    is_reference: bool,
    mutability: Option<syn::Token![mut]>,
    ident: Ident,
    may_be_constant: bool,
    /// One of a struct's fields may not be there.
    cfgs: Vec<Attribute>,
}

impl Name {
    fn is_mut(&self) -> bool {
        self.mutability.is_some()
    }
}

impl Bound {
    fn is_whole(&self) -> bool {
        !self.is_partial && !self.has_reference() && !self.names.is_empty()
    }

    fn has_reference(&self) -> bool {
        self.names.iter().any(|name| name.is_reference)
    }
}

impl VisitMut for Bound {
    fn visit_pat_mut(&mut self, pattern: &mut Pat) {
        self.is_partial |= !matches!(
            pattern,
            Pat::Ident(_)
                | Pat::Tuple(_)
                | Pat::TupleStruct(_)
                | Pat::Struct(_)
                | Pat::Slice(_)
                | Pat::Paren(_)
        ) || matches!(pattern, Pat::Struct(fields) if fields.rest.is_some());
        self.has_fields |= matches!(pattern, Pat::Struct(_));
        visit_pat_mut(self, pattern);
    }

    fn visit_field_pat_mut(&mut self, field: &mut FieldPat) {
        let outside = self.cfgs.len();
        self.cfgs.extend(field.attrs.iter().filter(|it| is_cfg(it)).cloned());
        visit_field_pat_mut(self, field);
        self.cfgs.truncate(outside);
    }

    fn visit_pat_ident_mut(&mut self, pattern: &mut PatIdent) {
        self.is_partial |= pattern.subpat.is_some();
        let may_be_constant = may_be_constant(pattern);
        let PatIdent { by_ref, mutability, ident, .. } = pattern.clone();
        let cfgs = self.cfgs.clone();
        self.names.push(Name { is_reference: by_ref.is_some(), mutability, ident, may_be_constant, cfgs });
        visit_pat_ident_mut(self, pattern);
    }
}

/// Takes the `mut` from the variables of a pattern.
struct Immutable;

impl VisitMut for Immutable {
    fn visit_pat_ident_mut(&mut self, pattern: &mut PatIdent) {
        pattern.mutability = None;
    }
}

fn with_parameters(before: TokenStream, inputs: TokenStream) -> TokenStream {
    let Some((mut head, old, rest)) = parameters(before.clone()) else { return before };
    let mut group = Group::new(old.delimiter(), inputs);
    group.set_span(old.span());
    head.push(TokenTree::Group(group));
    head.into_iter().chain(rest).collect()
}
