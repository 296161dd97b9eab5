//! What the suites share: records to append, and the contract that every store keeps. Never part of a release build.

pub mod records;
pub mod store_contract;
mod store_model;
