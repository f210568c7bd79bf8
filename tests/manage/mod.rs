//! What speaks to SignalWire, seen from outside.

mod ground;
mod report;
mod verify;
