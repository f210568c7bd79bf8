//! What can be typed to put a gate into a repository, take it out, and look at it.

use super::stage::Stage;

/// The codes of `hook status`, as its help explains them.
pub(super) const STATUS_HELP: &str = "\
The hook itself is run twice as git would run it, on a change that lies in a folder of its own: once with a token made \
up for it, which has to be refused, and once without, which has to pass. Nothing is written into the repository. A hook \
of another tool may write where it likes, so it is not run without --run-others.

Exit codes:
  0  at each stage a hook is installed, and it was seen to fire
  2  usage or configuration error, such as no repository
  3  at one stage at least, no hook is installed, or it was not seen to fire";

/// What `install` does with what it finds, as its help explains it.
pub(super) const INSTALL_HELP: &str = "\
A hook that is there already is kept beside as NAME.before-barewire, and runs first; both have to pass. The hook runs \
the barewire on the PATH, else the one that installed it; if there is none, it refuses. A folder of hooks that belongs \
to the project or to many repositories is not written to: the line to add there is said instead.";

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct InstallArgs {
    /// The hook to install; can be repeated [default: pre-commit, pre-merge-commit and pre-push; in a bare repository
    /// pre-receive]
    #[arg(long = "stage", value_name = "STAGE")]
    pub(super) stages: Vec<Stage>,
    /// For all repositories of this user, by core.hooksPath of git; their own hooks go on to run
    #[arg(long)]
    pub(super) global: bool,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct UninstallArgs {
    /// The hook to take out; can be repeated [default: all]
    #[arg(long = "stage", value_name = "STAGE")]
    pub(super) stages: Vec<Stage>,
    /// Those for all repositories of this user
    #[arg(long)]
    pub(super) global: bool,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct StatusArgs {
    /// The hook to look at; can be repeated [default: those that `install` takes, and what else is installed]
    #[arg(long = "stage", value_name = "STAGE")]
    pub(super) stages: Vec<Stage>,
    /// Those for all repositories of this user, in an empty repository made for it
    #[arg(long)]
    pub(super) global: bool,
    /// Run hooks of other tools as well, with all that they do at a commit or a push
    #[arg(long)]
    pub(super) run_others: bool,
    /// Show what the hooks say
    #[arg(short, long, overrides_with = "verbose")]
    pub(super) verbose: bool,
}
