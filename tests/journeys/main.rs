//! What strangers see: the real binary in processes of its own, spoken to over real HTTP, killed, and started again.
//!
//! Each test has a store of its own in a temporary directory, and ends only the processes that it started.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a suite panics where a promise is broken")]

mod amended;
mod books;
mod cli;
mod controls;
mod demo;
mod direct_hire;
mod dispute;
mod firings;
mod forged_tokens;
mod frozen;
mod graphql;
mod guide;
mod hostile;
mod input;
mod journey;
mod kills;
mod ladder;
mod live;
mod log;
mod loss;
mod node;
mod permissions;
mod picture;
mod policy;
mod process;
mod races;
mod rebuild;
mod restored;
mod seasons;
mod serving;
mod small_claim;
mod stopping;
mod stores;
mod timed_kills;
mod webhooks;
mod whole;
