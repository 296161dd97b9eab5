//! What the read models promise, shown on a log in memory.

mod balances;
mod faults;
mod house;
mod journey;
mod log;
mod market;
mod opening;
mod pages;
mod rebuild;
mod statements;
mod waiting;
