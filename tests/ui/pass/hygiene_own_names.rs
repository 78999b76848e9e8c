//! The user's variables may have any name, also those of generated code.
#![deny(warnings)]

use traced::traced;

#[traced(fields(__span, __fields, __returned))]
fn guarded(__span: u8, __fields: u8, __returned: u8) -> u8 {
    __span + __fields + __returned
}

#[traced(fields(__span = __span + 1, more = __fields))]
fn closed(__span: u8, __fields: String, __returned: u8) -> Result<u8, String> {
    if __returned > 0 { Err(__fields) } else { Ok(__span) }
}

#[traced(args, ret, fields(late = Empty, own = __own))]
fn later(__own: u8, __span: u8, own: u8, value: u8, fields: u8) -> Result<u8, String> {
    let inside = |__own: u8| traced::record!(late = __own + own);
    inside(__span + value + fields);
    Ok(__own)
}

mod types {
    #[allow(dead_code, non_camel_case_types, reason = "in the way")]
    struct str;

    #[traced::traced(name = name.clone(), args(name))]
    pub fn computed(name: String) -> usize {
        traced::span!(name.as_str()).in_scope(|| name.len())
    }
}

fn main() {
    assert_eq!(types::computed("a".to_owned()), 1);
    assert_eq!(later(1, 2, 3, 4, 5), Ok(1));
    assert_eq!(guarded(1, 2, 3), 6);
    assert_eq!(closed(1, "a".to_owned(), 1), Err("a".to_owned()));
}
