//! What leaves a function before its end.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::Parser;
use syn::visit_mut::{VisitMut, visit_expr_mut};
use syn::{Block, Expr, ExprCall, ExprReturn, Item, Macro};

use crate::trailing::is_box_pin;
use crate::words::Words;

/// How statements may be left before their end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Early {
    Never,
    /// By `return Box::pin(..)`, and not otherwise.
    InBoxes,
    /// By another `return`, or one that a macro may have.
    Somehow,
}

impl Early {
    pub(crate) fn of(statements: &TokenStream) -> Self {
        look(statements, &mut |expression| expression.to_token_stream()).0
    }
}

/// The statements with something else in place of the `expression` of each `return Box::pin(expression)`.
pub(crate) fn in_boxes(
    statements: &TokenStream,
    inside: &mut dyn FnMut(&Expr) -> TokenStream,
) -> TokenStream {
    look(statements, inside).1
}

fn look(statements: &TokenStream, inside: &mut dyn FnMut(&Expr) -> TokenStream) -> (Early, TokenStream) {
    if !Words::of(statements.clone()).may_return {
        return (Early::Never, statements.clone());
    }
    let Ok(mut parsed) = Block::parse_within.parse2(statements.clone()) else {
        return (Early::Somehow, statements.clone());
    };
    let mut returns = Returns { found: Early::Never, inside };
    for statement in &mut parsed {
        returns.visit_stmt_mut(statement);
    }
    (returns.found, parsed.into_iter().map(ToTokens::into_token_stream).collect())
}

/// The `return`s of a function, and not those of the closures, the `async` blocks and the items in it.
struct Returns<'a> {
    found: Early,
    inside: &'a mut dyn FnMut(&Expr) -> TokenStream,
}

impl Returns<'_> {
    fn see(&mut self, early: Early) {
        self.found = self.found.max(early);
    }
}

impl VisitMut for Returns<'_> {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        match expression {
            Expr::Closure(_) | Expr::Async(_) => return,
            Expr::Verbatim(tokens) if Words::of(tokens.clone()).may_return => self.see(Early::Somehow),
            _ => {}
        }
        visit_expr_mut(self, expression);
        if let Expr::Return(ExprReturn { expr: returned, .. }) = expression {
            match returned.as_deref_mut() {
                Some(Expr::Call(ExprCall { func, args, .. })) if args.len() == 1 && is_box_pin(func) => {
                    self.see(Early::InBoxes);
                    let inside = (self.inside)(&args[0]);
                    args[0] = Expr::Verbatim(inside);
                }
                _ => self.see(Early::Somehow),
            }
        }
    }

    fn visit_macro_mut(&mut self, invoked: &mut Macro) {
        if Words::of(invoked.to_token_stream()).may_return {
            self.see(Early::Somehow);
        }
    }

    fn visit_item_mut(&mut self, _: &mut Item) {}
}
