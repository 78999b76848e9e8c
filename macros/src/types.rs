//! What the types in a signature tell.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit_mut::{VisitMut, visit_type_mut};
use syn::{FnArg, GenericArgument, Lifetime, PathArguments, ReceiverKind, ReturnType, Type, parse_quote};

/// What a function, or a future, is declared to return.
#[derive(Clone)]
pub(crate) struct Returns {
    /// Where it is written.
    pub(crate) at: Span,
    /// The type with each `impl Trait` in it left to inference: it cannot be named inside a body.
    /// `None` where nothing of it is left.
    pub(crate) nameable: Option<Type>,
    /// Whether that is the whole type.
    pub(crate) complete: bool,
    /// Whether it is a `Result<_, impl Trait>`, or the like.
    pub(crate) hides_error: bool,
    pub(crate) lives: Lives,
}

/// What says how long a value of a type lives.
#[derive(Clone, Copy, Default)]
pub(crate) struct Lives {
    /// What is in an `impl Trait` or a `dyn Trait`.
    pub(crate) hidden: bool,
    /// A reference, or a lifetime.
    pub(crate) written: bool,
}

impl Returns {
    pub(crate) fn of(output: ReturnType) -> Self {
        match output {
            ReturnType::Default => Self::named(parse_quote!(())),
            ReturnType::Type(_, ty) => Self::named(*ty),
        }
    }

    pub(crate) fn named(mut ty: Type) -> Self {
        let at = ty.span();
        let hides_error = hides_error(&ty);
        let mut lives = Lives::default();
        lives.visit_type_mut(&mut ty);
        let mut erase = Erase { erased: false };
        erase.visit_type_mut(&mut ty);
        let nameable = (!matches!(ty, Type::Infer(_))).then_some(ty);
        Self { at, nameable, complete: !erase.erased, hides_error, lives }
    }

    pub(crate) fn unknown() -> Self {
        Self {
            at: Span::call_site(),
            nameable: None,
            complete: false,
            hides_error: false,
            lives: Lives::default(),
        }
    }
}

/// Whether the type is a name alone. Of such a one that is not known the compiler says more in `f::<Name>` than where the
/// function declares it, and so would say it twice: it is to be written elsewhere than there.
pub(crate) fn is_one_word(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    path.qself.is_none() && path.path.get_ident().is_some_and(|word| word != "Self")
}

/// Whether the function is declared to return `!`.
pub(crate) fn is_never(output: &ReturnType) -> bool {
    matches!(output, ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_)))
}

/// Whether this is certainly no type that a function can return: the compiler says so, and has nothing to say of us.
pub(crate) fn is_unsized(output: &ReturnType) -> bool {
    fn of(ty: &Type) -> bool {
        match ty {
            Type::Slice(_) | Type::TraitObject(_) => true,
            Type::Path(path) => path.qself.is_none() && path.path.is_ident("str"),
            Type::Paren(inner) => of(&inner.elem),
            Type::Group(inner) => of(&inner.elem),
            _ => false,
        }
    }
    matches!(output, ReturnType::Type(_, ty) if of(ty))
}

/// Whether the type is certainly no `Result`.
pub(crate) fn no_result(ty: &Type) -> bool {
    matches!(ty, Type::Tuple(_) | Type::Array(_)) || never_drops(ty)
}

/// Whether nothing happens when the argument is dropped.
pub(crate) fn argument_never_drops(argument: &FnArg) -> bool {
    match argument {
        FnArg::Receiver(receiver) => matches!(receiver.kind, ReceiverKind::Reference(..)),
        FnArg::Typed(argument) => never_drops(&argument.ty),
    }
}

fn hides_error(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let Some(PathArguments::AngleBracketed(arguments)) =
        path.path.segments.last().map(|last| &last.arguments)
    else {
        return false;
    };
    arguments.args.iter().skip(1).any(|argument| {
        let GenericArgument::Type(ty) = argument else { return false };
        let mut erase = Erase { erased: false };
        erase.visit_type_mut(&mut ty.clone());
        erase.erased
    })
}

impl VisitMut for Lives {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        self.hidden |= matches!(ty, Type::ImplTrait(_) | Type::TraitObject(_));
        self.written |= matches!(ty, Type::Reference(_));
        visit_type_mut(self, ty);
    }

    fn visit_lifetime_mut(&mut self, _: &mut Lifetime) {
        self.written = true;
    }
}

struct Erase {
    erased: bool,
}

impl VisitMut for Erase {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if matches!(ty, Type::ImplTrait(_)) {
            *ty = parse_quote!(_);
            self.erased = true;
        }
        visit_type_mut(self, ty);
    }
}

pub(crate) fn never_drops(ty: &Type) -> bool {
    const PRIMITIVES: [&str; 17] = [
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64",
        "u128", "usize", "str",
    ];
    match ty {
        Type::Reference(_) | Type::Ptr(_) | Type::FnPtr(_) | Type::Never(_) => true,
        Type::Paren(inner) => never_drops(&inner.elem),
        Type::Group(inner) => never_drops(&inner.elem),
        Type::Array(array) => never_drops(&array.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(never_drops),
        Type::Path(path) => path.path.get_ident().is_some_and(|ident| {
            let name = ident.to_string();
            PRIMITIVES.contains(&name.as_str())
        }),
        _ => false,
    }
}
