//! `barewire hook run`: what a commit or a push brings, before it is made.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::advice::{self, Occasion};
use super::args::RunArgs;
use super::stage::{self, Stage};
use super::{budget, lines, manager};
use crate::cli::args::CommonArgs;
use crate::cli::conduct::{self, Manner};
use crate::cli::error::{self, Error, shown};
use crate::cli::git_environment;
use crate::finding::Report;
use crate::source::{
    Editor, Limits, MessageFile, Named, Push, Receiver, RepositoryOptions, Sent, Source, SourceError, Staged,
};

/// Runs the command.
pub(super) fn run(args: RunArgs) -> Result<u8, Error> {
    let RunArgs { words, rest, exclude, budget, common } = args;
    let first = words.first().map(OsString::as_os_str);
    let stage = stage::ALL.into_iter().find(|stage| first == Some(OsStr::new(stage.name())));
    if let (None, Some(word)) = (stage, first.and_then(OsStr::to_str).filter(|word| stage::is_no_stage(word))) {
        let stages = stage::ALL.map(Stage::name).join(", ");
        return Err(Error::new(format_args!("{word} is no stage; they are {stages}"))
            .help("files are named after `--`: `barewire hook run -- FILE...`"));
    }
    let is_server = stage == Some(Stage::PreReceive);
    if let Some(limit) = budget.or(is_server.then_some(budget::OF_SERVER)) {
        budget::start(limit)?;
    }
    let limits = Limits { size: common.search.max_file_size, ..Limits::default() };
    let work = Work { options: RepositoryOptions { exclude, limits }, common };
    let skipped = usize::from(stage.is_some());
    let words: Vec<OsString> = words.into_iter().skip(skipped).chain(rest).collect();
    match stage {
        Some(stage) => work.stage(stage, &words),
        None => work.files(words),
    }
}

/// What is common to all of them.
struct Work {
    options: RepositoryOptions,
    common: CommonArgs,
}

impl Work {
    fn stage(self, stage: Stage, args: &[OsString]) -> Result<u8, Error> {
        match (stage, args) {
            (Stage::PreCommit, []) => self.staged(&Occasion::Commit),
            (Stage::PreMergeCommit, []) => self.staged(&Occasion::Merge),
            (Stage::CommitMsg, [path]) => self.message(PathBuf::from(path)),
            (Stage::PrePush, [] | [_, _]) => self.pre_push(args),
            (Stage::PreReceive, []) => {
                let sent = lines::pre_receive(&lines::read(stage.name())?)?;
                self.push((sent, Receiver::Here), &Occasion::Receive)
            }
            _ => {
                let wanted = match stage {
                    Stage::CommitMsg => "one argument, the file of the message",
                    Stage::PrePush => "two arguments, the remote and its address",
                    _ => "no arguments",
                };
                let name = stage.name();
                Err(Error::new(format_args!("{name} takes {wanted}"))
                    .help("files are named after `--`, without a stage: `barewire hook run -- FILE...`"))
            }
        }
    }

    fn staged(self, occasion: &Occasion) -> Result<u8, Error> {
        let source = Staged::new(Path::new("."), &git_environment::read(), self.options.clone());
        self.scan(source, occasion)
    }

    fn message(self, path: PathBuf) -> Result<u8, Error> {
        let editor = if manager::is_editor_unused() { Editor::Unused } else { Editor::Used };
        let occasion = Occasion::Message(shown(&path));
        let source = MessageFile::new(path, editor, self.options.limits.clone());
        self.scan(Ok(source), &occasion)
    }

    fn pre_push(self, args: &[OsString]) -> Result<u8, Error> {
        if let ([], Some((sent, receiver))) = (args, manager::push()) {
            return self.managed(sent, receiver);
        }
        let sent = lines::pre_push(&lines::read(Stage::PrePush.name())?)?;
        let text = |at: usize| args.get(at).map(|word| word.to_string_lossy().into_owned());
        let receiver = match (text(0), text(1)) {
            // Nothing new is pushed, or a hook manager keeps it to itself.
            _ if sent.is_empty() => {
                return self.push((sent, Receiver::Told(String::new(), String::new())), &Occasion::UntoldPush);
            }
            (Some(name), Some(url)) => Receiver::Remote(name, url),
            _ => Receiver::Unknown,
        };
        self.push((sent, receiver), &Occasion::Push)
    }

    fn push(self, what: (Vec<Sent>, Receiver), occasion: &Occasion) -> Result<u8, Error> {
        let source = Push::new(Path::new("."), &git_environment::read(), what, self.options.clone());
        self.scan(source, occasion)
    }

    fn managed(self, sent: Sent, receiver: Receiver) -> Result<u8, Error> {
        // A range that was asked for is told of as a whole.
        let occasion = if receiver == Receiver::Unknown { Occasion::Push } else { Occasion::ManagedPush };
        self.push((vec![sent], receiver), &occasion)
    }

    /// What a hook manager is there for: a push, files, or, where it names none, what is staged.
    fn files(self, files: Vec<OsString>) -> Result<u8, Error> {
        if let Some((sent, receiver)) = manager::push() {
            return self.managed(sent, receiver);
        }
        if files.is_empty() {
            return self.staged(&Occasion::Files);
        }
        let files = files.into_iter().map(PathBuf::from).collect();
        let source = Named::new(Path::new("."), &git_environment::read(), files, self.options.clone());
        self.scan(source, &Occasion::Files)
    }

    fn scan<S: Source>(self, source: Result<S, SourceError>, occasion: &Occasion) -> Result<u8, Error> {
        let source = match source {
            Ok(source) => source,
            Err(error) => return Err(Error::from(&error)),
        };
        let fail_on = self.common.report.fail_on;
        let target = occasion.target().to_owned();
        let tell = |report: &Report, code: u8| error::tell(&advice::advise(report, fail_on, code, occasion));
        conduct::in_manner(self.common, Manner::Brief(&tell), |scan, outputs| scan.run(&source, target, outputs))
    }
}
