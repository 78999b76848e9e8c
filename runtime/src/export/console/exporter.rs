//! When something is shown.

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use opentelemetry::Key;
use opentelemetry_sdk::Resource;

use super::output::Output;
use super::render::Renderer;
use super::shown::Shown;
use super::style::Style;
use super::traces::{Bounds, Due, Traces};
use crate::export::{BoxFuture, BuildError, Exporter, Tally};
use crate::record::Batch;

/// Shows each trace when its local roots have ended and nothing has come for it for a while.
pub(super) struct Console {
    view: View,
    output: Output,
}

impl Console {
    pub(super) fn new(
        writer: Box<dyn Write + Send>,
        style: Style,
        resource: &Resource,
    ) -> Result<Self, BuildError> {
        let service = resource.get(&Key::from_static_str("service.name"));
        let service = service.map_or_else(|| "unknown_service".to_owned(), |name| name.to_string());
        let output = Output::new(writer).map_err(|error| {
            BuildError(format!("cannot start the thread that writes to the console: {error}"))
        })?;
        Ok(Self { view: View::new(style, service, Bounds::default()), output })
    }

    #[cfg(test)]
    pub(super) fn output_is_written(&self) -> impl Future<Output = ()> + use<> {
        self.output.flushed()
    }

    fn show(&mut self, due: &[Due]) {
        for due in due {
            let text = self.view.show(due);
            self.output.show(text, due.spans.len());
        }
    }
}

impl Exporter for Console {
    fn name(&self) -> String {
        "console".to_owned()
    }

    fn export<'a>(&'a mut self, batch: &'a Arc<Batch>, tally: &'a mut Tally) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            {
                let mut losses = self.output.losses();
                tally.problem = losses.problem.take().or(tally.problem.take());
                if losses.closed {
                    tally.failed += batch.len();
                    tally.problem = Some("nobody reads the standard output any more".to_owned());
                    return;
                }
                // Spans count as exported when they are accepted, since they are shown much later. Those that
                // turned out not to be are taken from what is accepted next, so that the sums are right.
                let owed = losses.spans.min(batch.len());
                losses.spans -= owed;
                tally.failed += owed;
                tally.exported += batch.len() - owed;
            }
            let now = Instant::now();
            for index in 0..batch.len() {
                if let Some(due) = self.view.add(batch, index, now) {
                    self.show(&[due]);
                }
            }
        })
    }

    fn flush(&mut self) -> BoxFuture<'_, ()> {
        let due = self.view.traces.all();
        self.show(&due);
        Box::pin(self.output.flushed())
    }

    fn tick_interval(&self) -> Option<Duration> {
        Some(Duration::from_millis(50))
    }

    fn tick(&mut self) {
        let due = self.view.traces.due(Instant::now());
        self.show(&due);
    }
}

/// What waits, what was shown, and what it looks like: everything but time and the terminal.
#[derive(Debug)]
pub(super) struct View {
    pub(super) traces: Traces,
    shown: Shown,
    renderer: Renderer,
}

impl View {
    pub(super) fn new(style: Style, service: String, bounds: Bounds) -> Self {
        Self { traces: Traces::new(bounds), shown: Shown::default(), renderer: Renderer::new(style, service) }
    }

    /// Takes a span; returns what must be shown to make room.
    pub(super) fn add(&mut self, batch: &Batch, index: usize, now: Instant) -> Option<Due> {
        let span = batch.get(index)?;
        let known = self.shown.get(span.header.trace_id);
        self.traces.add(&span, now, |parent| known.is_some_and(|known| known.knows(parent)));
        self.traces.over_bound()
    }

    /// The text that shows these spans, which are remembered.
    pub(super) fn show(&mut self, due: &Due) -> String {
        let rendered = self.renderer.render(due, self.shown.get(due.trace_id));
        self.shown.remember(due.trace_id, rendered.start, rendered.end, |known| {
            for (id, name, parent) in rendered.names {
                if let Some(parent) = parent {
                    known.add_without_parent(parent, name.clone());
                }
                known.add(id, name);
            }
        });
        rendered.text
    }
}
