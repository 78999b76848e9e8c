//! Spans of a test.
