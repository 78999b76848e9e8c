//! Recorded text on its way to a terminal: escapes, widths in columns, wrapping.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

/// The number of columns that the text takes.
pub(super) fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// The text without what a terminal would obey, or a reader be fooled by: control characters (C0, DEL, C1),
/// line separators, and marks that reorder or are not seen (<https://trojansource.codes>).
pub(super) fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for char in text.chars() {
        match char {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            char if is_escaped(char) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(char));
            }
            char => out.push(char),
        }
    }
    Cow::Owned(out)
}

fn is_escaped(char: char) -> bool {
    // The zero-width joiners stay: emoji and Persian are written with them.
    char.is_control()
        || matches!(char,
            '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text, or as much of it as leaves room for a `…`, in this many columns.
pub(super) fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    let text = escaped(text);
    if width(&text) <= columns {
        return text;
    }
    let at = fitting(&text, columns.saturating_sub(1));
    Cow::Owned(format!("{}…", text[..at].trim_end()))
}

/// How many bytes of the text fit in this many columns.
fn fitting(text: &str, columns: usize) -> usize {
    let mut taken = 0;
    let mut buffer = [0; 4];
    for (at, char) in text.char_indices() {
        taken += width(char.encode_utf8(&mut buffer));
        if taken > columns {
            return at;
        }
    }
    text.len()
}

/// Sets items one after the other, two spaces apart, in lines of at most this many columns. An item that is
/// too long for a line begins one, breaks at spaces if it can, goes on indented, and is cut after `max_lines`.
pub(super) fn flow<T: AsRef<str>>(items: &[T], columns: usize, max_lines: usize) -> Vec<String> {
    const GAP: &str = "  ";
    let columns = columns.max(8);
    let mut lines: Vec<String> = Vec::new();
    let mut used = 0;
    for item in items {
        let item = escaped(item.as_ref());
        let item_width = width(&item);
        match lines.last_mut() {
            Some(line) if used + GAP.len() + item_width <= columns => {
                line.push_str(GAP);
                line.push_str(&item);
                used += GAP.len() + item_width;
            }
            _ if item_width <= columns => {
                lines.push(item.into_owned());
                used = item_width;
            }
            _ => {
                wrap(&item, columns, max_lines, &mut lines);
                used = lines.last().map_or(0, |line| width(line));
            }
        }
    }
    lines
}

fn wrap(text: &str, columns: usize, max_lines: usize, lines: &mut Vec<String>) {
    const INDENT: &str = "  ";
    let mut rest = text;
    for number in 1..=max_lines {
        let indent = if number == 1 { "" } else { INDENT };
        let room = columns - indent.len();
        if number == max_lines || width(rest) <= room {
            lines.push(format!("{indent}{}", cut(rest, room)));
            return;
        }
        let fits = fitting(rest, room);
        // A break at a space, unless it would leave the line mostly empty.
        let at = rest[..fits].rfind(' ').filter(|at| at * 3 > fits).unwrap_or(fits);
        lines.push(format!("{indent}{}", rest[..at].trim_end()));
        rest = rest[at..].trim_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_that_it_would_obey() {
        assert_eq!(escaped("a\x1b[31mb\x07\x7f\u{9b}2J"), "a\\u{1b}[31mb\\u{7}\\u{7f}\\u{9b}2J");
        assert_eq!(escaped("one\ntwo\r\tthree"), "one\\ntwo\\r\\tthree");
        assert_eq!(escaped("user\u{202e}txt.exe\u{2066}\u{200b}"), "user\\u{202e}txt.exe\\u{2066}\\u{200b}");
        assert_eq!(escaped("größe 注文 👩‍🚀"), "größe 注文 👩‍🚀");
        // What was escaped once is not escaped again.
        assert_eq!(escaped(&escaped("\x1b\n")), escaped("\x1b\n"));
    }

    #[test]
    fn wide_characters_count_as_two_columns() {
        assert_eq!(width("注文を確定"), 10);
        assert_eq!(cut("注文を確定する", 10), "注文を確…");
        assert_eq!(cut("注文を確定", 10), "注文を確定");
        assert_eq!(cut("e\u{301}te\u{301}", 3), "e\u{301}te\u{301}");
        assert_eq!(cut("abc", 0), "…");
    }

    #[test]
    fn items_flow_and_long_ones_wrap() {
        assert_eq!(flow(&["a=1", "bb=22", "c=3"], 10, 3), ["a=1  bb=22", "c=3"]);
        assert_eq!(
            flow(&["k=1", "message=the quick brown fox jumps over", "z=2"], 20, 3),
            ["k=1", "message=the quick", "  brown fox jumps", "  over  z=2"]
        );
        assert_eq!(flow(&["x".repeat(100)], 10, 2), ["xxxxxxxxxx", "  xxxxxxx…"]);
        assert_eq!(flow::<&str>(&[], 10, 2), Vec::<String>::new());
        assert_eq!(flow(&["注文注文注文注文"], 10, 9), ["注文注文注", "  文注文"]);
    }
}
