//! What the types in a signature tell.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit_mut::{VisitMut, visit_type_mut};
use syn::{FnArg, ReceiverKind, ReturnType, Type, parse_quote};

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
        let mut erase = Erase { erased: false };
        erase.visit_type_mut(&mut ty);
        let nameable = (!matches!(ty, Type::Infer(_))).then_some(ty);
        Self { at, nameable, complete: !erase.erased }
    }

    /// Whether it is a `Result<_, impl Trait>`, or the like.
    pub(crate) fn hides_a_part(&self) -> bool {
        self.nameable.is_some() && !self.complete
    }

    pub(crate) fn unknown() -> Self {
        Self { at: Span::call_site(), nameable: None, complete: false }
    }
}

/// Whether the function is declared to return `!`.
pub(crate) fn is_never(output: &ReturnType) -> bool {
    matches!(output, ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_)))
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
