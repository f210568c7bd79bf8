//! The only door to a repository.
//!
//! Nothing here writes, takes a lock, or runs a program that the repository names.

mod error;
mod id;
mod ignored;
mod index;
pub mod odb;
mod owner;
mod paths;
mod plumbing;
mod refs;
mod repository;
mod settings;
mod work_tree;

pub use error::GitError;
pub use id::{Kind, ObjectFormat, ObjectId};
pub use ignored::configured_list;
pub use paths::{Paths, Tracked};
pub use refs::{Reference, Roots, Staged, Unrooted, roots};
pub use repository::{Environment, Repository};
pub use settings::RefStorage;
pub use work_tree::WorkTree;
