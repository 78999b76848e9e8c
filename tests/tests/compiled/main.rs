//! Programs that the compiler is given with and without the attribute.
//!
//! | module | what it shows |
//! |---|---|
//! | `compiler` | the compiler, with the crate `traced` at hand |
//! | `crates` | crates that others have written compile with every function annotated |
//! | `depth` | how deep annotated futures nest |
//! | `docs` | documentation shows what is written |
//! | `drop_order` | arguments, locals and temporaries are dropped in their order |
//! | `elsewhere` | `crate = ..` where there is no crate `traced` |
//! | `editions` | futures hold the lifetimes of their arguments in each edition |
//! | `lints` | clippy says what it says without the attribute |
//! | `off` | `--cfg traced_off` leaves what there is without the attribute |
//! | `same_errors` | what is wrong in a body is told as it is without the attribute |
//! | `same_lints` | what lints find in a body, too |

mod compiler;
mod crates;
mod depth;
mod docs;
mod drop_order;
mod editions;
mod elsewhere;
mod lints;
mod off;
mod same_errors;
mod same_lints;
