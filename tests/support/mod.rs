//! Runs the real program on files made for one test, and gives back all that it said.
//!
//! ```ignore
//! let output = Run::new().file("a.env", "SIGNALWIRE_TOKEN=PT{hex:48}").args(["scan", "."]).run();
//! assert_eq!(output.code, 1);
//! ```

pub(crate) mod repo;
pub(crate) mod rust;
pub(crate) mod template;

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;
use template::Expander;

/// The only variables that the program inherits; everything else could change what it says.
const INHERITED: &[&str] = &["PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "LLVM_PROFILE_FILE"];

/// What the path of the test's folder is replaced by in the output.
pub(crate) const DIR: &str = "[DIR]";

/// A folder with files, and how the program is to be run in it.
pub(crate) struct Run {
    temp: TempDir,
    expander: Expander,
    args: Vec<OsString>,
    stdin: Vec<u8>,
    env: Vec<(OsString, OsString)>,
    #[cfg(feature = "manage")]
    through: Option<std::net::SocketAddr>,
}

impl Run {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        let temp = TempDir::with_prefix("barewire-").unwrap();
        for folder in ["work", "home"] {
            std::fs::create_dir(temp.path().join(folder)).unwrap();
        }
        Self {
            temp,
            expander: Expander::default(),
            args: Vec::new(),
            stdin: Vec::new(),
            env: Vec::new(),
            #[cfg(feature = "manage")]
            through: None,
        }
    }

    /// Adds a file; `text` is a template.
    pub(crate) fn file(mut self, name: impl AsRef<Path>, text: &str) -> Self {
        let bytes = self.expander.expand(text);
        self.bytes(name, &bytes)
    }

    /// Adds a file with exactly these bytes.
    pub(crate) fn bytes(self, name: impl AsRef<Path>, bytes: &[u8]) -> Self {
        let path = self.dir().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        self
    }

    /// What the program reads from its standard input; `text` is a template.
    pub(crate) fn stdin(mut self, text: &str) -> Self {
        self.stdin = self.expander.expand(text);
        self
    }

    /// Adds arguments.
    pub(crate) fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Adds an argument that is a template.
    pub(crate) fn armed_arg(mut self, arg: &str) -> Self {
        let arg = self.expander.expand_text(arg);
        self.args([arg])
    }

    /// Sets a variable of the environment.
    pub(crate) fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Sets a variable of the environment; `value` is a template.
    #[cfg(feature = "manage")]
    pub(crate) fn armed_env(mut self, name: &str, value: &str) -> Self {
        let value = self.expander.expand_text(value);
        self.env(name, value)
    }

    /// Leads every host to an emulator, whose root certificate is trusted.
    #[cfg(feature = "manage")]
    #[allow(dead_code, reason = "the tests of the commands use it")]
    pub(crate) fn through(mut self, emulator: &crate::emulator::Emulator) -> Self {
        self.through = Some(emulator.address());
        self.env("BAREWIRE_CA_FILE", emulator.ca_file())
    }

    /// The program: as it is shipped, or led to an emulator.
    #[cfg(feature = "manage")]
    fn program(&self) -> Command {
        let program = Path::new(env!("CARGO_BIN_EXE_barewire"));
        let Some(address) = self.through else { return Command::new(program) };
        let name = format!("emulator{}", std::env::consts::EXE_SUFFIX);
        let led = program.with_file_name("examples").join(name);
        assert!(led.exists(), "there is no {}: cargo build --example emulator", led.display());
        let mut command = Command::new(led);
        command.args(["--as-barewire", &address.to_string()]);
        command
    }

    #[cfg(not(feature = "manage"))]
    #[expect(clippy::unused_self, reason = "with the feature there is a choice")]
    fn program(&self) -> Command {
        Command::new(env!("CARGO_BIN_EXE_barewire"))
    }

    /// The folder that the program runs in.
    pub(crate) fn dir(&self) -> PathBuf {
        self.temp.path().join("work")
    }

    /// The value that a `{same:NAME=…}` of a template kept.
    pub(crate) fn kept(&self, name: &str) -> &str {
        self.expander.kept(name)
    }

    /// The program with its arguments and environment, not yet started.
    pub(crate) fn command(&self) -> Command {
        let mut command = self.program();
        command.args(&self.args).current_dir(self.dir()).env_clear();
        let inherited = |name: &OsStr| INHERITED.iter().any(|known| name.eq_ignore_ascii_case(known));
        command.envs(std::env::vars_os().filter(|(name, _)| inherited(name)));
        command.env("HOME", self.temp.path().join("home"));
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self) -> Output {
        let mut command = self.command();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = self.stdin.clone();
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        let code = output.status.code().expect("the program was not killed");
        Output { stdout: self.tidy(&output.stdout), stderr: self.tidy(&output.stderr), code }
    }

    /// Output as text, without what differs from run to run: the folder's path and the time taken.
    pub(crate) fn tidy(&self, bytes: &[u8]) -> String {
        let mut text = String::from_utf8_lossy(bytes).into_owned();
        for dir in [self.dir().canonicalize().unwrap(), self.dir()] {
            text = text.replace(dir.to_str().unwrap(), DIR);
        }
        let time = regex::Regex::new(r"\bin [0-9][0-9,.]* (?:ms|s|min)\b").unwrap();
        time.replace_all(&text, "in [TIME]").into_owned()
    }
}

/// What the program said, and how it ended.
#[derive(Debug)]
pub(crate) struct Output {
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
    /// The exit code.
    pub(crate) code: i32,
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "exit code: {}", self.code)?;
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                writeln!(f, "----- {name}\n{}", text.trim_end())?;
            }
        }
        Ok(())
    }
}
