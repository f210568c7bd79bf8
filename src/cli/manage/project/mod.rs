//! `barewire project`: lists, makes, renames and deletes projects, and replaces their signing keys.

mod change;
mod keys;
mod read;

use clap::{Subcommand, ValueEnum};

use super::answer;
use super::caller::{self, CallArgs};
use super::confirm::ConsentArgs;
use super::outlet::OutletArgs;
use super::present::ShapeArgs;
use crate::cli::error::Error;
use crate::signalwire::project::Restriction;
use crate::signalwire::token::Name;
use crate::signalwire::{Network, ProjectId};

/// What can be typed.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ProjectArgs {
    #[command(subcommand)]
    command: ProjectCommand,
}

#[derive(Debug, Subcommand)]
enum ProjectCommand {
    /// List the project and its subprojects
    #[command(after_help = answer::HELP)]
    List(ListArgs),
    /// Show one project
    #[command(after_help = answer::HELP)]
    Show(ShowArgs),
    /// Make a subproject, and show its signing key once
    #[command(after_help = answer::HELP)]
    Create(CreateArgs),
    /// Give a project another name
    #[command(after_help = answer::HELP)]
    Rename(RenameArgs),
    /// Delete a subproject; this cannot be undone
    #[command(after_help = answer::HELP)]
    Delete(DeleteArgs),
    /// Replace the key that signs webhooks, and show the new one once; the old one dies in one or two minutes
    #[command(after_help = answer::HELP)]
    RotateSigningKey(RotateArgs),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Only those of this name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    shape: ShapeArgs,
    #[command(flatten)]
    call: CallArgs,
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    /// The id of the project [default: the one that asks]
    #[arg(value_name = "ID", value_parser = caller::project_id)]
    id: Option<ProjectId>,
    #[command(flatten)]
    shape: ShapeArgs,
    #[command(flatten)]
    call: CallArgs,
}

#[derive(Debug, clap::Args)]
struct CreateArgs {
    /// What the project is called
    #[arg(value_name = "NAME", value_parser = caller::name)]
    name: Name,
    /// What is reached by credentials alone, separated by commas
    #[arg(long, value_name = "MEDIA", value_delimiter = ',')]
    protect: Vec<Kept>,
    /// Send webhooks to HTTPS alone
    #[arg(long)]
    force_https_requests: bool,
    /// Print the request, without secrets, and send nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    outlet: OutletArgs,
    #[command(flatten)]
    call: CallArgs,
}

/// What a project can keep from who has no credentials.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kept {
    Recordings,
    MessageMedia,
    FaxMedia,
}

impl CreateArgs {
    /// What the project is restricted in from its beginning.
    fn restrictions(&self) -> Vec<Restriction> {
        let protected = self.protect.iter().map(|kept| match kept {
            Kept::Recordings => Restriction::Recordings,
            Kept::MessageMedia => Restriction::MessageMedia,
            Kept::FaxMedia => Restriction::FaxMedia,
        });
        protected.chain(self.force_https_requests.then_some(Restriction::Https)).collect()
    }
}

#[derive(Debug, clap::Args)]
struct RenameArgs {
    /// The id of the project
    #[arg(value_name = "ID", value_parser = caller::project_id)]
    id: ProjectId,
    /// What it is called from now on
    #[arg(value_name = "NAME", value_parser = caller::name)]
    name: Name,
    /// Print the request, without secrets, and send nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    shape: ShapeArgs,
    #[command(flatten)]
    call: CallArgs,
}

#[derive(Debug, clap::Args)]
struct DeleteArgs {
    /// The id of the project
    #[arg(value_name = "ID", value_parser = caller::project_id)]
    id: ProjectId,
    #[command(flatten)]
    consent: ConsentArgs,
    #[command(flatten)]
    call: CallArgs,
}

#[derive(Debug, clap::Args)]
struct RotateArgs {
    /// The id of the project
    #[arg(value_name = "ID", value_parser = caller::project_id)]
    id: ProjectId,
    #[command(flatten)]
    consent: ConsentArgs,
    #[command(flatten)]
    outlet: OutletArgs,
    #[command(flatten)]
    call: CallArgs,
}

/// Runs the command.
pub(super) fn run(args: &ProjectArgs, network: &Network) -> Result<u8, Error> {
    match &args.command {
        ProjectCommand::List(args) => read::list(args, network),
        ProjectCommand::Show(args) => read::show(args, network),
        ProjectCommand::Create(args) => keys::create(args, network),
        ProjectCommand::Rename(args) => change::rename(args, network),
        ProjectCommand::Delete(args) => change::delete(args, network),
        ProjectCommand::RotateSigningKey(args) => keys::rotate(args, network),
    }
}
