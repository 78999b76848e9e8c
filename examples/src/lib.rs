//! What the example programs share.
//!
//! | module | what lives there |
//! |---|---|
//! | [`shop`] | three services: orders, inventory, payments |
//! | [`http`] | a server and a client that take a trace along |
//! | [`dump`] | an exporter that writes what was recorded to a file, for tests to compare with |
//!
//! | program | what it shows |
//! |---|---|
//! | `hello` | what the README opens with |
//! | `quickstart` | the shop in one process, its traces in the terminal |
//! | `microservices` | each service of the shop as a process of its own |

pub mod dump;
pub mod http;
pub mod shop;
