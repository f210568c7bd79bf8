//! Decides how objects are read: one at a time, or all of a store, each decoded once.
//!
//! A [`Store`] knows where objects are: in packs, loose, or in a store that is borrowed from. A [`Catalog`] is a list of
//! all of them, ordered as they lie on disk, with what is stored as a difference to what. It decodes all contents or
//! all trees in that order, on several threads, and hands each object to a visitor while it is still in the cache of
//! the processor.
//!
//! Nothing here trusts what it reads. Whatever a file says, the worst that comes of it is an object that is named as
//! unread.

mod alternates;
mod catalog;
mod content;
mod contents;
mod delta;
mod digest;
mod error;
mod file;
mod finder;
mod gather;
mod idx;
mod inflate;
mod link;
mod loose;
mod pack;
mod pool;
mod queue;
mod store;
mod sweep;
mod table;
mod tree;
mod trees;
mod window;

pub(in crate::git) use alternates::folders;
pub use catalog::{Catalog, Object};
pub use content::Content;
pub use contents::{Body, Limits, Visitor, Visitors};
pub use error::{Defect, ReadError, Unread};
pub use store::Store;
pub use sweep::Swept;
pub use tree::{Entries, Entry, MalformedTree};
pub use trees::{Kept, TreeVisitor, TreeVisitors};
