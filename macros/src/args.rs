//! What the user wrote between the parentheses. Every key keeps its span.

use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, Expr, ExprLit, Lit, LitStr, Path, Result, Token, parenthesized, token};

use crate::arg::{Arg, Errors, all_of, each, unknown};
use crate::err::ErrArg;
use crate::field::{FieldArg, How, field, how};
use crate::kind::{KINDS, KindArg, kind};
use crate::level::level;
use crate::place::{Place, links, parent};
use crate::statics::of_no_type;

const ARGUMENTS: [&str; 18] = [
    "name",
    "kind",
    "fields",
    "args",
    "skip",
    "skip_all",
    "ret",
    "err",
    "cancel",
    "level",
    "target",
    "scope",
    "root",
    "parent",
    "links",
    "follows_from",
    "leaf",
    "crate",
];

/// The arguments of the attribute.
#[derive(Default)]
pub(crate) struct Args {
    pub(crate) name: Arg<NameArg>,
    pub(crate) kind: Arg<KindArg>,
    pub(crate) fields: Arg<Vec<FieldArg>>,
    pub(crate) err: Arg<ErrArg>,
    /// `cancel = error`.
    pub(crate) cancel: Arg<Span>,
    /// `args`.
    pub(crate) parameters: Arg<Chosen>,
    /// With where it was written, as the next.
    pub(crate) skip: Arg<(Span, Vec<Ident>)>,
    pub(crate) skip_all: Arg<Span>,
    pub(crate) ret: Arg<RetArg>,
    /// A variant of `Level`.
    pub(crate) level: Arg<Ident>,
    /// A constant expression, as the next.
    pub(crate) target: Arg<Expr>,
    pub(crate) scope: Arg<Expr>,
    pub(crate) root: Arg<Span>,
    /// With where it was written.
    pub(crate) parent: Arg<(Span, Place)>,
    pub(crate) links: Arg<Vec<Expr>>,
    pub(crate) follows_from: Arg<Vec<Expr>>,
    pub(crate) leaf: Arg<()>,
    /// `crate`: where the generated code finds us.
    pub(crate) home: Arg<Path>,
}

/// The value of `name`.
pub(crate) enum NameArg {
    Literal(LitStr),
    /// To be evaluated at each call.
    Computed(Box<Expr>),
}

impl NameArg {
    pub(crate) fn of(value: Expr, example: &str) -> Result<Self> {
        match value {
            Expr::Lit(literal) => {
                let expected = format!("expected a string, as in `{example}`");
                text(literal, &expected, "the name of a span").map(Self::Literal)
            }
            computed => Ok(Self::Computed(Box::new(computed))),
        }
    }
}

/// `args`: the parameters that are recorded.
pub(crate) enum Chosen {
    All,
    These(Vec<Ident>),
}

/// `ret`: how what is returned is recorded.
#[derive(Clone, Copy)]
pub(crate) struct RetArg {
    pub(crate) at: Span,
    pub(crate) how: How,
    /// What cannot be recorded so is passed over.
    pub(crate) if_possible: bool,
}

