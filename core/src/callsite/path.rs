//! Paths as the compiler prints them, taken apart.

/// What a method is one of.
pub(super) enum Owner<'a> {
    Type(&'a str),
    /// This trait says more than the type, which is any type: `<_ as Store>`, `<&_ as Store>`.
    AnyType(&'a str),
}

/// Splits `<a::Type<_> as b::Trait>::method` and `m::<impl a::Type>::method` into the type and the rest.
pub(super) fn split_qualified(path: &str) -> (Option<Owner<'_>>, &str) {
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
        Some((any, behaviour)) if !any.contains(char::is_alphanumeric) => Owner::AnyType(behaviour),
        Some((owner, _)) => Owner::Type(owner),
        None => Owner::Type(after_for),
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

/// The type without generic arguments, without what refers to it, and of each path in it the last segment.
pub(super) fn short_type(ty: &str) -> String {
    let plain = plain(ty);
    let mut named = plain.trim_start_matches('&');
    named = named.strip_prefix("mut ").unwrap_or(named);
    if let Some(behaviour) = named.strip_prefix("dyn ") {
        // What else it can do is noise.
        named = behaviour.split(" + ").next().unwrap_or(behaviour);
    }
    let mut short = String::with_capacity(named.len());
    let mut segment_at = 0;
    for c in named.chars() {
        if c == ':' {
            short.truncate(segment_at);
            continue;
        }
        short.push(c);
        if !(c.is_alphanumeric() || c == '_') {
            segment_at = short.len();
        }
    }
    short
}

pub(super) fn starts_upper(segment: &str) -> bool {
    segment.starts_with(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use crate::CallSite;

    type Here = fn() -> &'static str;

    #[test]
    fn names_leave_out_modules_and_generics() {
        let cases: &[(&'static str, Here, &str, &str)] = &[
            ("app::shop", || "app::shop::pay::__here", "pay", "app::shop::pay"),
            ("app::shop", || "app::shop::Cart<_>::total::__here", "Cart::total", "app::shop::Cart::total"),
            (
                "app::shop",
                || "<app::shop::Cart<_> as app::Sum<alloc::vec::Vec<_>>>::total::__here",
                "Cart::total",
                "app::shop::Cart::total",
            ),
            ("app", || "app::db::<impl app::Repo>::load::__here", "Repo::load", "app::Repo::load"),
            ("app", || "<&_ as app::db::Store<_>>::load::__here", "Store::load", "app::Store::load"),
            ("app", || "app::outer::inner::__here", "inner", "app::outer::inner"),
            ("app", || "app::outer::{{closure}}::inner::__here", "inner", "app::outer::inner"),
        ];
        for (module, here, name, function) in cases {
            let site = CallSite::new(module, "f.rs", 1, *here);
            assert_eq!(site.name(), *name);
            assert_eq!(site.function(), *function);
        }
    }

    #[test]
    fn any_type_has_methods() {
        let cases: &[(Here, &str)] = &[
            (|| "<(app::A, alloc::vec::Vec<app::B>) as app::Store>::load::__here", "(A, Vec)::load"),
            (|| "<[app::A] as app::Store>::load::__here", "[A]::load"),
            (|| "<&str as app::Store>::load::__here", "str::load"),
            (|| "<&mut dyn app::A + core::marker::Send as app::Store>::load::__here", "A::load"),
        ];
        for (here, name) in cases {
            assert_eq!(CallSite::of_method("", "", "app", "f.rs", 1, *here).name(), *name);
        }
    }

    #[test]
    fn names_tell_the_trait_where_it_is_given() {
        let cases: &[(Here, &str)] = &[
            (|| "<app::Pg as app::db::Store>::load::__here", "<Pg as Store>::load"),
            (
                || "<app::Cart<_> as app::db::Store<app::X>>::load::{{closure}}::__here",
                "<Cart as Store>::load",
            ),
            (|| "app::db::<impl app::Store for app::Pg>::load::__here", "<Pg as Store>::load"),
            (|| "<app::Store as app::db::Store>::load::__here", "<Store as Store>::load"),
            (|| "<[u8] as app::db::Store>::load::__here", "<[u8] as Store>::load"),
            (|| "<&_ as app::db::Store>::load::__here", "Store::load"),
        ];
        for (here, name) in cases {
            let site = CallSite::of_method("", "", "app::shop", "f.rs", 1, *here).of_trait("Store");
            assert_eq!(site.name(), *name);
            assert_eq!(site.function(), format!("app::shop::{name}"));
            assert_eq!(site.named("named").name(), "named");
        }
    }
}
