//! Programs that the compiler is given with and without the attribute.
//!
//! | module | what it shows |
//! |---|---|
//! | `compiler` | the compiler, with the crate `traced` at hand |
//! | `depth` | how deep annotated futures nest |
//! | `editions` | futures hold the lifetimes of their arguments in each edition |
//! | `lints` | clippy is as quiet as it is without the attribute |
//! | `same_errors` | what is wrong in a body is told as it is without the attribute |

mod compiler;
mod depth;
mod editions;
mod lints;
mod same_errors;
