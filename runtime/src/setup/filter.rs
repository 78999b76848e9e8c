//! The filter: which annotated functions make spans, by level and target. The grammar is that of `EnvFilter`.

use std::fmt;
use std::sync::Arc;

use traced_core::{CallSite, Level};

use super::env::{self, Source};

/// A filter cannot be understood.
///
/// ```
/// # let telemetry = traced::init()?;
/// let wrong = telemetry.set_filter("db=loud").unwrap_err();
/// assert_eq!(
///     wrong.to_string(),
///     "`db=loud`: there is no level `loud`, expected `trace`, `debug`, `info`, `warn`, `error` or `off`"
/// );
/// # Ok::<(), traced::InstallError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FilterError {
    /// The part that is not understood.
    pub directive: String,
    /// What is wrong with it, and what is accepted.
    pub why: String,
}

impl FilterError {
    fn of(directive: &str, why: impl Into<String>) -> Self {
        Self { directive: directive.to_owned(), why: why.into() }
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.directive, self.why)
    }
}

impl std::error::Error for FilterError {}

/// What a filter says; if nothing, everything is on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filter(Vec<Directive>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Directive {
    /// The beginning of the targets that it is about; empty: of all.
    target: String,
    /// The least important level that is on. None: nothing is.
    level: Option<Level>,
}

/// The filter given in code, else `TRACED_FILTER`.
pub(super) fn resolve(code: Option<Filter>, source: Source<'_>) -> Filter {
    if let Some(code) = code {
        return code;
    }
    let text = source.text(&env::FILTER).unwrap_or_default();
    Filter::parse(&text).unwrap_or_else(|wrong| {
        source.refuse(&env::FILTER, &text, &wrong.to_string(), "everything");
        Filter::default()
    })
}

impl Filter {
    pub(super) fn parse(text: &str) -> Result<Self, FilterError> {
        let directives = text.split(',').map(str::trim).filter(|directive| !directive.is_empty());
        let directives = directives.map(directive).collect::<Result<Vec<_>, _>>()?;
        let is_meant = |directive: &Directive| directive.level.is_some() || directive.target.is_empty();
        if !directives.is_empty() && !directives.iter().any(is_meant) {
            let why =
                "this turns nothing on, since what is not named is off: say what else is on, as in `trace,";
            return Err(FilterError::of(text, format!("{why}{text}`; or write `off`")));
        }
        Ok(Self(directives))
    }

    /// Whether the call site makes spans: the longest target that fits says so, and of equal ones the last. Where none
    /// fits it does not.
    fn lets_be(&self, target: &str, level: Level) -> bool {
        let fits = self.0.iter().filter(|directive| target.starts_with(&directive.target));
        let most_specific = fits.max_by_key(|directive| directive.target.len());
        most_specific.and_then(|directive| directive.level).is_some_and(|most| level <= most)
    }

    /// As the seam has it.
    pub(super) fn set(self) {
        let is_empty = self.0.is_empty();
        let asked = move |site: &CallSite| self.lets_be(site.span_target(), site.span_level());
        traced_core::filter::set((!is_empty).then(|| Arc::new(asked) as _));
    }
}

fn directive(text: &str) -> Result<Directive, FilterError> {
    let wrong = |why: &str| FilterError::of(text, why);
    if text.contains(['[', ']', '{', '}']) {
        return Err(wrong(
            "spans and fields cannot be told apart by a filter here, only targets and levels: give the functions a \
             `target = \"..\"`",
        ));
    }
    if text.contains('/') {
        return Err(wrong(
            "there are no regular expressions here: expected `level`, `target` or `target=level`",
        ));
    }
    let Some((target, level)) = text.split_once('=') else {
        return match level(text) {
            Ok(level) => Ok(Directive { target: String::new(), level }),
            // All that it makes.
            Err(NoLevel) => Ok(Directive { target: target(text)?, level: Some(Level::Trace) }),
        };
    };
    let (name, target) = (level.trim(), self::target(target.trim()).map_err(|error| wrong(&error.why))?);
    match self::level(name) {
        Ok(level) => Ok(Directive { target, level }),
        Err(NoLevel) => Err(wrong(&format!(
            "there is no level `{name}`, expected `trace`, `debug`, `info`, `warn`, `error` or `off`"
        ))),
    }
}

