//! Traces as trees in the terminal.
//!
//! | file | what lives there |
//! |---|---|
//! | `exporter` | the [`Exporter`]: when something is shown |
//! | `output` | the thread that writes, so that a stuck terminal holds nothing up |
//! | `traces` | spans that wait for the rest of their trace |
//! | `shown` | what is remembered of traces after they were shown |
//! | `tree` | which span is under which |
//! | `render`, `details` | a trace as lines, and what is said below a span's line |
//! | `style`, `text`, `units` | colours and columns; escapes, widths and wrapping; durations and times |

mod details;
mod exporter;
mod output;
mod render;
mod shown;
mod style;
#[cfg(test)]
mod tests;
mod text;
mod traces;
mod tree;
mod units;

use opentelemetry_sdk::Resource;

use super::{BuildError, Exporter};

/// Writes to standard output.
pub(crate) fn exporter(resource: &Resource) -> Result<Box<dyn Exporter>, BuildError> {
    let console =
        exporter::Console::new(Box::new(std::io::stdout()), style::Style::of_standard_output(), resource)?;
    Ok(Box::new(console))
}
