//! Decides whether something that cannot be undone was really meant: a person types the id, a script says `--yes`.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, IsTerminal as _, Write};

use crate::cli::error::Error;
use crate::report::escape::escape;
use crate::report::mask::mask;

/// What `--yes` and `--dry-run` say.
#[derive(Debug, Default, clap::Args)]
pub(in crate::cli) struct ConsentArgs {
    /// Do not ask before something is destroyed; needed where there is no terminal to ask on
    #[arg(short, long)]
    yes: bool,
    /// Print the request, without secrets, and send nothing
    #[arg(long)]
    dry_run: bool,
}

/// Whether consent was given beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Consent {
    /// It has to be asked for.
    Ask,
    /// It was, by `--yes`.
    Given,
}

/// Whether a request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Sending {
    /// It is.
    Real,
    /// It is only shown.
    Dry,
}

impl ConsentArgs {
    /// Whether consent was given beforehand.
    pub(in crate::cli) fn consent(&self) -> Consent {
        if self.yes { Consent::Given } else { Consent::Ask }
    }

    /// Whether the request is sent.
    pub(in crate::cli) fn sending(&self) -> Sending {
        if self.dry_run { Sending::Dry } else { Sending::Real }
    }
}

/// So much of an id is enough to type, in characters.
const ENOUGH: usize = 8;

/// No id is longer, in bytes.
const LONGEST: u64 = 4 << 10;

/// Lets a person confirm what is about to happen by typing the id of what it happens to, or its first eight characters.
/// `what` goes on after "About to": `delete the API token`. The id is not a secret.
///
/// The question is put on the terminal even where standard input is a pipe. Where standard error is no terminal, nobody
/// would see it, and nobody is asked.
///
/// # Errors
/// It was not confirmed, or nobody can be asked. Nothing may be sent then.
pub(super) fn confirm(what: &str, id: &str, consent: Consent) -> Result<(), Error> {
    if consent == Consent::Given {
        return Ok(());
    }
    let nobody = || {
        Error::new(format_args!("this would {what} {id}, and there is no terminal to ask on; nothing was sent"))
            .help("Give --yes to do it without being asked.")
    };
    if !io::stderr().is_terminal() {
        return Err(nobody());
    }
    let (input, mut output) = terminal().map_err(|_| nobody())?;
    let answer = ask(BufReader::new(input), &mut output, &question(what, id)).map_err(|_| nobody())?;
    if is_meant(&answer, id) {
        return Ok(());
    }
    Err(Error::new("this was not confirmed; nothing was sent"))
}

fn question(what: &str, id: &str) -> String {
    let (what, id) = (mask(what), mask(id));
    let short = if id.chars().count() > ENOUGH { ", or its first 8 characters," } else { "" };
    format!("About to {} {}.\nType the id{short} to go on: ", escape(&what), escape(&id))
}

fn ask(input: impl BufRead, output: &mut impl Write, question: &str) -> io::Result<String> {
    output.write_all(question.as_bytes())?;
    output.flush()?;
    let mut answer = String::new();
    input.take(LONGEST).read_line(&mut answer)?;
    Ok(answer)
}

/// The whole id, or at least its first eight characters.
fn is_meant(answer: &str, id: &str) -> bool {
    let (answer, id) = (answer.trim().to_ascii_lowercase(), id.to_ascii_lowercase());
    let is_enough = answer.chars().count() >= ENOUGH && id.starts_with(&answer);
    !answer.is_empty() && (answer == id || is_enough)
}

/// The terminal of this process, to read from and to write to.
fn terminal() -> io::Result<(File, File)> {
    let (input, output) = if cfg!(windows) { ("CONIN$", "CONOUT$") } else { ("/dev/tty", "/dev/tty") };
    Ok((File::open(input)?, OpenOptions::new().write(true).open(output)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "7d3a52c0-1111-4222-8333-944444444444";

    #[test]
    fn an_id_or_its_beginning_confirms() {
        for answer in [ID, "7d3a52c0", "7D3A52C0-11\n", " 7d3a52c0-1111-4222-8333-944444444444\r\n"] {
            assert!(is_meant(answer, ID), "{answer}");
        }
        for answer in ["", "\n", "y", "yes", "7d3a52c", "7d3a52c1", "7d3a52c0-1111-4222-8333-9444444444440"] {
            assert!(!is_meant(answer, ID), "{answer}");
        }
        assert!(is_meant("lobby", "lobby") && !is_meant("lob", "lobby"));
    }

    #[test]
    fn the_question_names_the_id_and_reads_one_line() {
        let mut said = Vec::new();
        let answer = ask(&b"7d3a52c0\nmore\n"[..], &mut said, &question("delete the API token", ID)).unwrap();
        assert_eq!(answer, "7d3a52c0\n");
        let said = String::from_utf8(said).unwrap();
        assert!(said.starts_with(&format!("About to delete the API token {ID}.\nType the id, or")), "{said}");
    }

    #[test]
    fn nobody_is_asked_who_said_yes() {
        assert_eq!(confirm("delete", ID, Consent::Given), Ok(()));
    }
}
