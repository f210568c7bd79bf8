//! The only door to a repository.
//!
//! Nothing here writes, takes a lock, or runs a program that the repository names.

mod error;
mod index;
mod paths;
mod plumbing;
mod work_tree;

pub use error::GitError;
pub use paths::{Paths, Tracked};
pub use work_tree::WorkTree;
