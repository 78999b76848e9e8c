//! Names that are made at each call.

/// The name of a span that is made at each call.
#[doc(hidden)]
#[must_use]
#[inline]
pub fn name(name: &(impl SpanName + ?Sized)) -> &str {
    name.name()
}

/// Text.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a `{Self}` cannot be the name of a span",
    label = "not text",
    note = "a name is a string, as in `#[traced(name = format!(\"GET {{route}}\"))]`; in `span!` it comes first, and \
            fields after it: `span!(\"parse\", bytes)`"
)]
pub trait SpanName {
    #[doc(hidden)]
    fn name(&self) -> &str;
}

#[diagnostic::do_not_recommend]
impl<T: AsRef<str> + ?Sized> SpanName for T {
    #[inline]
    fn name(&self) -> &str {
        self.as_ref()
    }
}
