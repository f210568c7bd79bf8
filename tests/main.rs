//! The integration tests, as one program.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a test says that it failed; not every module needs each of these"
)]

mod architecture;
mod canary;
mod changes;
mod cli;
mod conformance;
#[cfg(feature = "manage")]
#[allow(dead_code, reason = "the example of the same name uses other parts of it")]
mod emulator;
mod foreign;
mod formats;
mod git;
mod hazards;
mod history;
mod hook;
mod join;
#[cfg(feature = "manage")]
mod manage;
mod odb;
mod readme;
mod rules;
mod scan;
mod silence;
mod support;
mod suppress;
mod tree;