impl Args {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut args = Self::default();
        all_of(tokens, errors, |input, errors| {
            each(input, errors, |input, errors| args.argument(input, errors));
            Ok(())
        });
        args
    }

    fn argument(&mut self, input: ParseStream<'_>, errors: &mut Errors) -> Result<()> {
        if input.peek(Lit) {
            let expected = "expected the name of the span as a string, as in `#[traced(\"checkout\")]`";
            let name = text(input.parse()?, expected, "the name of a span")?;
            return self.name.set("name", name.span(), NameArg::Literal(name));
        }
        let key = input.call(Ident::parse_any).map_err(|error| {
            let message = "expected an argument, as in `#[traced(kind = Server, fields(id))]`";
            Error::new(error.span(), message)
        })?;
        match key.to_string().as_str() {
            "name" => {
                equals(input, &key, "name = \"checkout\"")?;
                let name = NameArg::of(input.parse()?, "name = \"checkout\"")?;
                self.name.set("name", key.span(), name)
            }
            "kind" => {
                equals(input, &key, "kind = Server")?;
                self.kind.set("kind", key.span(), kind(input, &key)?)
            }
            "fields" => {
                let mut fields = Vec::new();
                list(input, &key, "fields(key = value, %customer, ?items)", |content| {
                    each(content, errors, |input, _| {
                        fields.push(field(input)?);
                        Ok(())
                    });
                })?;
                self.fields.set("fields", key.span(), fields)
            }
            "err" => {
                let err = ErrArg::parse(input, &key, errors)?;
                self.err.set("err", key.span(), err)
            }
            "cancel" => {
                let expected = "expected `error`, as in `cancel = error`; else leave it out";
                let has_value = input.parse::<Option<Token![=]>>()?.is_some() && !ends(input);
                let at = if has_value { input.span() } else { key.span() };
                let is_error = has_value && input.parse::<Ident>().is_ok_and(|value| value == "error");
                if !is_error {
                    return Err(Error::new(at, expected));
                }
                self.cancel.set("cancel", key.span(), key.span())
            }
            "args" => {
                let chosen = if ends(input) {
                    Chosen::All
                } else {
                    Chosen::These(names(input, &key, "args(id, name)", errors)?)
                };
                self.parameters.set("args", key.span(), chosen)
            }
            "skip" => {
                let skipped = names(input, &key, "skip(password)", errors)?;
                self.skip.set("skip", key.span(), (key.span(), skipped))
            }
            "skip_all" => {
                alone(input, &key)?;
                self.skip_all.set("skip_all", key.span(), key.span())
            }
            "ret" => {
                let how = returned(input, &key)?;
                self.ret.set("ret", key.span(), RetArg { at: key.span(), how, if_possible: false })
            }
            "leaf" => {
                alone(input, &key)?;
                self.leaf.set("leaf", key.span(), ())
            }
            name if KINDS.contains(&name) => {
                let message = format!("`{name}` is a kind: write `kind = {name}`");
                Err(Error::new(key.span(), message))
            }
            "off" => {
                let message = "`off` leaves a function out of its block, so nothing else goes with it";
                Err(Error::new(key.span(), message))
            }
            _ => self.of_filters_and_places(input, &key),
        }
    }

    /// Arguments about what a filter goes by, and about where a span begins.
    fn of_filters_and_places(&mut self, input: ParseStream<'_>, key: &Ident) -> Result<()> {
        match key.to_string().as_str() {
            "level" => {
                equals(input, key, "level = \"debug\"")?;
                self.level.set("level", key.span(), level(&input.parse()?)?)
            }
            "target" => {
                let target = constant(input, key, "db")?;
                self.target.set("target", key.span(), target)
            }
            "scope" => {
                let scope = constant(input, key, "payments")?;
                self.scope.set("scope", key.span(), scope)
            }
            "root" => {
                alone(input, key)?;
                self.root.set("root", key.span(), key.span())
            }
            "parent" => {
                equals(input, key, "parent = context")?;
                self.parent.set("parent", key.span(), (key.span(), parent(input.parse()?)))
            }
            "links" => {
                equals(input, key, "links = [first, second]")?;
                self.links.set("links", key.span(), links(input.parse()?))
            }
            "follows_from" => {
                equals(input, key, "follows_from = cause")?;
                self.follows_from.set("follows_from", key.span(), links(input.parse()?))
            }
            "crate" => {
                equals(input, key, "crate = my::traced")?;
                let at = input.span();
                let path = Path::parse_mod_style(input).map_err(|_| {
                    Error::new(at, "expected a path to this crate, as in `crate = my::traced`")
                })?;
                self.home.set("crate", key.span(), path)
            }
            _ => Err(unknown("argument", key, &ARGUMENTS)),
        }
    }
}

/// The `=` before a value that is there.
pub(crate) fn equals(input: ParseStream<'_>, key: &Ident, example: &str) -> Result<()> {
    match input.parse::<Option<Token![=]>>()? {
        Some(_) if !ends(input) => Ok(()),
        _ => Err(Error::new(key.span(), format!("expected a value, as in `{example}`"))),
    }
}

/// Whether the argument ends here.
pub(crate) fn ends(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(Token![,])
}

fn alone(input: ParseStream<'_>, key: &Ident) -> Result<()> {
    if ends(input) {
        return Ok(());
    }
    Err(Error::new(key.span(), format!("`{key}` takes no value: write `{key}` alone, or leave it out")))
}

