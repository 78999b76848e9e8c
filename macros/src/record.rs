//! `record!`: fields of the function it is in, declared there without a value.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Error, Path, Result, braced};

use crate::arg::{Errors, all_of, closest, each, seen_through};
use crate::capture::Captured;
use crate::field::{FieldArg, FieldValue, Key, field, key};

/// What is recorded, and in which span.
pub(crate) struct Record {
    /// None: nothing is recorded in this program.
    pub(crate) own: Option<TokenStream>,
    /// Where the generated code finds us, if not at `::traced`.
    pub(crate) home: Option<Path>,
    pub(crate) fields: Vec<Captured>,
}

impl Record {
    /// Parses `{ home } { span } { "declared" "keys" } fields`: the function adds the braces to what the user wrote. Without the
    /// attribute, in a program with `--cfg traced_off`, they are empty.
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Option<Self> {
        all_of(seen_through(tokens), errors, |input, errors| {
            let (home, own, keys);
            braced!(home in input);
            braced!(own in input);
            braced!(keys in input);
            let mut declared = Vec::new();
            while !keys.is_empty() {
                declared.push(key(&keys)?.0);
            }
            let at = input.span();
            let own = (!own.is_empty()).then(|| own.parse()).transpose()?.map(|own| pointing_at(at, own));
            let home = (!home.is_empty()).then(|| Path::parse_mod_style(&home)).transpose()?;
            let mut record = Self { own, home, fields: Vec::new() };
            if input.is_empty() {
                errors.push(input.error("expected a field, as in `record!(rows = n)`"));
            }
            each(input, errors, |input, _| record.field(field(input)?, &declared));
            Ok(record)
        })
    }

    fn field(&mut self, FieldArg { key, at, how, value }: FieldArg, declared: &[Key]) -> Result<()> {
        if self.own.is_some() && !declared.iter().any(|other| other.is_same(&key)) {
            return Err(Error::new(at, undeclared(&key, declared)));
        }
        if self.fields.iter().any(|other| other.key.is_same(&key)) {
            return Err(Error::new(at, format!("the field `{key}` is given twice")));
        }
        let value = match value {
            FieldValue::Given(value) => value.into_token_stream(),
            FieldValue::Shorthand(path) => quote!(#(#path).*),
            FieldValue::Late => {
                return Err(Error::new(at, format!("expected a value, as in `record!({key} = value)`")));
            }
        };
        self.fields.push(Captured { key, how, value, at, cfgs: Vec::new() });
        Ok(())
    }
}

/// The handle of the span, where an error about it belongs: it is not known in a function inside of the annotated one.
fn pointing_at(at: proc_macro2::Span, own: TokenStream) -> TokenStream {
    let pointing = |mut token: TokenTree| {
        token.set_span(at.resolved_at(token.span()));
        token
    };
    own.into_iter().map(pointing).collect()
}

fn undeclared(key: &Key, declared: &[Key]) -> String {
    let how = format!("`fields({key} = Empty)`");
    if declared.is_empty() {
        return format!("the function declares no field for `record!`: write {how} in its `#[traced(..)]`");
    }
    let list = declared.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    let names: Vec<&str> = declared.iter().filter_map(Key::text).collect();
    match key.text().and_then(|key| closest(key, &names)) {
        Some(guess) => format!("no field `{key}` is declared, only {list}; did you mean `{guess}`?"),
        None => {
            format!("no field `{key}` is declared, only {list}: add {how} to the function's `#[traced(..)]`")
        }
    }
}
