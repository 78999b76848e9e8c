//! An argument that may be given once, an unknown one, and all that is wrong.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Error, Expr, Result, Token};

/// All that is wrong, so that a user sees it at once and not one mistake for each build.
#[derive(Default)]
pub(crate) struct Errors(Vec<Error>);

impl Errors {
    pub(crate) fn push(&mut self, error: Error) {
        self.0.push(error);
    }

    pub(crate) fn extend(&mut self, errors: impl IntoIterator<Item = Error>) {
        self.0.extend(errors);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn into_compile_errors(self) -> TokenStream {
        self.0.iter().map(Error::to_compile_error).collect()
    }
}

impl IntoIterator for Errors {
    type Item = Error;
    type IntoIter = std::vec::IntoIter<Error>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// An argument that may be given once.
pub(crate) struct Arg<T>(Option<T>);

impl<T> Default for Arg<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Arg<T> {
    /// Takes the argument, unless there is one already: then the second is the mistake.
    pub(crate) fn set(&mut self, name: &str, at: proc_macro2::Span, value: T) -> Result<()> {
        if self.0.is_some() {
            return Err(Error::new(at, format!("`{name}` is given twice")));
        }
        self.0 = Some(value);
        Ok(())
    }

    pub(crate) fn as_mut(&mut self) -> Option<&mut T> {
        self.0.as_mut()
    }

    pub(crate) fn into_inner(self) -> Option<T> {
        self.0
    }
}

/// The error for a name that is none of those accepted.
pub(crate) fn unknown(what: &str, found: &Ident, accepted: &[&str]) -> Error {
    let name = found.to_string();
    let list = accepted.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let guess = match closest(&name, accepted) {
        Some(guess) => format!("; did you mean `{guess}`?"),
        None => String::new(),
    };
    Error::new(found.span(), format!("unknown {what} `{name}`, expected one of {list}{guess}"))
}

/// The name that `name` was most likely meant to be.
pub(crate) fn closest<'a>(name: &str, accepted: &[&'a str]) -> Option<&'a str> {
    let name = name.to_lowercase();
    accepted
        .iter()
        .map(|candidate| (distance(&name, &candidate.to_lowercase()), *candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len() / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The same where any mistake is one of the name: also one that is short.
pub(crate) fn closest_of_short<'a>(name: &str, accepted: &[&'a str]) -> Option<&'a str> {
    closest(name, accepted).or_else(|| {
        let is_near = |candidate: &&&str| candidate.len() > 1 && distance(name, candidate) < 2;
        accepted.iter().find(is_near).copied()
    })
}

/// The tokens without the invisible groups in which a `macro_rules!` passes on a name or a literal. Of more than one
/// token such a group stays: it keeps them together.
pub(crate) fn seen_through(tokens: TokenStream) -> TokenStream {
    fn changed(tokens: &TokenStream) -> Option<TokenStream> {
        let mut is_changed = false;
        let token = |token: TokenTree| {
            let TokenTree::Group(group) = &token else { return token };
            let inside = changed(&group.stream());
            let mut tokens = inside.clone().unwrap_or_else(|| group.stream()).into_iter();
            if group.delimiter() == Delimiter::None
                && let (Some(only), None) = (tokens.next(), tokens.next())
            {
                is_changed = true;
                return only;
            }
            let Some(inside) = inside else { return token };
            is_changed = true;
            let mut changed = Group::new(group.delimiter(), inside);
            changed.set_span(group.span());
            changed.into()
        };
        let tokens = tokens.clone().into_iter().map(token).collect();
        is_changed.then_some(tokens)
    }
    changed(&tokens).unwrap_or(tokens)
}

/// The expression that a `macro_rules!` has passed on as `$value:expr`.
pub(crate) fn inside(mut value: &Expr) -> &Expr {
    while let Expr::Group(group) = value {
        value = &group.expr;
    }
    value
}

/// Parses all of the tokens. What one mistake has left unread is not another.
pub(crate) fn all_of<T>(
    tokens: TokenStream,
    errors: &mut Errors,
    parse: impl FnOnce(ParseStream<'_>, &mut Errors) -> Result<T>,
) -> Option<T> {
    let before = errors.len();
    match (|input: ParseStream<'_>| parse(input, errors)).parse2(tokens) {
        Ok(parsed) => Some(parsed),
        Err(error) => {
            if errors.len() == before {
                errors.push(error);
            }
            None
        }
    }
}

/// Parses items separated by commas. One that cannot be parsed is an error, and the next one is looked at.
pub(crate) fn each(
    input: ParseStream<'_>,
    errors: &mut Errors,
    mut one: impl FnMut(ParseStream<'_>, &mut Errors) -> Result<()>,
) {
    while !input.is_empty() {
        match one(input, errors) {
            Ok(()) if input.is_empty() || input.peek(Token![,]) => {}
            Ok(()) => errors.push(input.error("expected `,`")),
            Err(error) => errors.push(error),
        }
        while !input.is_empty() && !input.peek(Token![,]) {
            // Any token can be skipped, so this cannot fail before the end.
            let _ = input.parse::<proc_macro2::TokenTree>();
        }
        let _ = input.parse::<Option<Token![,]>>();
    }
}

/// How many letters are to be added, left out, replaced, or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                let swapped = if swapped { rows[i - 2][j - 2] + 1 } else { usize::MAX };
                replaced.min(swapped).min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1)
            };
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guess_is_close_or_none() {
        let accepted = ["name", "kind", "fields"];
        assert_eq!(closest("nmae", &accepted), Some("name"));
        assert_eq!(closest("field", &accepted), Some("fields"));
        assert_eq!(closest("Kind", &accepted), Some("kind"));
        assert_eq!(closest("retries", &accepted), None);
        assert_eq!(closest("idd", &["id", "x"]), None);
        assert_eq!(closest_of_short("idd", &["x", "id"]), Some("id"));
        assert_eq!(closest_of_short("y", &["x", "id"]), None);
    }

    #[test]
    fn invisible_groups_of_one_token_are_gone() {
        let invisible = |tokens| TokenTree::Group(Group::new(Delimiter::None, tokens));
        let (one, more) = (invisible(quote::quote!(1)), invisible(quote::quote!(-1)));
        let nested = invisible(invisible(quote::quote!(a)).into());
        let seen: Vec<_> = seen_through(quote::quote!(#one, #nested #more (#one))).into_iter().collect();
        assert!(matches!(&seen[..], [
            TokenTree::Literal(_),
            TokenTree::Punct(_),
            TokenTree::Ident(_),
            TokenTree::Group(more),
            TokenTree::Group(inside),
        ] if more.delimiter() == Delimiter::None
            && matches!(inside.stream().into_iter().next(), Some(TokenTree::Literal(_)))));
    }
}
