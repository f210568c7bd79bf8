//! Hooks: real git calls the real program.
#![cfg(unix)]

mod commit;
mod files;
mod gate;
mod ground;
mod install;
mod install_chain;
mod install_global;
mod install_place;
mod message;
mod push;
mod receive;
mod status;
