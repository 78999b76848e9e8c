//! Arguments × function → the model, or what is wrong.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{Attribute, Error, Expr, LitStr, Meta, Path, ReturnType, Signature, parse2};

use crate::after;
use crate::arg::Errors;
use crate::args::{Args, NameArg, RetArg};
use crate::block::is_off;
use crate::body::{Body, Seen, Work};
use crate::capture::{Asked, Capture, Captured, Parameters, captured, is_method};
use crate::err::ErrArg;
use crate::field::{How, Key};
use crate::kind::KindArg;
use crate::opened::{are_harmless, opened};
use crate::place::{Place, place};
use crate::reader::{self, Read};
use crate::statics::of_no_parameter;
use crate::taken::{By, Taken, taken};
use crate::target::Target;
use crate::this;
use crate::types::{Returns, is_never, is_unsized, no_result};
use crate::words::Words;

/// All that the generated code depends on.
pub(crate) struct Model {
    /// The function up to its body.
    pub(crate) before: TokenStream,
    /// Whether it was an `async fn`, and there returns the future.
    pub(crate) is_opened: bool,
    /// For a tool that runs nothing.
    pub(crate) read: Option<Read>,
    /// Where the generated code finds us, if not at `::traced`.
    pub(crate) home: Option<Path>,
    pub(crate) site: Site,
    pub(crate) begin: Begin,
    /// The keys that `record!` may give a value later. None: the body does not ask.
    pub(crate) late: Option<Vec<Key>>,
    /// How what the function returns is recorded.
    pub(crate) returned: Option<RetArg>,
    /// What is said of an error.
    pub(crate) err: Option<ErrArg>,
    /// What that mentions has to be there after the body.
    pub(crate) mentioned: Vec<Ident>,
    /// What takes the parameters into the closure, or the block, that the body becomes.
    pub(crate) taken: TokenStream,
    pub(crate) returns: Returns,
    pub(crate) never: bool,
    pub(crate) body: Body,
}

/// What is evaluated when the span begins.
#[derive(Default)]
pub(crate) struct Begin {
    pub(crate) place: Option<Place>,
    pub(crate) name: Option<Expr>,
    pub(crate) attributes: Vec<Captured>,
    pub(crate) links: Vec<Expr>,
}

impl Begin {
    /// Whether the span is told anything when it begins.
    pub(crate) fn has_fields(&self) -> bool {
        self.name.is_some() || !self.attributes.is_empty() || !self.links.is_empty()
    }

    /// Leaves out what mentions nothing of the user's: `root`, a text; and a parameter that is recorded without being named,
    /// which is not used by that, if it is used.
    fn retain_mentioned(&mut self, body: &Words) {
        self.place.take_if(|place| place.expression().is_none());
        let is_used = |it: &Captured| it.how == How::Any && body.mention(&it.value.to_string());
        let is_text = |it: &Captured| it.key.text().is_some() && is_text(&it.value);
        self.attributes.retain(|it| !is_text(it) && !is_used(it));
    }

    /// Makes what is evaluated, and the body that it is evaluated in, fit each other.
    fn fit(&mut self, body: &mut Body, parameters: &Parameters, signature: &Signature) {
        if reader::is_running() {
            self.retain_mentioned(&body.words);
        }
        if let Some(other) = body.evaluates(&self.words(), parameters, signature) {
            self.calls_self(&other);
        }
    }

    /// What is evaluated mentions `self` by this name.
    fn calls_self(&mut self, other: &Ident) {
        let Self { place, name, attributes, links } = self;
        let place = place.as_mut().and_then(Place::expression_mut);
        for expression in place.into_iter().chain(name).chain(links) {
            *expression = Expr::Verbatim(this::called(other, expression.to_token_stream()));
        }
        for attribute in attributes {
            attribute.value = this::called(other, std::mem::take(&mut attribute.value));
        }
    }

