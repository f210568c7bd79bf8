//! A folder made for one test, in which git and the program run without anybody's configuration.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::template::Expander;

/// The program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_barewire");

/// A folder made for one test.
pub(crate) struct Place {
    temp: TempDir,
    pub(crate) root: PathBuf,
    expander: RefCell<Expander>,
}

impl Place {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        let temp = TempDir::with_prefix("barewire-changes-").unwrap();
        let root = temp.path().canonicalize().unwrap().join("work");
        fs::create_dir_all(&root).unwrap();
        fs::create_dir(temp.path().join("home")).unwrap();
        Self { temp, root, expander: RefCell::default() }
    }

    /// A repository without commits, on the branch `trunk`.
    pub(crate) fn repository() -> Self {
        Self::repository_as(&[])
    }

    /// The same, with more options of `git init`.
    pub(crate) fn repository_as(options: &[&str]) -> Self {
        let place = Self::new();
        place.git(&[&["init", "-q", "-b", "trunk"], options, &["."]].concat());
        place
    }

    pub(crate) fn at(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root.join(name)
    }

    /// Writes a file; `text` is a template.
    pub(crate) fn file(&self, name: impl AsRef<Path>, text: &str) -> &Self {
        let bytes = self.expander.borrow_mut().expand(text);
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    /// What a template stands for.
    pub(crate) fn text(&self, template: &str) -> String {
        self.expander.borrow_mut().expand_text(template)
    }

    /// Writes a file, adds it to the index and commits all that is there.
    pub(crate) fn commit(&self, name: &str, text: &str) -> &Self {
        self.file(name, text).git(&["add", "-A"]);
        self.git(&["commit", "-qm", "a message"]);
        self
    }

    /// Runs git. It has to succeed.
    pub(crate) fn git(&self, args: &[&str]) -> String {
        self.git_in("", args)
    }

    /// Runs git in a folder of this one. It has to succeed.
    pub(crate) fn git_in(&self, folder: &str, args: &[&str]) -> String {
        let output = self.try_git(folder, args);
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Runs git, which may fail.
    pub(crate) fn try_git(&self, folder: &str, args: &[&str]) -> Output {
        let mut command = self.clean("git", folder);
        command.args(["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always"]);
        command.args(args).output().unwrap()
    }

    /// Runs the program in a folder of this one.
    pub(crate) fn run(&self, folder: &str, args: &[&str]) -> Scanned {
        self.run_with(folder, args, &[])
    }

    /// The same, with some variables.
    pub(crate) fn run_with(&self, folder: &str, args: &[&str], variables: &[(&str, &str)]) -> Scanned {
        let mut command = self.clean(PROGRAM, folder);
        let output = command.args(args).args(["-f", "json"]).envs(variables.iter().copied()).output().unwrap();
        Scanned::new(&output)
    }

    /// What is reported of what is staged: `path:line origin` of each secret.
    pub(crate) fn staged(&self) -> Vec<String> {
        let scanned = self.run("", &["staged"]);
        scanned.sound()
    }

    /// A program without what the environment could add.
    pub(crate) fn clean(&self, program: &str, folder: &str) -> Command {
        let mut command = Command::new(program);
        let path = std::env::vars_os().find(|(name, _)| name == "PATH").unwrap().1;
        command.current_dir(self.at(folder)).env_clear().env("PATH", path);
        command.env("HOME", self.temp.path().join("home")).env("GIT_CONFIG_NOSYSTEM", "1");
        command.env("GIT_EDITOR", "true");
        command
    }

    /// All files of the repository, with their content and the time at which they were written.
    pub(crate) fn state(&self) -> BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)> {
        let mut state = BTreeMap::new();
        let mut folders = vec![self.at(".git")];
        while let Some(folder) = folders.pop() {
            let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            let (inner, files): (Vec<_>, Vec<_>) = paths.partition(|path| path.is_dir());
            folders.extend(inner);
            state.extend(files.into_iter().map(|path| {
                let modified = fs::metadata(&path).unwrap().modified().unwrap();
                (path.clone(), (fs::read(&path).unwrap(), modified))
            }));
        }
        state
    }
}

/// What the program said.
#[derive(Debug)]
pub(crate) struct Scanned {
    pub(crate) code: i32,
    /// The report; null if there is none.
    pub(crate) report: Value,
    pub(crate) stderr: String,
}

impl Scanned {
    fn new(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            report: serde_json::from_slice(&output.stdout).unwrap_or_default(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// `path:line origin` of each secret.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let findings = self.report["findings"].as_array().unwrap_or_else(|| panic!("{self:?}"));
        let secrets = findings.iter().filter(|finding| finding["severity"] != "info");
        let place = |finding: &Value| {
            let text = |name: &str| finding[name].as_str().unwrap().to_owned();
            format!("{}:{} {}", text("path"), finding["line"], text("origin"))
        };
        let mut places: Vec<String> = secrets.map(place).collect();
        places.sort();
        places
    }

    /// The same, if nothing was left unseen, and the exit code says what was found.
    pub(crate) fn sound(&self) -> Vec<String> {
        let secrets = self.secrets();
        assert_eq!(
            (&self.report["complete"], self.code),
            (&Value::Bool(true), i32::from(!secrets.is_empty())),
            "{self:?}"
        );
        secrets
    }

    /// The kinds of the problems.
    pub(crate) fn problems(&self) -> Vec<&str> {
        let problems = self.report["coverage"]["problems"].as_array().unwrap();
        problems.iter().map(|problem| problem["kind"].as_str().unwrap()).collect()
    }
}
