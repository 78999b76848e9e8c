//! Helpers that several test binaries share.
