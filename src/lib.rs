//! barewire finds SignalWire credentials that lie bare in files.
//!
//! The folders follow the way of a scan:
//!
//! - [`source`] lists what there is to scan, and loads it as a [`blob`];
//! - [`detector`] turns a blob into findings, by the rules of [`rule`];
//! - [`suppress`] forgives some of them and says why;
//! - [`config`] reads what the user says of that;
//! - [`finding`] is what is found, and how findings join into credentials;
//! - [`scan`] conducts all of that;
//! - [`report`] writes the result in one of several formats;
//! - [`git`] is the only door to a repository;
//! - [`cli`] is the program: arguments, commands, exit codes.
//!
//! Values that must not be printed are held as a [`secret::Secret`] from the moment they are found.

pub mod blob;
pub mod cli;
pub mod config;
pub mod detector;
pub mod finding;
pub mod git;
pub mod report;
pub mod rule;
pub mod scan;
pub mod secret;
pub mod source;
pub mod suppress;
