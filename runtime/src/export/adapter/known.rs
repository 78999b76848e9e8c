//! Texts that come with many spans, such as keys: copied once for the process, and not for every span.

use std::borrow::Cow;
use std::sync::OnceLock;

/// Keys of attributes.
pub(super) static KEYS: Known = Known::new();

/// Names of spans and events.
pub(super) static NAMES: Known = Known::new();

/// Texts that are kept at most, and how long they may be.
const MOST: usize = 512;
const LONGEST: usize = 64;

/// Places that are looked at for one text.
const TRIES: usize = 4;

/// Keeps the first texts that come, for as long as the process lives. Those that come when it is full are copied each
/// time.
pub(super) struct Known([OnceLock<Box<str>>; MOST]);

impl Known {
    const fn new() -> Self {
        Self([const { OnceLock::new() }; MOST])
    }

    pub(super) fn get(&'static self, text: &[u8]) -> Cow<'static, str> {
        self.find(text).map_or_else(|| String::from_utf8_lossy(text).into_owned().into(), Cow::Borrowed)
    }

    fn find(&'static self, text: &[u8]) -> Option<&'static str> {
        if text.len() > LONGEST {
            return None;
        }
        let first = place(text);
        (first..first + TRIES).find_map(|place| {
            let known = self.0[place % MOST].get_or_init(|| String::from_utf8_lossy(text).into());
            (known.as_bytes() == text).then_some(&**known)
        })
    }
}

/// Where to look first: by the ends of the text and its length, which tell keys apart well enough.
fn place(text: &[u8]) -> usize {
    let ends = match (text.first_chunk(), text.last_chunk()) {
        (Some(first), Some(last)) => u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(23),
        _ => text.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    let mixed = (ends ^ text.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 52) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_once() {
        static TEXTS: Known = Known::new();
        for text in ["", "k", "http.request.method", "http.request.header.host", "schlüssel"] {
            let (one, other) = (TEXTS.find(text.as_bytes()).unwrap(), TEXTS.get(text.as_bytes()));
            assert_eq!((one, one.as_ptr()), (text, other.as_ptr()));
        }
    }

    #[test]
    fn what_is_kept_is_bounded() {
        static TEXTS: Known = Known::new();
        assert!(TEXTS.find("x".repeat(LONGEST + 1).as_bytes()).is_none());
        let mut kept = 0;
        for round in 0..2 {
            kept = 0;
            for number in 0..10 * MOST {
                let text = format!("a.key.of.many.{number}");
                assert_eq!(TEXTS.get(text.as_bytes()), text, "round {round}");
                kept += usize::from(TEXTS.find(text.as_bytes()).is_some());
            }
        }
        assert!(kept > MOST / 2 && kept <= MOST, "{kept}");
    }
}
