//! Whether an address can be sent to, and the paths that are appended to it.

use http::Uri;

use super::redact::parts;

/// Whether it is a URL with `http` or `https` and a host; what is wrong with it otherwise.
pub(super) fn check(url: &str) -> Result<(), &'static str> {
    let Ok(uri) = url.parse::<Uri>() else { return Err("it is not a URL") };
    match uri.scheme_str() {
        Some("http" | "https") => {}
        _ => return Err("it does not start with `http://` or `https://`"),
    }
    if uri.host().is_none_or(str::is_empty) {
        return Err("it has no host");
    }
    let ends_in_port = uri.authority().is_some_and(|authority| {
        let after_host = authority.as_str().rsplit(['@', ']']).next().unwrap_or_default();
        after_host.contains(':')
    });
    if ends_in_port && uri.port_u16().is_none() {
        return Err("its port is not a number up to 65535");
    }
    Ok(())
}

/// No exporter has TLS yet. An address that asks for it is not replaced by one that does without.
pub(super) const NO_TLS: &str = "it needs TLS, which is not compiled in: use an `http://` address, such as a \
                                 collector on this host that sends on over TLS";

pub(super) fn needs_tls(url: &str) -> bool {
    url.parse::<Uri>().is_ok_and(|uri| uri.scheme_str() == Some("https"))
}

/// With a path appended, before a query if there is one, and no slash doubled.
pub(super) fn joined(url: &str, path: &str) -> String {
    let (base, query) = parts(url);
    format!("{}{path}{query}", base.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::{check, joined};

    #[test]
    fn what_can_be_sent_to() {
        for url in [
            "http://localhost:4318",
            "https://host/otlp?key=1",
            "http://[::1]:4318/v1/traces",
            "http://[::1]",
            "http://user:password@host",
            "HTTP://HOST:1",
        ] {
            assert_eq!(check(url), Ok(()), "{url}");
        }
        for url in [
            "",
            "localhost:4318",
            "ftp://host",
            "http://",
            "http://:80",
            "http://host:99999",
            "no url",
            "/v1",
        ] {
            assert!(check(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_path_is_appended() {
        for (url, whole) in [
            ("http://host:4318", "http://host:4318/v1/traces"),
            ("http://host:4318/", "http://host:4318/v1/traces"),
            ("http://host/base//", "http://host/base/v1/traces"),
            ("http://host/base?key=1/", "http://host/base/v1/traces?key=1/"),
        ] {
            assert_eq!(joined(url, "/v1/traces"), whole);
        }
    }
}
