//! Three services in one process.

fn main() {}
