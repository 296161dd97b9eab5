//! The surface: GraphQL over HTTP, and what stands beside it. Parses, authorizes, calls, renders; decides nothing.
//!
//! Shape: a mutation becomes a command of the domain and goes to the engine; a query is read from the read models, at
//! or after a position that the caller names; a subscription reads anew what the log says has changed. Bounds: body,
//! depth, complexity, aliases, time, page and live connections all have a named maximum, checked before a resolver
//! runs. Knows neither SQL nor the event store.

mod account;
mod as_of;
pub mod auth;
mod command;
mod connection;
mod contract;
mod dispute;
mod error;
pub mod http;
mod job;
pub mod limits;
mod loader;
mod marketplace;
mod money;
mod node;
mod operation;
mod payout;
pub mod permission;
mod proposal;
mod read;
mod scalar;
pub mod schema;
mod subscription;
mod viewer;
mod webhooks;
