//! The commands that speak to SignalWire, against hosts on this machine.

mod access;
mod api;
mod bond;
mod canary;
mod desk;
mod faults;
mod ground;
mod ledger;
mod minting;
mod outlet;
mod project;
mod report;
mod seeds;
mod stage;
mod token;
mod token_faults;
mod trail;
mod verify;
