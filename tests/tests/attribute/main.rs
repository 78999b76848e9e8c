//! What an annotated function records, through a recorder of the test's own.

mod args_args;
mod args_fields;
mod args_leaf;
mod args_name_kind;
mod args_ret;
mod asynchronous;
mod drop_order;
mod futures;
mod late;
mod migration;
mod names;
mod outcomes;
mod product;
mod recorder;
mod signatures;
mod values;
