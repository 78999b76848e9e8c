//! `#[instrument]`'s arguments, as code that comes from `tracing` has them, with only the import changed.

use std::fmt;

use traced::traced as instrument;

use crate::recorder::{recorded, recorded_async};

/// What such code names in its arguments.
mod tracing {
    #[allow(dead_code, reason = "named where it is not looked at")]
    pub(super) struct Level;
    impl Level {
        #[allow(dead_code, reason = "the same")]
        pub(super) const DEBUG: Self = Self;
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Request {
    path: &'static str,
    method: Method,
}

#[derive(Debug, Clone, PartialEq)]
enum Method {
    Get,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GET")
    }
}

/// Cannot be printed.
struct Connection;

#[instrument]
fn plain(_number: usize) {}

#[instrument(name = "a_name")]
fn named() {}

#[instrument("a literal name")]
fn named_by_a_literal() {}

#[instrument(level = "debug", target = "app::db")]
fn levelled() {}

#[instrument(level = tracing::Level::DEBUG, name = "by_path", skip_all)]
fn levelled_by_path(connection: &Connection) -> usize {
    size_of_val(connection)
}

#[instrument(level = 3, skip(connection))]
fn levelled_by_number(connection: &Connection, id: u64) -> u64 {
    id + size_of_val(connection) as u64
}

#[test]
fn names_levels_and_targets() {
    let tree = recorded(|| {
        plain(1);
        named();
        named_by_a_literal();
        levelled();
        levelled_by_path(&Connection);
        levelled_by_number(&Connection, 7);
    });
    assert_eq!(tree, "plain\na_name\na literal name\nlevelled\nby_path\nlevelled_by_number id=7\n");
}

#[instrument(skip(secret, connection))]
fn skips(user: &str, secret: &str, connection: &mut Connection, retries: u8) -> usize {
    user.len() + secret.len() + usize::from(retries) + size_of_val(connection)
}

#[instrument(skip_all, fields(user.id = user_id, retries))]
fn skips_all(user_id: u64, secret: &str, retries: u8) -> usize {
    secret.len() + usize::from(retries) + usize::try_from(user_id).unwrap_or_default()
}

struct Api {
    host: &'static str,
}

impl Api {
    #[instrument(skip(self), fields(host = %self.host))]
    async fn get(&self, path: &str) -> Result<usize, fmt::Error> {
        Ok(self.host.len() + path.len())
    }

    #[instrument(level = "info", name = "Api::put", skip(self, body), fields(host = self.host, size = body.len()))]
    fn put(&mut self, path: &str, body: Vec<u8>) -> &mut Self {
        self.host = if path.is_empty() || body.is_empty() { "nowhere" } else { self.host };
        self
    }
}

#[test]
fn parameters_that_are_not_skipped_are_recorded() {
    let tree = recorded(|| {
        skips("ada", "secret", &mut Connection, 2);
        skips_all(7, "secret", 2);
        Api { host: "example.org" }.put("/a", vec![1, 2]);
    });
    assert_eq!(
        tree,
        "skips user=\"ada\" retries=2\nskips_all user.id=7 retries=2\n\
         Api::put path=\"/a\" host=\"example.org\" size=2\n"
    );
    let tree = recorded_async(async {
        Api { host: "example.org" }.get("/").await.unwrap();
    });
    assert_eq!(tree, "Api::get path=\"/\" host=example.org\n");
}

#[instrument(fields(foo = "bar", id = 1, show = true, ratio = 0.5))]
fn constants() {}

#[instrument(
    skip_all,
    fields(
        http.request.method = %request.method,
        http.route = request.path,
        request = ?request,
        otel.kind = "server",
        "quoted.key" = 1 + 1,
        r#type = "request",
        status,
        http.response.size,
        error = field::Empty,
        trace.id = ::tracing::field::Empty,
        plain = Empty,
    )
)]
fn handle(request: Request) -> u16 {
    traced::record!(status = 200_u16, http.response.size = 12);
    let _ = request;
    200
}

#[instrument(skip_all, fields(?request, %method, request.path))]
fn shorthands(request: Request, method: Method) -> bool {
    request.method == method
}

