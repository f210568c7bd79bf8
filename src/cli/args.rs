//! What can be typed, exactly as it is typed. Nothing outside the command files knows these types.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;

use super::hook::HookArgs;
use super::verification::VerificationArgs;
use super::{exit, size};
use crate::report::Format;
use crate::rule::Severity;
use crate::suppress::Day;

const EXAMPLES: &str = "\
Examples:
  barewire scan                          the current folder
  barewire scan -o report.json src       a report for a program
  git diff | barewire stdin --path diff  a stream";

/// Finds SignalWire credentials that lie bare in files, and manages them
///
/// Results go to standard output; progress, warnings and the summary go to standard error. Secrets are masked. Without
/// --verify, a scan sends nothing anywhere.
#[derive(Debug, Parser)]
#[command(name = "barewire", version, arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = exit::HELP, after_long_help = format!("{EXAMPLES}\n\n{}", exit::HELP))]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Scan files and folders
    #[command(visible_alias = "dir", after_help = exit::HELP)]
    Scan(ScanArgs),
    /// Scan all of a repository's history, or what a range of commits brings
    #[command(visible_alias = "git", after_help = exit::HELP)]
    History(HistoryArgs),
    /// Scan what the next commit would record, and report what is new in it
    #[command(after_help = exit::HELP)]
    Staged(StagedArgs),
    /// Scan what is staged, changed or not tracked, and report what is new in it
    #[command(after_help = exit::HELP)]
    Changes(ChangesArgs),
    /// Scan standard input
    #[command(after_help = exit::HELP)]
    Stdin(StdinArgs),
    /// Write down which values are known, so that only new ones are reported
    #[command(arg_required_else_help = true)]
    Baseline(BaselineArgs),
    /// Keep credentials out of commits and pushes, by hooks of git
    #[command(arg_required_else_help = true)]
    Hook(HookArgs),
    /// Show what is searched for
    #[command(arg_required_else_help = true)]
    Rules(RulesArgs),
    #[cfg(feature = "manage")]
    #[command(flatten)]
    Manage(super::manage::ManageCommand),
    /// Print a script that completes commands and flags in a shell
    Completions(CompletionsArgs),
    /// Print the manual page
    Man,
}

