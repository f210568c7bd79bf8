//! What is staged, pending in a working tree, or brought by a range of commits. On real repositories.
#![cfg(unix)]

mod exclude;
mod forgiven;
mod hook;
mod index;
mod pending;
pub(crate) mod place;
mod range;
mod settings;
mod staged;
