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
//! - `signalwire` speaks to SignalWire, `keep` remembers what was made there (with the feature `manage`);
//! - [`cli`] is the program: arguments, commands, exit codes.
//!
//! [`space`] and [`jose`] know what a Space and a client token look like. Values that must not be printed are held as a [`secret::Secret`] from the moment they are found.

pub mod blob;
pub mod cli;
pub mod config;
pub mod detector;
pub mod finding;
pub mod git;
pub mod jose;
#[cfg(feature = "manage")]
pub mod keep;
pub mod report;
pub mod rule;
pub mod scan;
pub mod secret;
#[cfg(feature = "manage")]
pub mod signalwire;
pub mod source;
pub mod space;
pub mod suppress;
