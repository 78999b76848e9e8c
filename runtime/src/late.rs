//! Fields that get their values while the function runs.

/// Gives fields of the annotated function around it their values, where they were declared without:
/// `fields(rows = Empty)`.
///
/// It goes anywhere inside the function, also in a block, a closure, a `traced::span!`, after an `.await`, and in a
/// `leaf`: what is recorded belongs to the function's own span, whichever is current. Fields are written as in
/// `fields(..)`: `key = value`, `key = %display`, `key = ?debug`, and a variable's name alone. Values are evaluated once,
/// and only if the span records. A repeated key replaces; a field that never gets a value is not recorded.
///
/// In a function that returns a future or a stream the span begins when that is polled. What is recorded before, in the
/// function's own statements, is kept until then; afterwards it is recorded in the innermost call of the function that is
/// polled on this thread.
///
/// ```
/// use traced::traced;
///
/// #[traced(fields(rows = Empty, plan = Empty))]
/// fn query(sql: &str) -> usize {
///     let rows = sql.len();
///     traced::record!(rows, plan = ?["scan", "filter"]);
///     rows
/// }
/// query("select 1");
/// ```
///
/// A key that the function does not declare does not compile:
///
/// ```compile_fail
/// # use traced::traced;
/// #[traced(fields(rows = Empty))]
/// fn query() {
///     traced::record!(row = 1); // no field `row` is declared, only `rows`; did you mean `rows`?
/// }
/// ```
#[cfg(not(traced_off))]
#[macro_export]
macro_rules! record {
    () => {
        ::core::compile_error!("expected a field, as in `record!(rows = n)`")
    };
    ($($field:tt)*) => {
        // A macro that the attribute puts into the function.
        __record_belongs_inside_a_function_annotated_with_traced! { $($field)* }
    };
}

/// Does nothing: the program is built with `--cfg traced_off`.
#[cfg(traced_off)]
#[macro_export]
macro_rules! record {
    () => {
        ::core::compile_error!("expected a field, as in `record!(rows = n)`")
    };
    ($($field:tt)*) => {
        $crate::__private::__record! { {} {} {} $($field)* }
    };
}
