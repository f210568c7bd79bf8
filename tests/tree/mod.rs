//! What of a folder is scanned, and what is said of the rest. On real files and repositories.
#![cfg(unix)]

mod configured;
mod exclude;
mod folder;
mod place;
mod repository;
