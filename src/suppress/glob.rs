//! Decides which paths a glob of the configuration means: those that the same line of a `.gitignore` would.

use regex::bytes::{Regex, RegexBuilder};

/// Paths that are meant by one glob. They count from the root of the repository.
#[derive(Clone, Debug)]
pub struct PathGlob {
    /// What it is written as.
    text: Box<str>,
    pattern: Regex,
    /// Whether it means folders alone, and so what lies in them.
    is_folder: bool,
}

impl PathGlob {
    /// What `text` means: without a `/` at its start or within, a name in any folder; with one, a path from the root; with
    /// one at its end, a folder. What lies in a folder that is meant is meant, too.
    ///
    /// # Errors
    /// What is wrong with it, as one sentence without a full stop.
    pub fn parse(text: &str) -> Result<Self, String> {
        let is_folder = text.ends_with('/');
        let path = text.strip_suffix('/').unwrap_or(text);
        if text.starts_with('!') {
            return Err("an allowlist says what is forgiven; a glob with `!` has no place in it".to_owned());
        }
        let whole = match path.strip_prefix('/') {
            Some(path) => path.to_owned(),
            None if path.contains('/') => path.to_owned(),
            None => format!("**/{path}"),
        };
        if path.trim_matches('/').is_empty() {
            return Err("this glob means no path".to_owned());
        }
        if whole.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err("a path from the root has no `//`, `.` or `..` in it".to_owned());
        }
        let glob = globset::GlobBuilder::new(&whole).literal_separator(true).backslash_escape(true).build();
        let glob = glob.map_err(|error| format!("this glob does not parse: {}", error.kind()))?;
        // The name of a file may hold any byte, also a line feed.
        let pattern = RegexBuilder::new(glob.regex()).dot_matches_new_line(true).build();
        let pattern = pattern.map_err(|_| "this glob is too large".to_owned())?;
        Ok(Self { text: text.into(), pattern, is_folder })
    }

    /// Whether it means this path, or a folder that it lies in.
    pub fn matches(&self, path: &[u8]) -> bool {
        let mut folders = memchr::memchr_iter(b'/', path).map(|slash| &path[..slash]);
        folders.any(|folder| self.pattern.is_match(folder)) || !self.is_folder && self.pattern.is_match(path)
    }

    /// Whether it means every path.
    pub fn is_everything(&self) -> bool {
        // Nobody calls a file like this, and no glob means both but one that means all.
        [&b"\x01\x02"[..], b"\x03/\x04.\x05/\x06"].iter().all(|path| self.matches(path))
    }

    /// What it is written as.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_means_what_it_means_in_a_gitignore() {
        for (glob, path, is_meant) in [
            ("a.env", "a.env", true),
            ("a.env", "x/a.env", true),
            ("a.env", "x/a.env.old", false),
            ("/a.env", "x/a.env", false),
            ("/a.env", "a.env", true),
            ("docs", "docs/x/y", true),
            ("docs/", "docs/x/y", true),
            ("docs/", "x/docs", false),
            ("docs/", "docs", false),
            ("x/*.env", "x/a.env", true),
            ("x/*.env", "x/y/a.env", false),
            ("x/**/*.env", "x/y/z/a.env", true),
            ("x/**", "x/y/z", true),
            ("x/**", "xy/z", false),
            ("y/a.env", "x/y/a.env", false),
            ("*", "x/y", true),
            ("**", "x/y", true),
            ("[ab].env", "b.env", true),
            ("{a,b}.env", "c.env", false),
            ("A.env", "a.env", false),
        ] {
            assert_eq!(PathGlob::parse(glob).unwrap().matches(path.as_bytes()), is_meant, "{glob} {path}");
        }
        assert!(PathGlob::parse("*.env").unwrap().matches(b"x/\xFF.env"));
        for glob in ["x/**", "**/z.env", "x/*/z.env", "z.*", "/**"] {
            assert!(PathGlob::parse(glob).unwrap().matches(b"x/a\nb\n/z.env"), "{glob}");
        }
        assert!(!PathGlob::parse("/z.env").unwrap().matches(b"x\n/z.env"));
        assert!(!PathGlob::parse("*.env").unwrap().matches(b"z.env\n"));
    }

    #[test]
    fn a_glob_that_means_nothing_is_refused() {
        for wrong in
            ["", "/", "//", "!a", "[", "a[z-a]", "{a", "./a", "../a", "a/../b", "a//", "//a", "a//b", ".", "..", "\\"]
        {
            assert!(PathGlob::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn it_is_known_which_globs_mean_everything() {
        for glob in ["*", "**", "/*", "/**", "**/*", "/**/*", "**/**", "?*", "{a,*}", "[!x]*"] {
            assert!(PathGlob::parse(glob).unwrap().is_everything(), "{glob}");
        }
        for glob in ["*.env", "*.*", "**/", "x", "{*.a,*.b}", "*/*"] {
            assert!(!PathGlob::parse(glob).unwrap().is_everything(), "{glob}");
        }
    }
}
