//! What an annotated function records, through a recorder of the test's own.

#![allow(
    clippy::boxed_local,
    clippy::manual_async_fn,
    clippy::needless_lifetimes,
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    clippy::unused_async,
    reason = "the functions are there for their signatures"
)]

mod args_args;
mod args_cancel;
mod args_err;
mod args_err_places;
mod args_err_type;
mod args_fields;
mod args_leaf;
mod args_name_kind;
mod args_ret;
mod args_site;
mod async_blocks;
mod async_trait;
mod asynchronous;
mod blocks;
mod blocks_names;
mod blocks_ret;
mod early;
mod fragments;
mod functions;
mod futures;
mod late;
mod migration;
mod names;
mod outcomes;
mod outcomes_polled;
mod product;
mod receivers;
mod recorder;
mod returned;
mod services;
mod signatures;
mod values;