#[derive(Debug, clap::Args)]
pub(super) struct ScanArgs {
    /// Files and folders; links that are named here are followed, others are not
    #[arg(value_name = "PATH", default_value = ".", value_hint = ValueHint::AnyPath)]
    pub(super) paths: Vec<PathBuf>,
    /// Leave out what matches, in the manner of .gitignore; can be repeated
    #[arg(long, value_name = "GLOB")]
    pub(super) exclude: Vec<String>,
    /// Scan what git ignores, too
    #[arg(long)]
    pub(super) no_ignore: bool,
    #[command(flatten)]
    pub(super) common: CommonArgs,
    #[command(flatten)]
    pub(super) verification: VerificationArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct HistoryArgs {
    /// A folder of the repository [default: the current one]
    #[arg(value_name = "REPO", value_hint = ValueHint::DirPath)]
    pub(super) repository: Option<PathBuf>,
    /// Only what these commits bring, as `git rev-list` takes them: A..B, A...B, 'B --not --remotes'
    #[arg(long, value_name = "REVS", allow_hyphen_values = true)]
    pub(super) range: Option<String>,
    /// Report what no ref, worktree, reflog or index reaches, too
    #[arg(long, conflicts_with = "range")]
    pub(super) unreachable: bool,
    /// Do not tell who brought a value, when, and where it went
    #[arg(long, conflicts_with = "range")]
    pub(super) no_story: bool,
    /// Remember in this folder which objects hold nothing, and do not search them again; nothing secret is kept there
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "range")]
    pub(super) cache: Option<PathBuf>,
    /// Leave out files that match, in the manner of .gitignore, from the repository's root; can be repeated. What is
    /// missing from the repository is told wherever it lay
    #[arg(long, value_name = "GLOB")]
    pub(super) exclude: Vec<String>,
    #[command(flatten)]
    pub(super) common: CommonArgs,
    #[command(flatten)]
    pub(super) verification: VerificationArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct StagedArgs {
    /// Leave out files that match, in the manner of .gitignore, from the repository's root; can be repeated
    #[arg(long, value_name = "GLOB")]
    pub(super) exclude: Vec<String>,
    #[command(flatten)]
    pub(super) common: CommonArgs,
    #[command(flatten)]
    pub(super) verification: VerificationArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct ChangesArgs {
    /// Leave out files that match, in the manner of .gitignore, from the repository's root; can be repeated
    #[arg(long, value_name = "GLOB")]
    pub(super) exclude: Vec<String>,
    #[command(flatten)]
    pub(super) common: CommonArgs,
    #[command(flatten)]
    pub(super) verification: VerificationArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct StdinArgs {
    /// What the stream is called in reports, and what path rules see
    #[arg(long, value_name = "NAME")]
    pub(super) path: Option<PathBuf>,
    #[command(flatten)]
    pub(super) common: CommonArgs,
    #[command(flatten)]
    pub(super) verification: VerificationArgs,
}

/// What every command that scans understands.
#[derive(Debug, clap::Args)]
pub(super) struct CommonArgs {
    #[command(flatten)]
    pub(super) search: SearchArgs,
    #[command(flatten)]
    pub(super) settings: SettingsArgs,
    #[command(flatten)]
    pub(super) report: ReportArgs,
    #[command(flatten)]
    pub(super) talk: TalkArgs,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Search")]
pub(super) struct SearchArgs {
    #[command(flatten)]
    pub(super) rules: RuleFileArgs,
    /// Report this rule only; can be repeated
    #[arg(long = "rule", value_name = "ID")]
    pub(super) only: Vec<String>,
    /// Report what a comment like `barewire:allow` forgives, too
    #[arg(long)]
    pub(super) no_inline_allow: bool,
    /// Read at most this much of a file; a larger one makes the result incomplete
    #[arg(long, value_name = "SIZE", default_value = "100MB", value_parser = size::parse)]
    pub(super) max_file_size: u64,
    /// How many threads work [default: one for each processor]
    #[arg(short, long, value_name = "N", value_parser = jobs)]
    pub(super) jobs: Option<NonZeroUsize>,
}

#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Suppression")]
pub(super) struct SettingsArgs {
    /// Read this configuration in place of the repository's .barewire.toml; also by the variable `BAREWIRE_CONFIG`
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) config: Option<PathBuf>,
    /// Forgive what this baseline holds, in place of the repository's .barewire-baseline.json
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) baseline: Option<PathBuf>,
    /// Read neither configuration nor baseline of the repository, only what is named
    #[arg(long)]
    pub(super) no_repo_config: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct RuleFileArgs {
    /// Add the rules of a file, or of each .toml file in a folder; can be repeated
    #[arg(long = "rules", value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(super) files: Vec<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Report")]
pub(super) struct ReportArgs {
    /// How results are written [default: text]
    #[arg(short, long, value_name = "FORMAT", visible_alias = "report-format")]
    pub(super) format: Option<FormatArg>,
    /// Write results to a file instead of standard output (`-`); the format is said before it (`sarif:FILE`), or
    /// follows its name (.json, .jsonl, .sarif, .csv, .xml, .md, .txt, gl-*.json), else --format; can be repeated
    #[arg(short, long, value_name = "FILE", visible_alias = "report-path", visible_short_alias = 'r')]
    #[arg(value_hint = ValueHint::FilePath)]
    pub(super) output: Vec<PathBuf>,
    /// Write secrets out, unmasked
    #[arg(long)]
    pub(super) show_secrets: bool,
    /// List what is forgiven, too, and by whom
    #[arg(long)]
    pub(super) show_suppressed: bool,
    /// Fail at this severity or above
    #[arg(long, value_name = "SEVERITY", default_value = "low", value_parser = severity_parser())]
    pub(super) fail_on: Severity,
    /// The exit code when there are findings
    #[arg(long, value_name = "N", default_value_t = exit::LEAKS, value_parser = exit::parse)]
    pub(super) exit_code: u8,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Messages")]
pub(super) struct TalkArgs {
    /// Say nothing but results and errors
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// List every place and every problem
    #[arg(short, long, overrides_with = "verbose")]
    pub(super) verbose: bool,
    #[arg(long, help = "Do not colour; NO_COLOR and CLICOLOR_FORCE are honoured, too")]
    pub(super) no_color: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum FormatArg {
    Text,
    Json,
    Sarif,
    Github,
    GithubSummary,
    Gitlab,
    Jsonl,
    Csv,
    Junit,
}

impl From<FormatArg> for Format {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::Text => Self::Text,
            FormatArg::Json => Self::Json,
            FormatArg::Sarif => Self::Sarif,
            FormatArg::Github => Self::Github,
            FormatArg::GithubSummary => Self::GithubSummary,
            FormatArg::Gitlab => Self::Gitlab,
            FormatArg::Jsonl => Self::Jsonl,
            FormatArg::Csv => Self::Csv,
            FormatArg::Junit => Self::Junit,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct RulesArgs {
    #[command(subcommand)]
    pub(super) command: RulesCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// List all rules
    List {
        #[command(flatten)]
        rules: RuleFileArgs,
    },
    /// Show all of one rule
    Show {
        /// The rule's id
        id: String,
        #[command(flatten)]
        rules: RuleFileArgs,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct BaselineArgs {
    #[command(subcommand)]
    pub(super) command: BaselineCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum BaselineCommand {
    /// Write a baseline of all that is found in the working tree, and not forgiven
    ///
    /// It is .barewire-baseline.json at the root of the repository, or what --baseline names. Identifiers are not in it:
    /// they fail nothing.
    #[command(after_help = BASELINE_CODES)]
    Create(CreateArgs),
    /// Remove the entries that have expired, or whose values are no longer found
    #[command(after_help = BASELINE_CODES)]
    Prune(BaselineScanArgs),
    /// Say whether each entry is still needed, and whether the file is as it is written
    #[command(after_help = BASELINE_CODES)]
    Check(BaselineScanArgs),
}

const BASELINE_CODES: &str = "\
Exit codes:
  0  done; there is nothing to complain of
  1  `check` found something to complain of
  2  usage or configuration error; nothing was changed
  3  something could not be scanned; then `prune` changes nothing";

#[derive(Debug, clap::Args)]
pub(super) struct CreateArgs {
    /// Scan all of the history, too
    #[arg(long)]
    pub(super) history: bool,
    /// Only what this list of gitleaks names: a .gitleaksignore, or a JSON report
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) from: Option<PathBuf>,
    /// Replace a baseline that is there; entries that stay keep what they say
    #[arg(long)]
    pub(super) force: bool,
    /// Why the new entries are there
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Option<String>,
    /// The last day on which the new entries forgive, such as 2027-01-31
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(super) expires: Option<Day>,
    #[command(flatten)]
    pub(super) scan: BaselineScanArgs,
}

/// What decides what a baseline is compared with.
#[derive(Debug, clap::Args)]
pub(super) struct BaselineScanArgs {
    #[command(flatten)]
    pub(super) search: SearchArgs,
    #[command(flatten)]
    pub(super) settings: SettingsArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    pub(super) shell: Shell,
}

const SEVERITIES: [Severity; 5] = [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

fn jobs(text: &str) -> Result<NonZeroUsize, &'static str> {
    text.parse().map_err(|_| "the number of threads is a whole number, 1 or more")
}

fn day(text: &str) -> Result<Day, &'static str> {
    Day::parse(text).ok_or("a day is written as 2027-01-31")
}

fn severity_parser() -> impl clap::builder::TypedValueParser<Value = Severity> {
    PossibleValuesParser::new(SEVERITIES.map(Severity::as_str)).try_map(|word| {
        let named = SEVERITIES.into_iter().find(|severity| severity.as_str() == word);
        named.ok_or("no such severity")
    })
}
