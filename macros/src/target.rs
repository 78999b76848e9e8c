//! What is annotated.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Error, Result, Signature, Visibility};

use crate::arg::Errors;
use crate::async_trait::restore;
use crate::items::braces;

/// A function with a body.
///
/// All before the body is given back token by token as it came, and the body is not parsed: so nothing can
/// be lost that the parser does not know, and an editor can help inside a body that is being typed.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) before: TokenStream,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) signature: Signature,
    pub(crate) body: Group,
    /// Known to be in an `impl` or a `trait`.
    pub(crate) is_member: bool,
    /// The trait that the `impl` is of which is annotated, or is in what is.
    pub(crate) of_trait: Option<String>,
    /// Nobody after us looks at what it is in.
    pub(crate) is_free: bool,
}

impl Target {
    pub(crate) fn parse(item: &TokenStream, errors: &mut Errors) -> Option<Self> {
        let mut tokens: Vec<TokenTree> = item.clone().into_iter().collect();
        let last = tokens.pop();
        let body = last.as_ref().and_then(braces);
        if body.is_none() {
            tokens.extend(last);
        }
        let before: TokenStream = tokens.into_iter().collect();
        match head.parse2(before.clone()) {
            Ok((attributes, mut signature)) => {
                if let Some(body) = body {
                    restore(&mut signature, &body);
                    return Some(Self {
                        before,
                        attributes,
                        signature,
                        body,
                        is_member: false,
                        of_trait: None,
                        is_free: true,
                    });
                }
                let message = "there is no body to record: put `#[traced]` on the implementations instead";
                errors.push(Error::new(signature.ident.span(), message));
            }
            Err(error) => errors.push(error),
        }
        None
    }
}

fn head(input: ParseStream<'_>) -> Result<(Vec<Attribute>, Signature)> {
    let attributes = input.call(Attribute::parse_outer)?;
    let _: Visibility = input.parse()?;
    if input.fork().parse::<Ident>().is_ok_and(|ident| ident == "default") {
        let _: Ident = input.parse()?;
    }
    if !starts_function(input) {
        return Err(input.error("`#[traced]` records calls: put it on a function, or on an `impl`, `trait` or `mod` with functions"));
    }
    let signature = Signature::parse(input)?;
    // What is left is the `;` of a function without a body.
    let _: TokenStream = input.parse()?;
    Ok((attributes, signature))
}

/// Whether this is a function, told by its qualifiers: a `struct` should not be told that it lacks a `fn`.
fn starts_function(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    while let Ok(token) = ahead.parse::<TokenTree>() {
        match token {
            TokenTree::Ident(ident) if ident == "fn" => return true,
            TokenTree::Ident(ident)
                if ["const", "async", "unsafe", "safe", "extern", "gen"].iter().any(|word| ident == word) => {
            }
            TokenTree::Literal(_) => {}
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {}
            _ => return false,
        }
    }
    false
}