#[instrument(fields(id = id * 2))]
fn replaces(id: u32) -> u32 {
    id
}

#[test]
fn fields_in_every_form() {
    let request = Request { path: "/orders", method: Method::Get };
    let tree = recorded(|| {
        constants();
        handle(request.clone());
        shorthands(request, Method::Get);
        replaces(1);
    });
    assert_eq!(
        tree,
        "constants foo=\"bar\" id=1 show=true ratio=0.5\n\
         handle http.request.method=GET http.route=\"/orders\" \
         request=Request { path: \"/orders\", method: Get } otel.kind=\"server\" quoted.key=2 type=\"request\" \
         status=200 http.response.size=12\n\
         shorthands request=Request { path: \"/orders\", method: Get } method=GET request.path=\"/orders\"\n\
         replaces id=2\n"
    );
}

const CONSTANT: &str = "constant";
const OWNED: &str = "owned";

mod consts {
    pub(super) const LATE: &str = "late";
}

#[instrument(
    skip_all,
    fields(
        { CONSTANT } = 1,
        { consts::LATE } = Empty,
        { OWNED } = ?request,
        by_display = tracing::field::display(&request.method),
        by_debug = field::debug(&request.method),
        text = format_args!("{} {}", request.method, request.path),
        error = error as &dyn std::error::Error,
        wrapping = std::num::Wrapping(1_u8),
        non_zero = std::num::NonZeroU64::MIN,
    )
)]
fn values_of_every_type(request: &Request, error: &std::io::Error) -> usize {
    traced::record!({ consts::LATE } = request.path.len());
    size_of_val(error)
}

#[test]
fn values_and_keys_that_tracing_takes() {
    let request = Request { path: "/", method: Method::Get };
    let tree = recorded(|| {
        values_of_every_type(&request, &std::io::Error::other("full"));
    });
    assert_eq!(
        tree,
        "values_of_every_type constant=1 owned=Request { path: \"/\", method: Get } by_display=GET by_debug=Get \
         text=GET / error=full wrapping=1 non_zero=1 late=1\n"
    );
}

#[instrument(ret)]
fn returns() -> u64 {
    7
}

#[instrument(skip_all, ret(Debug))]
fn returns_by_debug(text: &str) -> String {
    text.to_owned()
}

#[instrument(ret(Display), skip(method))]
fn returns_by_display(method: Method) -> Method {
    method
}

#[instrument(ret(level = "warn"))]
fn returns_at_a_level() -> Result<u8, fmt::Error> {
    Ok(1)
}

#[instrument(level = "debug", ret(level = tracing::Level::DEBUG, Display), skip_all)]
async fn returns_later(fails: bool) -> Result<Method, fmt::Error> {
    if fails { Err(fmt::Error) } else { Ok(Method::Get) }
}

#[test]
fn what_is_returned() {
    let tree = recorded_async(async {
        returns();
        returns_by_debug("text");
        returns_by_display(Method::Get);
        returns_at_a_level().unwrap();
        returns_later(false).await.unwrap();
        returns_later(true).await.unwrap_err();
    });
    assert_eq!(
        tree,
        "returns return=7\n\
         returns_by_debug return=\"text\"\n\
         returns_by_display return=GET\n\
         returns_at_a_level return=1\n\
         returns_later return=GET\n\
         returns_later failed: error an error occurred when formatting an argument (Error)\n"
    );
}

#[instrument(err)]
fn err() -> Result<(), fmt::Error> {
    Err(fmt::Error)
}

#[instrument(ret, err(Debug))]
fn err_debug() -> Result<(), fmt::Error> {
    Err(fmt::Error)
}

#[instrument(err(level = "warn", Display), ret(level = tracing::Level::DEBUG))]
async fn err_level() -> Result<(), fmt::Error> {
    Err(fmt::Error)
}

#[test]
fn errors_in_every_form() {
    let tree = recorded_async(async {
        err().unwrap_err();
        err_debug().unwrap_err();
        err_level().await.unwrap_err();
    });
    let text = "error an error occurred when formatting an argument (Error)";
    assert_eq!(
        tree,
        format!("err failed: {text}\nerr_debug failed: Error instead of {text}\nerr_level failed: {text}\n")
    );
}
