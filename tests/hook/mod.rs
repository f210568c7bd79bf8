//! The gate in a repository.

mod ground;
mod install;
mod install_chain;
mod install_global;
mod install_place;
mod status;
