//! Which words of an expression may be variables, told by tokens.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::merge::between_commas;
use crate::words::plain;

/// The names that are no part of a path, no field and no call, without those that a closure in there binds.
pub(crate) fn in_expression(tokens: &TokenStream) -> Vec<String> {
    let mut names = Names::default();
    names.read(tokens);
    let Names { mut mentioned, bound } = names;
    mentioned.retain(|name| !bound.contains(name));
    mentioned
}

#[derive(Default)]
struct Names {
    mentioned: Vec<String>,
    bound: Vec<String>,
}

impl Names {
    fn read(&mut self, tokens: &TokenStream) {
        let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
        let mut binds = false;
        for (at, token) in tokens.iter().enumerate() {
            let before = |by: usize| at.checked_sub(by).and_then(|before| tokens.get(before));
            match token {
                TokenTree::Ident(word) if binds => self.bound.push(plain(word)),
                TokenTree::Ident(word) => {
                    let is_field = is_punct(before(1), ".") && !is_punct(before(2), ".");
                    let is_in_path = is_punct(before(1), ":") && is_punct(before(2), ":");
                    if !is_field && !is_in_path && !names_other(tokens.get(at + 1..).unwrap_or_default()) {
                        self.mentioned.push(plain(word));
                    }
                }
                TokenTree::Group(group) if binds => words(group.stream(), &mut self.bound),
                TokenTree::Group(group) => self.read(&group.stream()),
                TokenTree::Literal(literal) => self.mentioned.extend(in_text(&literal.to_string())),
                TokenTree::Punct(punct) if punct.as_char() == '|' => {
                    let is_operator = matches!(before(1), Some(TokenTree::Group(_) | TokenTree::Literal(_)))
                        || matches!(before(1), Some(TokenTree::Ident(word)) if word != "move");
                    binds = !binds
                        && !is_operator
                        && !is_punct(tokens.get(at + 1), "|")
                        && !is_punct(before(1), "|");
                }
                TokenTree::Punct(_) => {}
            }
        }
    }
}

/// Whether a word before these is a function's, a macro's, a module's or a field's.
fn names_other(after: &[TokenTree]) -> bool {
    match after {
        [TokenTree::Group(group), ..] => group.delimiter() != Delimiter::Bracket,
        [first, rest @ ..] if is_punct(Some(first), "!") => !is_punct(rest.first(), "="),
        [first, ..] => is_punct(Some(first), ":"),
        [] => false,
    }
}

/// Those of a `"{name}"`.
fn in_text(text: &str) -> impl Iterator<Item = String> {
    let names = text.split('{').skip(1);
    names.map(|rest| rest.chars().take_while(|char| char.is_alphanumeric() || *char == '_').collect())
}

/// The words in the patterns of all functions' parameters.
pub(crate) fn in_parameters(tokens: &TokenStream, names: &mut Vec<String>) {
    let mut is_function = false;
    for token in tokens.clone() {
        match token {
            TokenTree::Ident(word) => is_function |= word == "fn",
            TokenTree::Punct(punct) => is_function &= punct.as_char() != ';',
            TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis && is_function => {
                for parameter in between_commas(group.stream()) {
                    // Before it there is a pattern. There is none in other parentheses, as in `Fn(u8) -> (u8, u8)`.
                    let colon = parameter.iter().position(|token| is_punct(Some(token), ":"));
                    words(parameter.into_iter().take(colon.unwrap_or(0)), names);
                }
            }
            TokenTree::Group(group) => {
                is_function = false;
                in_parameters(&group.stream(), names);
            }
            TokenTree::Literal(_) => {}
        }
    }
}

fn words(tokens: impl IntoIterator<Item = TokenTree>, names: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(word) => names.push(plain(&word)),
            TokenTree::Group(group) => words(group.stream(), names),
            _ => {}
        }
    }
}

fn is_punct(token: Option<&TokenTree>, chars: &str) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if chars.contains(punct.as_char()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_told_from_other_words() {
        let cases: [(&str, &[&str]); 10] = [
            ("user.id + self.user.len", &["user", "self"]),
            ("f(a, user, b)", &["a", "user", "b"]),
            ("user(1) + user!(2) + user::ID + a::user", &[]),
            ("x..user != y", &["x", "user", "y"]),
            ("list.iter().filter(move |user, (a, b): &T| user.ok && a | c).count()", &["list", "move", "c"]),
            ("a | user | b", &["a", "user", "b"]),
            ("maybe.unwrap_or_else(|| user)", &["maybe", "user"]),
            ("User { user: id }", &["id"]),
            ("user[0]", &["user"]),
            ("\"{user:?} {} {0} {{x\"", &["user", "", "0", "", "x"]),
        ];
        for (expression, expected) in cases {
            assert_eq!(in_expression(&expression.parse().unwrap()), expected, "{expression}");
        }
    }

    #[test]
    fn names_of_parameters_are_told_from_types() {
        let item = "mod a { struct S(pub u8); impl S { fn f<T: Fn(u8)>(&self, a: T, (b, P { c }): (u8, u8)) -> (d, e) { g(h) } } }";
        let mut names = Vec::new();
        in_parameters(&item.parse().unwrap(), &mut names);
        assert_eq!(names, ["a", "b", "P", "c"]);
    }
}
