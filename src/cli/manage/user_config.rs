//! Decides what the user's own configuration says: `barewire/config.toml` in `$XDG_CONFIG_HOME`, else in `~/.config`.
//!
//! It alone, and `--allow-host`, can name a host besides Spaces that credentials are sent to. The `.barewire.toml` of a
//! repository cannot: who sends a change could have tokens sent to a place of their own.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::environment;
use super::secret_file::{self, Privacy};
use crate::cli::error::{Error, shown};
use crate::rule::LoadError;
use crate::signalwire::Hosts;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    hosts: Vec<Spanned<String>>,
}

/// Adds the hosts that the user's configuration lists, if there is one.
///
/// # Errors
/// It cannot be read, others can write it, or it is not sound.
pub(super) fn list(hosts: &mut Hosts) -> Result<(), Error> {
    let Some(path) = path().filter(|path| path.exists()) else { return Ok(()) };
    let bytes = secret_file::read(&path, Privacy::Unwritten)?;
    let text = std::str::from_utf8(bytes.expose())
        .map_err(|_| Error::new(format_args!("{}: this is not UTF-8", shown(&path))))?;
    parse(&path, text, hosts).map_err(Error::new)
}

fn parse(path: &Path, text: &str, hosts: &mut Hosts) -> Result<(), LoadError> {
    let wrong = |start: usize, message: String| {
        let before = &text.as_bytes()[..start.min(text.len())];
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let column = before.len() - memchr::memrchr(b'\n', before).map_or(0, |feed| feed + 1) + 1;
        LoadError { file: shown(path), line, column, message }
    };
    let raw: Raw =
        toml::from_str(text).map_err(|error| wrong(error.span().unwrap_or(0..0).start, error.message().to_owned()))?;
    for host in raw.hosts {
        let start = host.span().start;
        hosts.list(host.get_ref()).map_err(|_| wrong(start, "this is not the name of a host".to_owned()))?;
    }
    Ok(())
}

/// Where the file is. A folder that is not told from the root on would be one of whatever folder this runs in.
fn path() -> Option<PathBuf> {
    let folder = |name| environment::path(name).filter(|path| path.is_absolute());
    let home = || folder("HOME").or_else(|| folder("USERPROFILE")).map(|home| home.join(".config"));
    Some(folder("XDG_CONFIG_HOME").or_else(home)?.join("barewire").join("config.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signalwire::Space;

    #[test]
    fn hosts_are_listed() {
        let mut hosts = Hosts::default();
        parse(Path::new("c"), "hosts = [\"voice.example.org\"]\n", &mut hosts).unwrap();
        assert!(Space::parse("voice.example.org", &hosts).is_ok());
        assert!(parse(Path::new("c"), "", &mut hosts).is_ok());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, told) in [
            ("host = []", "c:1:1: unknown field `host`"),
            ("# x\nhosts = [\"a.example\",\n \"b.example/x\"]", "c:3:2: this is not the name of a host"),
            ("hosts = 1", "c:1:9: "),
            ("hosts = [", "c:1:"),
        ] {
            let error = parse(Path::new("c"), text, &mut Hosts::default()).unwrap_err().to_string();
            assert!(error.starts_with(told), "{error}");
        }
    }
}
