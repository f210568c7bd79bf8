//! `barewire man`: the manual, all commands on one page.

use std::io;

use clap::CommandFactory as _;
use clap_mangen::Man;

use super::args::Args;
use super::error::Error;
use super::{exit, output};

/// Runs the command.
pub(super) fn run() -> Result<u8, Error> {
    let mut command = Args::command();
    command.build();
    let mut page = Vec::new();
    page_of(&command, &mut page).map_err(Error::new)?;
    output::print(&String::from_utf8_lossy(&page))?;
    Ok(exit::CLEAN)
}

fn page_of(command: &clap::Command, page: &mut Vec<u8>) -> io::Result<()> {
    let man = Man::new(command.clone());
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        sections_of(subcommand, page)?;
    }
    man.render_extra_section(page)?;
    man.render_version_section(page)
}

/// The sections of one command, as parts of a section of its name.
fn sections_of(command: &clap::Command, page: &mut Vec<u8>) -> io::Result<()> {
    let man = Man::new(command.clone());
    let mut sections = Vec::new();
    man.render_synopsis_section(&mut sections)?;
    man.render_description_section(&mut sections)?;
    man.render_options_section(&mut sections)?;
    let name = command.get_bin_name().unwrap_or(command.get_name()).to_uppercase();
    page.extend_from_slice(format!(".SH \"{name}\"\n").as_bytes());
    page.extend_from_slice(String::from_utf8_lossy(&sections).replace(".SH ", ".SS ").as_bytes());
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        sections_of(subcommand, page)?;
    }
    Ok(())
}
