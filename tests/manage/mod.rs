//! The commands that speak to SignalWire, against hosts on this machine.

mod desk;
mod ledger;
mod project;
mod token;
mod token_faults;