fn target(text: &str) -> Result<String, FilterError> {
    let is_part = |part: char| part.is_alphanumeric() || "_:-.".contains(part);
    if text.is_empty() {
        return Err(FilterError::of(text, "there is no target before the `=`"));
    }
    if text.chars().all(is_part) {
        return Ok(text.to_owned());
    }
    Err(FilterError::of(text, "expected `level`, `target` or `target=level`, and commas between them"))
}

struct NoLevel;

/// By name or by number, as `EnvFilter` has them.
fn level(text: &str) -> Result<Option<Level>, NoLevel> {
    Ok(match text.to_ascii_lowercase().as_str() {
        "off" | "0" => None,
        "error" | "1" => Some(Level::Error),
        "warn" | "2" => Some(Level::Warn),
        "info" | "3" => Some(Level::Info),
        "debug" | "4" => Some(Level::Debug),
        "trace" | "5" => Some(Level::Trace),
        _ => return Err(NoLevel),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::testing::Environment;

    /// The least important level that is on.
    fn on(filter: &str, target: &str) -> Option<Level> {
        let filter = Filter::parse(filter).unwrap();
        [Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error]
            .into_iter()
            .find(|level| filter.0.is_empty() || filter.lets_be(target, *level))
    }

    #[test]
    fn the_most_specific_directive_says_it() {
        let cases: &[(&str, &str, Option<Level>)] = &[
            ("", "app", Some(Level::Trace)),
            (" , ", "app", Some(Level::Trace)),
            ("info", "app", Some(Level::Info)),
            ("WARN", "app", Some(Level::Warn)),
            ("4", "app", Some(Level::Debug)),
            ("off", "app", None),
            ("0", "app", None),
            ("info,off", "app", None),
            ("off,info", "app", Some(Level::Info)),
            ("app=debug", "app", Some(Level::Debug)),
            ("app=debug", "app::db", Some(Level::Debug)),
            // A beginning, not a segment: so it is in `EnvFilter`.
            ("app=debug", "application", Some(Level::Debug)),
            ("app=debug", "other", None),
            ("app", "app", Some(Level::Trace)),
            ("app", "other", None),
            ("info,db=off,my_crate::slow=debug", "my_crate", Some(Level::Info)),
            ("info,db=off,my_crate::slow=debug", "db", None),
            ("info,db=off,my_crate::slow=debug", "my_crate::slow::part", Some(Level::Debug)),
            ("app::db=off,app=trace", "app::db", None),
            ("app=trace, app::db = off", "app::db::pool", None),
            ("app=trace,app=warn", "app", Some(Level::Warn)),
            ("app=warn,app=trace", "app", Some(Level::Trace)),
            ("app=5,info", "other", Some(Level::Info)),
        ];
        for (filter, target, expected) in cases {
            assert_eq!(on(filter, target), *expected, "`{filter}` of {target}");
        }
    }

    #[test]
    fn what_is_not_understood_is_told() {
        let cases: &[(&str, &str, &str)] = &[
            ("info,db=loud", "db=loud", "there is no level `loud`"),
            ("db=", "db=", "there is no level ``"),
            ("=info", "=info", "no target before the `=`"),
            ("info,[span]=debug", "[span]=debug", "only targets and levels"),
            ("[{id=1}]", "[{id=1}]", "only targets and levels"),
            ("info,app/re.*", "app/re.*", "no regular expressions"),
            ("info db=off", "info db=off", "commas between them"),
            ("info;debug", "info;debug", "commas between them"),
            ("db=off", "db=off", "as in `trace,db=off`"),
        ];
        for (filter, directive, why) in cases {
            let wrong = Filter::parse(filter).unwrap_err();
            assert_eq!(wrong.directive, *directive, "{filter}");
            assert!(wrong.why.contains(why), "{filter}: {wrong}");
        }
    }

    #[test]
    fn code_comes_before_the_environment_and_that_before_everything() {
        let environment = Environment::of([("TRACED_FILTER", "warn")]);
        let parse = |text: &str| Filter::parse(text).unwrap();
        assert_eq!(environment.with(|source| resolve(Some(parse("debug")), source)), parse("debug"));
        assert_eq!(environment.with(|source| resolve(Some(parse("")), source)), Filter::default());
        assert_eq!(environment.with(|source| resolve(None, source)), parse("warn"));
        environment.assert_refused([]);
        let wrong = Environment::of([("TRACED_FILTER", "info,db=loud")]);
        assert_eq!(wrong.with(|source| resolve(None, source)), Filter::default());
        wrong.assert_refused([("TRACED_FILTER", "db=loud")]);
        assert_eq!(Environment::of([]).with(|source| resolve(None, source)), Filter::default());
    }
}
