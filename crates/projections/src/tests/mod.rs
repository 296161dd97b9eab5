//! What the read models promise, shown on a log in memory.

mod balances;
mod faults;
mod journey;
mod market;
mod opening;
mod pages;
mod rebuild;
mod speed;
mod statements;
mod waiting;
