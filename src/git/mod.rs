//! The only door to a repository.
//!
//! Nothing here writes into a repository, takes a lock in it, or runs a program that it names.

mod anchors;
mod at;
mod changes;
mod config;
mod error;
mod graph;
mod header;
mod history;
mod hooks;
mod id;
mod ignored;
mod index;
mod mode;
pub mod odb;
mod owner;
mod paths;
mod plumbing;
mod refs;
mod repository;
mod scratch;
mod settings;
mod special;
mod split_index;
mod state;
mod story;
mod work_tree;

pub use at::{Named, content};
pub use changes::{Arrival, Change, Changes, Former, New, Outgoing, Present, Range, Stage};
pub use changes::{believed, changes, former_folders, outgoing, range, remotes, resolve, staged};
pub use error::{GitError, Unselected};
pub use history::{Coverage, History, Missing, Referrer, is_lfs_pointer};
pub use hooks::{Hooks, HooksSetBy, hooks_configured_in, hooks_configured_on_condition};
pub use id::{Kind, ObjectFormat, ObjectId};
pub use ignored::configured_list;
pub use paths::{Paths, Tracked};
pub use refs::{Reference, Roots, Staged, Unrooted, roots};
pub use repository::{Environment, Repository};
pub use scratch::Scratch;
pub use settings::RefStorage;
pub use state::State;
pub use story::{Connections, Group, Life, Moment, NameMark, Place, Reach, Story, Verdict};
pub use work_tree::{WorkTree, path_of};
