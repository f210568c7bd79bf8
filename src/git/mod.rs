//! The only door to a repository.
