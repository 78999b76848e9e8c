//! An environment for tests, and the warnings about it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::env::Source;
use crate::pipeline::Reporter;

/// Variables and the values of theirs that are refused.
pub(super) type Refused = &'static [(&'static str, &'static str)];

/// Variables of a test: the process's own are shared by all tests.
pub(super) struct Environment {
    variables: HashMap<String, String>,
    warnings: Arc<Mutex<Vec<String>>>,
}

impl Environment {
    pub(super) fn of<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self { variables: variables.into_iter().map(owned).collect(), warnings: Arc::default() }
    }

    pub(super) fn read(&self) -> impl Fn(&str) -> Option<String> + '_ {
        |name| self.variables.get(name).cloned()
    }

    pub(super) fn reporter(&self) -> Reporter {
        let warnings = Arc::clone(&self.warnings);
        Reporter::to(Arc::new(move |problem| {
            warnings.lock().unwrap_or_else(PoisonError::into_inner).push(problem.to_string());
        }))
    }

    pub(super) fn with<T>(&self, run: impl FnOnce(Source<'_>) -> T) -> T {
        let reporter = self.reporter();
        let read = self.read();
        run(Source::new(&read, &reporter))
    }

    /// The warnings since the last time.
    pub(super) fn warnings(&self) -> Vec<String> {
        std::mem::take(&mut self.warnings.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Exactly one warning for each of these, with the name of the variable, the value, and what is taken.
    #[track_caller]
    pub(super) fn assert_refused<'a>(&self, refused: impl IntoIterator<Item = (&'a str, &'a str)>) {
        let warnings = self.warnings();
        let refused: Vec<_> = refused.into_iter().collect();
        assert_eq!(warnings.len(), refused.len(), "{warnings:?} for {refused:?}");
        for ((variable, value), warning) in refused.iter().zip(&warnings) {
            assert!(
                warning.contains(variable) && warning.contains(value),
                "{warning} for {variable}={value}"
            );
        }
    }
}
