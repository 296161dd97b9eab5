//! What the read models promise, shown on a log in memory.

mod asked;
mod balances;
mod beside;
mod disputes;
mod endings;
mod faults;
mod hiring;
mod house;
mod journey;
mod killed;
mod log;
mod market;
mod money;
mod opening;
mod pages;
mod payouts;
mod rebuild;
mod restored;
mod statements;
mod terms;
mod waiting;
