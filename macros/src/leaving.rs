//! `?`, `.await` and `return` in a value: it is evaluated in a closure of ours, and only while somebody records.

use syn::spanned::Spanned;
use syn::visit_mut::{VisitMut, visit_expr_mut};
use syn::{Error, Expr};

/// What is wrong with a value that would leave the function, or wait.
pub(crate) fn of_value(value: &Expr) -> Option<Error> {
    let mut find = Leaving(None);
    find.visit_expr_mut(&mut value.clone());
    find.0
}

struct Leaving(Option<Error>);

impl VisitMut for Leaving {
    fn visit_expr_mut(&mut self, value: &mut Expr) {
        let (at, what) = match value {
            // What is in there leaves that.
            Expr::Closure(_) | Expr::Async(_) => return,
            Expr::Try(value) => (value.question_token.span(), "`?` cannot leave the function"),
            Expr::Return(value) => (value.return_token.span(), "`return` cannot leave the function"),
            Expr::Await(value) => (value.await_token.span(), "`.await` cannot wait"),
            _ => return visit_expr_mut(self, value),
        };
        let message = format!(
            "{what} here, where a value is evaluated only if the span is recorded: take it before, or record it later, \
             as in `rows = Empty` and `traced::record!(rows = ..)`"
        );
        self.0.get_or_insert_with(|| Error::new(at, message));
    }
}
