//! How an address is shown: without what may be secret in it.

/// The part before the query, and the query with its question mark.
pub(super) fn parts(url: &str) -> (&str, &str) {
    url.find('?').map_or((url, ""), |at| url.split_at(at))
}

/// Without user, password and query: all may be credentials.
pub(super) fn redacted(url: &str) -> String {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, _)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            url.split_at(scheme.len() + "://".len())
        }
        _ => ("", url),
    };
    // The last `@`, wherever it is: nothing of a password with an unescaped `/` or `?` in it may show.
    let (user, rest) = match rest.rfind('@') {
        Some(at) => ("***@", rest.get(at + 1..).unwrap_or_default()),
        None => ("", rest),
    };
    let (base, query) = parts(rest);
    let query = if query.is_empty() { "" } else { "?***" };
    format!("{scheme}{user}{base}{query}")
}

#[cfg(test)]
mod tests {
    use super::redacted;

    #[test]
    fn what_is_shown_of_an_address() {
        for (url, shown) in [
            ("http://localhost:4318/v1/traces", "http://localhost:4318/v1/traces"),
            ("https://user:password@host/path", "https://***@host/path"),
            ("https://user:pass/word@host/path", "https://***@host/path"),
            ("https://user:pass?word@host/path", "https://***@host/path"),
            ("user:password@host", "***@host"),
            ("user:pass://word@host", "***@host"),
            ("host?key=secret&next=http://other", "host?***"),
            ("https://host/path?key=secret", "https://host/path?***"),
            ("", ""),
        ] {
            assert_eq!(redacted(url), shown);
        }
    }
}
