//! Repositories, as `barewire::git` opens and reads them; every one is made by git itself.

mod discover;
mod place;
