//! The commands that speak to SignalWire, against hosts on this machine.

mod access;
mod api;
mod desk;
mod faults;
mod ledger;
mod project;
mod stage;
mod token;
mod token_faults;
