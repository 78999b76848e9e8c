//! What an annotated function records, through a recorder of the test's own.

mod args_err;
mod args_fields;
mod args_leaf;
mod args_name_kind;
mod asynchronous;
mod drop_order;
mod names;
mod outcomes;
mod recorder;
mod signatures;
