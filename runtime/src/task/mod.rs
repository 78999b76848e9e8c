//! What carries the current span on, to futures and tasks.

#[cfg(feature = "otel")]
pub(crate) mod context;

use traced_core::Carry;

/// A future that runs in a span or a context: see [`FutureExt`].
pub type InSpan<F> = traced_core::InCarried<F>;

/// Takes the current span along with a future.
pub trait FutureExt: Future + Sized {
    /// Runs this future in the span that is current now: while it is polled, wherever that is, and while it is
    /// dropped.
    ///
    /// ```
    /// use traced::FutureExt as _;
    ///
    /// async fn notify(customer: u64) {}
    ///
    /// let notified = notify(7).in_current_span();
    /// // Spans in `notify` are children of the span that is current here, whoever polls it.
    /// # drop(notified);
    /// ```
    fn in_current_span(self) -> InSpan<Self> {
        here().in_future(self)
    }

    /// Runs this future in a context, such as the one that came with a request.
    ///
    /// ```
    /// use traced::FutureExt as _;
    ///
    /// async fn handle() {}
    ///
    /// let headers = http::HeaderMap::new();
    /// let handled = handle().in_context(traced::propagation::extract_headers(&headers));
    /// # drop(handled);
    /// ```
    #[cfg(feature = "otel")]
    fn in_context(self, context: opentelemetry::Context) -> InSpan<Self> {
        context::carry(context).in_future(self)
    }
}

impl<F: Future> FutureExt for F {}

/// Takes the current span along with a stream.
#[cfg(feature = "stream")]
pub trait StreamExt: futures_core::Stream + Sized {
    /// Runs this stream in the span that is current now: while it is polled, wherever that is, and while it is dropped.
    fn in_current_span(self) -> crate::InSpanStream<Self> {
        crate::stream::carried(here(), self)
    }

    /// Runs this stream in a context, such as the one that came with a request.
    #[cfg(feature = "otel")]
    fn in_context(self, context: opentelemetry::Context) -> crate::InSpanStream<Self> {
        crate::stream::carried(context::carry(context), self)
    }
}

#[cfg(feature = "stream")]
impl<S: futures_core::Stream> StreamExt for S {}

/// Spawns a task on tokio that runs in the span that is current now.
///
/// # Panics
///
/// Outside of a tokio runtime, as [`tokio::spawn`] does.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// #[traced::traced]
/// async fn notify(customer: u64) {}
///
/// #[traced::traced]
/// async fn place_order(customer: u64) {
///     traced::spawn(notify(customer)); // a child of `place_order`, also if it ends later
/// }
///
/// place_order(7).await;
/// # });
/// ```
#[cfg(feature = "tokio")]
#[track_caller]
pub fn spawn<F>(future: F) -> tokio::task::JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(future.in_current_span())
}

/// Where this thread is: the recorder knows; while there is none, OpenTelemetry's context may say something.
fn here() -> Carry {
    let here = Carry::current();
    #[cfg(feature = "otel")]
    if here.is_empty() && traced_core::cell::recorder().is_none() {
        return context::here();
    }
    here
}
