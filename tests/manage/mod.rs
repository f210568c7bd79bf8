//! The commands that speak to SignalWire, against hosts on this machine.

mod access;
mod api;
mod faults;
mod stage;
