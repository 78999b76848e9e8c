//! What it costs, as far as it can be counted: dependencies, allocations, waiting.
//!
//! | module | what it shows |
//! |---|---|
//! | `dependencies` | a library that only annotates its functions depends on nothing but the macro |
//! | `allocations` | how often a span allocates |
//! | `loom` | nothing is lost or torn, in whatever order threads meet over a live span |
//! | `waiting` | recording goes on whatever the pipeline, an exporter or a `Display` of the user's does |

mod allocations;
mod dependencies;
mod loom;
mod waiting;
