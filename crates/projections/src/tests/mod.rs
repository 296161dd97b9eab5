//! What the read models promise, shown on a log in memory.

mod balances;
mod beside;
mod faults;
mod house;
mod journey;
mod killed;
mod log;
mod market;
mod opening;
mod pages;
mod rebuild;
mod restored;
mod statements;
mod waiting;
