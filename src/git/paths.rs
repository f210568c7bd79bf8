//! Decides how the paths of an index are kept: sorted, in one piece of memory.

use std::ops::Range;

/// Sorted paths, each once; parts are separated by `/`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Paths {
    /// Adds a path. Call [`Paths::settle`] after the last one.
    pub(super) fn push(&mut self, path: &[u8]) {
        self.text.extend_from_slice(path);
        self.ends.push(self.text.len());
    }

    /// Sorts, and drops what is there twice; an index is sorted already, except for the stages of a conflict.
    pub(super) fn settle(&mut self) {
        if (1..self.len()).all(|at| self.get(at - 1) < self.get(at)) {
            return;
        }
        let mut paths: Vec<&[u8]> = (0..self.len()).map(|at| self.get(at)).collect();
        paths.sort_unstable();
        paths.dedup();
        let mut settled = Self::default();
        for path in paths {
            settled.push(path);
        }
        *self = settled;
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The path at `at`, which must be less than the length.
    pub fn get(&self, at: usize) -> &[u8] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[start..self.ends[at]]
    }

    /// Where the paths that begin with `prefix` are, looked for in `range`.
    pub fn beginning_with(&self, prefix: &[u8], range: Range<usize>) -> Range<usize> {
        let start = self.first(range.clone(), |path| path >= prefix);
        let end = self.first(start..range.end, |path| !path.starts_with(prefix));
        start..end
    }

    /// Whether `path` is one of them, looked for in `range`.
    pub fn contains(&self, path: &[u8], range: Range<usize>) -> bool {
        let at = self.first(range.clone(), |other| other >= path);
        at < range.end && self.get(at) == path
    }

    /// The first place in `range` from which on `holds` is true.
    fn first(&self, range: Range<usize>, holds: impl Fn(&[u8]) -> bool) -> usize {
        let Range { mut start, mut end } = range;
        while start < end {
            let middle = start + (end - start) / 2;
            if holds(self.get(middle)) {
                end = middle;
            } else {
                start = middle + 1;
            }
        }
        start
    }
}

impl<'a> FromIterator<&'a [u8]> for Paths {
    fn from_iter<I: IntoIterator<Item = &'a [u8]>>(iter: I) -> Self {
        let mut paths = Self::default();
        for path in iter {
            paths.push(path);
        }
        paths.settle();
        paths
    }
}

/// What an index tracks, relative to the root of its working tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tracked {
    /// Regular files.
    pub files: Paths,
    /// Submodules: folders that are repositories of their own.
    pub modules: Paths,
}

impl Tracked {
    /// Files that `path` with the mode bits `mode` belongs to; links and sparse folders have no content of their own.
    pub(super) fn push(&mut self, mode: u32, path: &[u8]) {
        match mode >> 12 {
            0o10 => self.files.push(path),
            0o16 => self.modules.push(path),
            _ => {}
        }
    }

    /// Puts both lists in order.
    pub(super) fn settle(mut self) -> Self {
        self.files.settle();
        self.modules.settle();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(list: &[&str]) -> Paths {
        list.iter().map(|path| path.as_bytes()).collect()
    }

    #[test]
    fn paths_are_sorted_and_each_is_there_once() {
        let paths = paths(&["b", "a/x", "a/x", "a"]);
        let all: Vec<&[u8]> = (0..paths.len()).map(|at| paths.get(at)).collect();
        assert_eq!(all, [&b"a"[..], b"a/x", b"b"]);
    }

    #[test]
    fn a_folder_is_a_range() {
        let paths = paths(&["a", "a-b", "a/x", "a/y/z", "b"]);
        let all = 0..paths.len();
        assert_eq!(paths.beginning_with(b"a/", all.clone()), 2..4);
        assert_eq!(paths.beginning_with(b"c/", all.clone()), 5..5);
        assert_eq!(paths.beginning_with(b"", all.clone()), all);
        assert!(paths.contains(b"a/y/z", 2..4));
        assert!(!paths.contains(b"a/y", 2..4));
        assert!(!paths.contains(b"b", 2..4));
    }
}