fn list(
    input: ParseStream<'_>,
    key: &Ident,
    example: &str,
    read: impl FnOnce(ParseStream<'_>),
) -> Result<()> {
    if !input.peek(token::Paren) {
        return Err(Error::new(key.span(), format!("expected a list, as in `{example}`")));
    }
    let content;
    parenthesized!(content in input);
    read(&content);
    Ok(())
}

/// Names of parameters.
fn names(input: ParseStream<'_>, key: &Ident, example: &str, errors: &mut Errors) -> Result<Vec<Ident>> {
    let mut names: Vec<Ident> = Vec::new();
    list(input, key, example, |content| {
        each(content, errors, |input, _| {
            let name = input.call(Ident::parse_any).map_err(|error| {
                Error::new(error.span(), format!("expected the name of a parameter, as in `{example}`"))
            })?;
            if names.iter().any(|other| other.unraw() == name.unraw()) {
                return Err(Error::new(name.span(), format!("`{name}` is given twice")));
            }
            if !ends(input) {
                return Err(Error::new(input.span(), names_only(key, &name, input)));
            }
            names.push(name);
            Ok(())
        });
    })?;
    Ok(names)
}

/// What to write instead of more than a name.
fn names_only(key: &Ident, name: &Ident, input: ParseStream<'_>) -> String {
    if key == "skip" {
        return format!("`skip` leaves out whole parameters: write the name alone, `skip({name})`");
    }
    let instead = if input.peek(Token![.]) {
        format!("a part of one goes in `fields({name}.part)`")
    } else {
        format!("a value goes in `fields({name} = ..)`")
    };
    format!("`args` takes names of parameters; {instead}")
}

/// `ret`, `ret = ?`, `ret = %`; or as `tracing` has it: `ret(Debug)`, `ret(Display)`, with `level = ..`.
fn returned(input: ParseStream<'_>, key: &Ident) -> Result<How> {
    const EXPECTED: &str = "expected `ret`, `ret = ?` (`Debug`) or `ret = %` (`Display`)";
    if ends(input) {
        return Ok(How::Either);
    }
    if input.parse::<Option<Token![=]>>()?.is_some() {
        let at = if ends(input) { key.span() } else { input.span() };
        let how = how(input)?;
        return if how == How::Typed { Err(Error::new(at, EXPECTED)) } else { Ok(how) };
    }
    if !input.peek(token::Paren) {
        return Err(Error::new(key.span(), EXPECTED));
    }
    let content;
    parenthesized!(content in input);
    let mut found = How::Either;
    while !content.is_empty() {
        let mark = how(&content)?;
        if mark != How::Typed {
            found = mark;
            if !content.is_empty() {
                content.parse::<Token![,]>()?;
            }
            continue;
        }
        let option = content.call(Ident::parse_any).map_err(|error| Error::new(error.span(), EXPECTED))?;
        match option.to_string().as_str() {
            "Debug" => found = How::Debug,
            "Display" => found = How::Display,
            // Of the event that `tracing` makes of it: here it is an attribute of the span.
            "level" => {
                content.parse::<Token![=]>()?;
                content.parse::<Expr>()?;
            }
            _ => return Err(unknown("way to record what is returned", &option, &["Debug", "Display"])),
        }
        if !content.is_empty() {
            content.parse::<Token![,]>()?;
        }
    }
    Ok(found)
}

/// A string that says something.
fn text(literal: ExprLit, expected: &str, what: &str) -> Result<LitStr> {
    match literal.lit {
        Lit::Str(text) if text.value().is_empty() => {
            Err(Error::new(text.span(), format!("{what} cannot be empty")))
        }
        Lit::Str(text) => Ok(text),
        other => Err(Error::new(other.span(), expected)),
    }
}

/// `key = "text"`, or another constant expression.
fn constant(input: ParseStream<'_>, key: &Ident, example: &str) -> Result<Expr> {
    let example = format!("{key} = {example:?}");
    equals(input, key, &example)?;
    let value = input.parse()?;
    of_no_type(&value, key)?;
    match value {
        Expr::Lit(literal) => {
            let what = format!("a {key}");
            text(literal.clone(), &format!("expected a string, as in `{example}`"), &what)?;
            Ok(Expr::Lit(literal))
        }
        constant => Ok(constant),
    }
}
