//! Paths as the compiler prints them, taken apart.

/// Splits `<a::Type<_> as b::Trait>::method` and `m::<impl a::Type>::method` into the type and the rest.
pub(super) fn split_qualified(path: &str) -> (Option<&str>, &str) {
    let Some(open) = path.find('<').filter(|open| *open == 0 || path[*open..].starts_with("<impl ")) else {
        return (None, path);
    };
    let mut depth = 0_u32;
    let close = path[open..].char_indices().find(|(at, c)| {
        match c {
            '<' => depth += 1,
            '>' if !path[..open + at].ends_with('-') => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    let Some((close, _)) = close else { return (None, path) };
    let inside = path[open + 1..open + close].trim_start_matches("impl ");
    let after_for = inside.rsplit_once(" for ").map_or(inside, |(_, owner)| owner);
    let owner = match after_for.split_once(" as ") {
        // A type that is any type says nothing: `<_ as Store>`, `<&_ as Store>`.
        Some((any, behaviour)) if !any.contains(char::is_alphanumeric) => behaviour,
        Some((owner, _)) => owner,
        None => after_for,
    };
    (Some(owner), &path[open + close + 1..])
}

/// The path without its generic arguments.
pub(super) fn plain(path: &str) -> String {
    let mut depth = 0_u32;
    let mut previous = ' ';
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        match c {
            '<' => depth += 1,
            '>' if previous != '-' => depth = depth.saturating_sub(1),
            c if depth == 0 => out.push(c),
            _ => {}
        }
        previous = c;
    }
    out
}

pub(super) fn last_segment(path: &str) -> String {
    path.rsplit("::").find(|segment| !segment.is_empty()).unwrap_or(path).to_owned()
}

pub(super) fn starts_upper(segment: &str) -> bool {
    segment.starts_with(char::is_uppercase)
}