    /// The words of all that is evaluated.
    pub(crate) fn words(&self) -> Words {
        let Self { place, name, attributes, links } = self;
        let place = place.as_ref().and_then(Place::expression);
        let values = attributes.iter().map(|attribute| &attribute.value);
        Words::of(quote!(#place #name #(#values)* #(#links)*))
    }
}

/// What is known of the function before it runs.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "facts that have nothing to do with each other")]
pub(crate) struct Site {
    pub(crate) at: proc_macro2::Span,
    pub(crate) package: String,
    pub(crate) version: String,
    pub(crate) name: Option<LitStr>,
    pub(crate) kind: Option<KindArg>,
    pub(crate) method: bool,
    /// The trait that is in the name.
    pub(crate) of_trait: Option<String>,
    pub(crate) leaf: bool,
    /// `record!` looks for the span where it is polled.
    pub(crate) late: bool,
    pub(crate) cancel_is_error: bool,
    pub(crate) level: Option<Ident>,
    pub(crate) target: Option<Expr>,
    pub(crate) scope: Option<Expr>,
}

impl Site {
    /// Whether it mentions anything of the user's.
    pub(crate) fn mentions(&self) -> bool {
        matches!(self.kind, Some(KindArg::Const(_)))
            || self.target.iter().chain(&self.scope).any(|value| !is_text(value))
    }

    /// That of something that is wrong.
    pub(crate) fn unknown() -> Self {
        Self {
            at: proc_macro2::Span::call_site(),
            package: String::new(),
            version: String::new(),
            name: None,
            kind: None,
            method: false,
            of_trait: None,
            leaf: false,
            late: false,
            cancel_is_error: false,
            level: None,
            target: None,
            scope: None,
        }
    }
}

pub(crate) fn check(args: Args, target: Target, errors: &mut Errors) -> Option<Model> {
    let Target { before, attributes, signature, body, is_member, of_trait, is_free } = target;
    if !can_run(&signature, errors) {
        return None;
    }
    errors.extend(attributes.iter().filter(|attribute| is_ours(attribute)).map(given_twice));
    let parameters = Parameters::of(&signature);
    let asked = Asked {
        fields: args.fields.into_inner().unwrap_or_default(),
        args: args.parameters.into_inner(),
        skip: args.skip.into_inner(),
        skip_all: args.skip_all.into_inner(),
    };
    let track_caller = attributes.iter().any(|attribute| attribute.path().is_ident("track_caller"));
    let never = is_never(&signature.output);
    let ret = args.ret.into_inner();
    let mut body = Body::of(&signature, Seen { track_caller, returned: ret.is_some() }, &body);
    let Capture { attributes: captured, late } = captured(asked, &parameters, &body.words, errors);
    let method = is_member || is_method(&signature, &before, &body.words);
    let has_late = !late.is_empty();
    // Also where no key is declared, so that a `record!` is told so.
    let late = (has_late || body.words.invoke_record).then_some(late);
    if let Some(ret) = ret
        && let Some(reason) = ret_is_unseen(never, track_caller, &body)
    {
        errors.push(Error::new(ret.at, reason));
    }
    let (name, computed) = match args.name.into_inner() {
        None => (None, None),
        Some(NameArg::Literal(name)) => (Some(name), None),
        Some(NameArg::Computed(name)) => (None, Some(*name)),
    };
    let links = args.links.into_inner().into_iter().chain(args.follows_from.into_inner()).flatten();
    if let Some(returned) = body.returned() {
        errors.extend(returned.misfits(ret.map(|ret| ret.at)));
    }
    let err = args.err.into_inner().map(|err| after::settled(err, &signature));
    if let Some(err) = err.as_ref().filter(|err| err.judges())
        && let Some(reason) = err_is_unseen(&signature.output, track_caller, &body)
    {
        errors.push(Error::new(err.at, reason));
    }
    let cancel = args.cancel.into_inner();
    if let Some(at) = cancel
        && body.is_in_call()
    {
        errors.push(Error::new(at, "only a future can be dropped before its end: this function makes none"));
    }
    let mut begin = Begin {
        place: place(args.root.into_inner(), args.parent.into_inner(), errors),
        name: computed,
        attributes: captured,
        links: links.collect(),
    };
    begin.fit(&mut body, &parameters, &signature);
    let asks = err.as_ref().is_some_and(ErrArg::judges);
    let read = Read::of(&signature, &body, of_trait.is_some(), asks);
    let (kind, target, scope) = (args.kind.into_inner(), args.target.into_inner(), args.scope.into_inner());
    let values = [kind.as_ref().and_then(KindArg::expression), target.as_ref(), scope.as_ref()];
    let values = ["kind", "target", "scope"].into_iter().zip(values);
    errors.extend(of_no_parameter(values, &parameters, &signature.generics));
    let is_free = is_free
        && !err.as_ref().is_some_and(|err| parameters.are_mentioned_by(&err.words()))
        && are_harmless(attributes.iter().map(|attribute| attribute.meta.to_token_stream()));
    let (is_opened, Taken { before, statements: taken }) = if read.is_some() {
        (false, Taken::nothing(before))
    } else {
        rewritten(before, &signature, &body, &begin, err.as_ref(), is_free)
    };
    let mentioned = err.as_ref().map(|err| after::mentioned(err, &signature, &body)).unwrap_or_default();
    Some(Model {
        is_opened,
        read,
        before,
        home: args.home.into_inner(),
        site: Site {
            at: signature.ident.span(),
            package: environment("CARGO_PKG_NAME"),
            version: environment("CARGO_PKG_VERSION"),
            name,
            kind,
            method,
            of_trait,
            // What is polled is somewhere else only with a context for it.
            leaf: args.leaf.into_inner().is_some() && (body.is_in_call() || begin.place.is_none()),
            late: has_late && body.begins_later(),
            cancel_is_error: cancel.is_some(),
            level: args.level.into_inner(),
            target,
            scope,
        },
        begin,
        late,
        returned: ret,
        err,
        mentioned,
        taken,
        never,
        body,
        returns: Returns::of(signature.output),
    })
}

/// Whether it is a literal text, which mentions nothing.
fn is_text(value: &impl ToTokens) -> bool {
    parse2::<LitStr>(value.to_token_stream()).is_ok()
}

/// Whether it is a function that can run, where something records.
fn can_run(signature: &Signature, errors: &mut Errors) -> bool {
    if let Some(constness) = &signature.constness {
        let message = "a `const fn` cannot be traced: it may run in the compiler, where nothing records";
        errors.push(Error::new(constness.span, message));
        return false;
    }
    // The compiler tells that itself, and best of the function as it is.
    !is_unsized(&signature.output)
}

fn given_twice(again: &Attribute) -> Error {
    Error::new(again.meta.span(), "`#[traced]` is given twice, and would record each call twice")
}

/// Whether it is another `#[traced]`, and not one that says `off`.
fn is_ours(attribute: &Attribute) -> bool {
    let path = attribute.path();
    let is_named_so =
        path.segments.len() <= 2 && path.segments.iter().all(|segment| segment.ident == "traced");
    is_named_so && !matches!(&attribute.meta, Meta::List(list) if is_off(&list.tokens))
}

/// The function up to its body, and whether it is an `async fn` that there returns the future.
fn rewritten(
    before: TokenStream,
    signature: &Signature,
    body: &Body,
    begin: &Begin,
    err: Option<&ErrArg>,
    is_free: bool,
) -> (bool, Taken) {
    let opened = is_free.then(|| opened(&before, signature)).flatten();
    let is_opened = opened.is_some();
    let before = opened.unwrap_or(before);
    let (at_begin, at_end) = (begin.words(), err.map_or_else(Words::none, ErrArg::words));
    let taken = match body.work {
        Work::Async(_) if is_opened => taken(before, signature, &[&at_end], By::Future),
        Work::Async(_) => taken(before, signature, &[&at_end], By::Block),
        Work::Returned(_, ref returned) if returned.in_box.is_some() => Taken::nothing(before),
        Work::Sync(_) | Work::Returned(..) => taken(before, signature, &[&at_begin, &at_end], By::Block),
        Work::Guarded(_) => taken(before, signature, &[&at_begin], By::Guarded),
        Work::Future(_) | Work::ReturnedHere(..) => Taken::nothing(before),
    };
    (is_opened, taken)
}

/// Why the function shows nothing that it returns, where its signature tells.
fn ret_is_unseen(never: bool, track_caller: bool, body: &Body) -> Option<&'static str> {
    if never {
        return Some("`ret` has nothing to record: the function never returns");
    }
    (track_caller && matches!(body.work, Work::Guarded(_))).then_some(
        "`ret` cannot go with `#[track_caller]`: what keeps the caller's location leaves no way to see what is \
         returned",
    )
}

/// Why the function shows no `Err`, where its signature tells.
fn err_is_unseen(output: &ReturnType, track_caller: bool, body: &Body) -> Option<&'static str> {
    let infallible = match output {
        ReturnType::Default => true,
        ReturnType::Type(_, ty) => {
            (no_result(ty) || Returns::of(output.clone()).is_function)
                && !matches!(body.work, Work::Future(_))
        }
    };
    if infallible {
        return Some("`err` looks at the `Err` of a `Result`, and this function returns none");
    }
    (track_caller && matches!(body.work, Work::Guarded(_)))
        .then_some("`err` cannot go with `#[track_caller]`: what such a function returns is not seen")
}

/// What the build tool says of the package that is being compiled, or nothing. `option_env!` in the expansion would
/// say the same, for the price of two more calls in each.
pub(crate) fn environment(variable: &str) -> String {
    std::env::var(variable).unwrap_or_default()
}
