//! Hooks: real git calls the real program.
#![cfg(unix)]

mod commit;
mod files;
mod gate;
mod message;
mod push;
mod receive;
