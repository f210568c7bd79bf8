//! Repositories, as `barewire::git` opens and reads them; every one is made by git itself.

mod coverage;
mod discover;
mod forms;
mod place;
mod random;
mod roots;
mod story;
mod telling;
