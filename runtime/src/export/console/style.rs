//! Colours, and lines whose width is known.

use std::io::IsTerminal as _;

use super::text;

/// How the output is to look.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub(super) color: bool,
    /// Columns.
    pub(super) width: usize,
}

impl Style {
    pub(super) fn of_standard_output() -> Self {
        Self::new(|name| std::env::var(name).ok(), std::io::stdout().is_terminal())
    }

    /// `NO_COLOR`: <https://no-color.org>. `CLICOLOR_FORCE`: <https://bixense.com/clicolors>; whoever forces
    /// means this program, so it beats a `NO_COLOR` that is set for all of them.
    pub(super) fn new(variable: impl Fn(&str) -> Option<String>, terminal: bool) -> Self {
        let set = |name| variable(name).is_some_and(|value| !value.is_empty());
        let forced = variable("CLICOLOR_FORCE").is_some_and(|value| !value.is_empty() && value != "0");
        let dumb = variable("TERM").is_some_and(|value| value == "dumb");
        // A width that no terminal has is a mistake, and too narrow for a tree.
        let width = variable("COLUMNS").and_then(|value| value.trim().parse().ok());
        let width = width.filter(|width| (40..=1000).contains(width)).unwrap_or(100);
        Self { color: forced || (terminal && !dumb && !set("NO_COLOR")), width }
    }
}

/// What a piece of text looks like. Only the sixteen colours that terminals let their users choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    Plain,
    Bold,
    Dim,
    Error,
    Panic,
    Cancelled,
    Ok,
    Kind,
    /// A service, by the order in which they were met.
    Service(usize),
}

impl Paint {
    fn code(self) -> &'static str {
        /// Not red, yellow or magenta: these say how a span ended.
        const SERVICES: [&str; 6] = ["36", "34", "32", "94", "96", "92"];
        match self {
            Self::Plain => "",
            Self::Bold => "1",
            Self::Dim => "2",
            Self::Error => "31",
            Self::Panic => "1;35",
            Self::Cancelled => "33",
            Self::Ok => "32",
            Self::Kind => "2;3",
            Self::Service(index) => SERVICES[index % SERVICES.len()],
        }
    }
}

/// A line in the making. What is pushed is escaped here, so that no text gets around it.
#[derive(Debug)]
pub(super) struct Line {
    text: String,
    width: usize,
    color: bool,
}

impl Line {
    pub(super) fn new(style: Style) -> Self {
        Self { text: String::new(), width: 0, color: style.color }
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn push(&mut self, paint: Paint, text: &str) {
        let text = text::escaped(text);
        self.width += text::width(&text);
        let code = if self.color { paint.code() } else { "" };
        if code.is_empty() || text.is_empty() {
            self.text.push_str(&text);
        } else {
            self.text.push_str("\x1b[");
            self.text.push_str(code);
            self.text.push('m');
            self.text.push_str(&text);
            self.text.push_str("\x1b[0m");
        }
    }

    /// Moves on to this column, if the line is not there yet.
    pub(super) fn pad_to(&mut self, column: usize) {
        let missing = column.saturating_sub(self.width);
        self.text.extend(std::iter::repeat_n(' ', missing));
        self.width += missing;
    }

    pub(super) fn end(self, out: &mut String) {
        out.push_str(self.text.trim_end());
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(variables: &[(&str, &str)], terminal: bool) -> Style {
        let variable = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        Style::new(variable, terminal)
    }

    #[test]
    fn colours_are_for_terminals_unless_the_user_says_otherwise() {
        assert!(style(&[], true).color);
        assert!(!style(&[], false).color);
        assert!(!style(&[("NO_COLOR", "1")], true).color);
        assert!(style(&[("NO_COLOR", "")], true).color);
        assert!(!style(&[("TERM", "dumb")], true).color);
        assert!(style(&[("CLICOLOR_FORCE", "1")], false).color);
        assert!(!style(&[("CLICOLOR_FORCE", "0")], false).color);
        assert!(style(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false).color);
    }

    #[test]
    fn the_width_is_the_users_if_it_can_be_one() {
        assert_eq!(style(&[], true).width, 100);
        assert_eq!(style(&[("COLUMNS", "132")], true).width, 132);
        for wrong in ["", "x", "-1", "0", "7", "99999"] {
            assert_eq!(style(&[("COLUMNS", wrong)], true).width, 100, "{wrong}");
        }
    }

    #[test]
    fn a_line_knows_its_width_whatever_its_colours() {
        for color in [false, true] {
            let mut line = Line::new(Style { color, width: 100 });
            line.push(Paint::Error, "注文");
            line.push(Paint::Plain, "\x1b");
            assert_eq!(line.width(), 4 + 6);
            line.pad_to(12);
            assert_eq!(line.width(), 12);
        }
    }
}
