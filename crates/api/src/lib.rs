//! api
pub mod auth;
pub mod http;
pub mod limits;
