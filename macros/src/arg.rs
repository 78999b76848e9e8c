//! An argument that may be given once, an unknown one, and all that is wrong.

use proc_macro2::{Ident, TokenStream};
use syn::parse::ParseStream;
use syn::{Error, Result, Token};

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
    }
}
