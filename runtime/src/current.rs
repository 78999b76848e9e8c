//! The current span.

use traced_core::{AttributeValue, Change, Failure, SpanId, SpanIds, Status, TraceId, cell};

/// The span that is current on this thread: that of the innermost annotated function, or of a third party's
/// OpenTelemetry code. While nobody records, or nothing is current, what it is told goes nowhere.
///
/// ```
/// #[traced::traced]
/// fn look_up(key: &str) -> Option<String> {
///     let span = traced::current();
///     span.set("cache.key", key);
///     span.event("cache miss", [("cache.size", 42)]);
///     None
/// }
/// look_up("a");
/// ```
#[must_use]
pub fn current() -> Current {
    Current { _private: () }
}

/// The current span, as [`current`] returns it: looked up anew by each method, so it may be kept.
#[derive(Clone, Copy, Debug)]
pub struct Current {
    _private: (),
}

#[expect(clippy::must_use_candidate, reason = "what changes the span returns it for the next change")]
impl Current {
    /// Whether there is a current span that records what it is told.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        ids().is_some_and(|ids| ids.recording)
    }

    /// Sets an attribute; a repeated key replaces.
    pub fn set(&self, key: &str, value: impl AttributeValue) -> &Self {
        if cell::recorder().is_some() {
            value.show(&mut |value| change(Change::Attribute(key, value)));
        }
        self
    }

    /// Adds an event with attributes.
    ///
    /// ```
    /// traced::current().event("cache miss", [("cache.size", 42)]);
    /// traced::current().event("retry", [("attempt", &2 as &dyn traced::AttributeValue), ("cause", &"timeout")]);
    /// traced::current().event::<i64>("done", []);
    /// ```
    pub fn event<'a, V: AttributeValue>(
        &self,
        name: &str,
        attributes: impl IntoIterator<Item = (&'a str, V)>,
    ) -> &Self {
        let mut attributes = Some(attributes);
        change(Change::Event(name, &mut |fields| {
            for (key, value) in attributes.take().into_iter().flatten() {
                fields.set(key, &value);
            }
        }));
        self
    }

    /// Records an error that was handled: an `exception` event, the status Error with its message, and
    /// `error.type`, as if the function had returned it.
    ///
    /// But what the error says of itself by [`SpanError`](crate::SpanError) is not asked for here, as it is where
    /// `#[traced]` sees the error returned: this method knows no more of its type than that it is an error. Nor is it
    /// inside an `anyhow::Error` or a `Box<dyn Error>`. Where it matters, say it: an `error.type` that is there already
    /// stays, and an expected error is no error to be recorded.
    ///
    /// ```
    /// use traced::SpanError;
    ///
    /// # #[derive(Debug)]
    /// # struct Refused(u16);
    /// # impl std::fmt::Display for Refused {
    /// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "{}", self.0) }
    /// # }
    /// # impl std::error::Error for Refused {}
    /// # impl SpanError for Refused {}
    /// # fn ask() -> Result<(), Refused> { Err(Refused(503)) }
    /// #[traced::traced]
    /// fn ask_or_go_on() {
    ///     if let Err(refused) = ask()
    ///         && !refused.is_expected()
    ///     {
    ///         traced::current().set("error.type", refused.error_type()).error(&refused);
    ///     }
    /// }
    /// # ask_or_go_on();
    /// ```
    pub fn error<E: std::error::Error>(&self, error: &E) -> &Self {
        change(Change::Error(Failure::of(error)));
        self
    }

    /// Sets the status. [`Status::Ok`] is final.
    pub fn status(&self, status: Status<'_>) -> &Self {
        change(Change::Status(status));
        self
    }

    /// Changes the name.
    pub fn rename(&self, name: &str) -> &Self {
        change(Change::Rename(name));
        self
    }

    /// The id of the trace. Prints as hexadecimal digits, for a log line or an error page.
    #[must_use]
    pub fn trace_id(&self) -> Option<TraceId> {
        ids().map(|ids| ids.trace_id)
    }

    /// The id of the span.
    #[must_use]
    pub fn span_id(&self) -> Option<SpanId> {
        ids().map(|ids| ids.span_id)
    }
}

#[cfg(feature = "otel")]
#[expect(clippy::must_use_candidate, reason = "what changes the span returns it for the next change")]
impl Current {
    /// Adds a link to the span of a context.
    pub fn link(&self, context: &opentelemetry::Context) -> &Self {
        use opentelemetry::trace::TraceContextExt as _;
        let span = context.span();
        let to = span.span_context();
        if to.is_valid() {
            change(Change::Link(SpanIds {
                trace_id: TraceId(to.trace_id().to_bytes()),
                span_id: SpanId(to.span_id().to_bytes()),
                sampled: to.is_sampled(),
                recording: false,
            }));
        }
        self
    }

    /// The context that it is current in, to be handed to OpenTelemetry code.
    #[must_use]
    pub fn context(&self) -> opentelemetry::Context {
        crate::context::current()
    }
}

fn change(change: Change<'_>) {
    if let Some(recorder) = cell::recorder() {
        recorder.change(change);
    }
}

fn ids() -> Option<SpanIds> {
    cell::recorder()?.current()
}
