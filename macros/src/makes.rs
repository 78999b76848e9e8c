//! Functions that make a stream before they return it: an `async fn`, or one that may fail.

use syn::{GenericArgument, PathArguments, ReturnType, Signature, Type};

use crate::returned::{Returned, What, of};
use crate::trailing::future_output;

/// What is made: a stream, or a `Result` with one in its `Ok`.
pub(crate) struct Makes {
    pub(crate) stream: Box<Returned>,
    /// As it is written.
    pub(crate) ty: Type,
    pub(crate) in_result: bool,
}

impl Makes {
    /// What is said to be returned: only a `Result` is not the stream itself.
    pub(crate) fn of(output: &ReturnType) -> Option<Self> {
        match output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => in_result(ty),
        }
    }

    /// What is said of the future, or of an `async fn`.
    pub(crate) fn of_future(signature: &Signature) -> Option<Self> {
        let ReturnType::Type(_, ty) = &signature.output else { return None };
        let ty = if signature.asyncness.is_some() { (**ty).clone() } else { future_output(ty) };
        makes(&ty, false).or_else(|| in_result(&ty))
    }
}

/// One in a span would not be what else such a stream is.
fn makes(ty: &Type, in_result: bool) -> Option<Makes> {
    let stream = of(ty).filter(|it| it.what == What::Stream && it.unfit.is_none())?;
    Some(Makes { stream: Box::new(stream), ty: ty.clone(), in_result })
}

fn in_result(ty: &Type) -> Option<Makes> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Result")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(ok) => makes(ok, true),
        _ => None,
    }
}
