//! What happens to planted values on the trunk of a repository and beside it, commit by commit.

use super::stream::Change;

/// What is done at one point of the trunk.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// An ordinary commit.
    Change(Vec<Change>),
    /// A side branch with a commit, a commit on the trunk, and a merge of both that brings something of its own.
    Merge(Vec<Change>),
    /// A commit on a branch that is never merged, and the ref of a remote that has it, too.
    Side(String, Option<String>, Vec<Change>),
    /// A commit with this message, author and committer.
    Signed(String, String, String),
}

/// Steps in their order, and what there is to be found in the end.
#[derive(Clone, Debug)]
pub(super) struct Script {
    pub(super) kind: &'static str,
    pub(super) steps: Vec<Step>,
    pub(super) yields: Vec<Yield>,
}

/// A finding. The steps that brought it and took it away are given by their numbers.
#[derive(Clone, Debug)]
pub(super) struct Yield {
    pub(super) value: String,
    pub(super) rule: &'static str,
    pub(super) path: String,
    pub(super) origin: &'static str,
    pub(super) line: &'static str,
    pub(super) first: usize,
    pub(super) removed: Option<usize>,
    /// A step between these after which it was away for a while.
    pub(super) away: Option<usize>,
    pub(super) versions: String,
}

impl Yield {
    pub(super) fn new(value: &str, path: &str, first: usize) -> Self {
        Self {
            value: value.to_owned(),
            rule: super::plant::TOKEN,
            path: path.to_owned(),
            origin: "blob",
            line: super::plant::ANY,
            first,
            removed: None,
            away: None,
            versions: super::plant::ANY.to_owned(),
        }
    }

    fn removed(self, step: usize) -> Self {
        Self { removed: Some(step), ..self }
    }
}

/// Makes scripts. Each works in a folder of its own, so that no value is joined with that of another.
pub(super) struct Scripts<'a> {
    pub(super) token: &'a dyn Fn() -> String,
    pub(super) project: &'a dyn Fn() -> String,
    pub(super) versions: usize,
    pub(super) copy: usize,
    pub(super) done: Vec<Script>,
}

/// Message, author and committer of a commit for a token.
type Signed = fn(&str) -> [String; 3];

/// A line that holds a token.
pub(crate) fn leak(token: &str) -> String {
    format!("SIGNALWIRE_API_TOKEN={token}\n")
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(bytes).collect()
}

/// A file with a token at its end, below other lines.
fn text(above: usize, token: &str) -> String {
    format!("{}{}", "nothing of note\n".repeat(above), leak(token))
}

impl Scripts<'_> {
    fn add(&mut self, kind: &'static str, steps: Vec<Step>, yields: Vec<Yield>) {
        self.done.push(Script { kind, steps, yields });
    }

    fn path(&self, folder: &str, file: &str) -> String {
        format!("{folder}-{}/{file}", self.copy)
    }

    /// All scripts.
    pub(super) fn all(&mut self) {
        self.lives();
        self.moves();
        self.split();
        self.merges();
        self.forms();
        self.signatures();
        self.names();
        self.branches();
    }

    /// Added, removed, and added again.
    fn lives(&mut self) {
        let with = |path: &str, token: &str| Step::Change(vec![Change::file(path, text(2, token))]);
        let without = |path: &str| Step::Change(vec![Change::file(path, "nothing of note\n")]);
        let gone = |path: &str| Step::Change(vec![Change::Delete(path.to_owned())]);

        let (token, path) = ((self.token)(), self.path("added", "config.env"));
        self.add("added", vec![with(&path, &token)], vec![Yield { line: "3", ..Yield::new(&token, &path, 0) }]);

        let (token, path) = ((self.token)(), self.path("removed", "config.env"));
        self.add("removed", vec![with(&path, &token), without(&path)], vec![Yield::new(&token, &path, 0).removed(1)]);

        let (token, path) = ((self.token)(), self.path("deleted", "config.env"));
        self.add("deleted", vec![with(&path, &token), gone(&path)], vec![Yield::new(&token, &path, 0).removed(1)]);

        let (token, path) = ((self.token)(), self.path("again", "config.env"));
        let steps = vec![with(&path, &token), without(&path), with(&path, &token)];
        self.add("added, removed, added again", steps, vec![Yield::new(&token, &path, 0)]);

        let (token, path) = ((self.token)(), self.path("twice-gone", "config.env"));
        let steps = vec![with(&path, &token), without(&path), with(&path, &token), gone(&path)];
        let found = Yield { away: Some(1), ..Yield::new(&token, &path, 0).removed(3) };
        self.add("added and removed twice", steps, vec![found]);

        let (token, path) = ((self.token)(), self.path("versions", "config.env"));
        let version = |n| Step::Change(vec![Change::file(&*path, format!("version={n}\n{}", leak(&token)))]);
        let steps = (0..self.versions).map(version).collect();
        let versions = self.versions.to_string();
        self.add("in many versions", steps, vec![Yield { versions, line: "2", ..Yield::new(&token, &path, 0) }]);
    }

    /// Moved within a file, renamed, copied, in two places at once.
    fn moves(&mut self) {
        let (token, path) = ((self.token)(), self.path("moved", "config.env"));
        let steps = [2, 9].map(|above| Step::Change(vec![Change::file(&*path, text(above, &token))])).to_vec();
        let found = Yield { line: "3", versions: "2".to_owned(), ..Yield::new(&token, &path, 0) };
        self.add("moved within a file", steps, vec![found]);

        let (token, old, new) = ((self.token)(), self.path("renamed", "old.env"), self.path("renamed", "new.env"));
        let steps = vec![
            Step::Change(vec![Change::file(&*old, text(2, &token))]),
            Step::Change(vec![Change::Rename(old.clone(), new.clone())]),
        ];
        let yields = vec![Yield::new(&token, &old, 0).removed(1), Yield::new(&token, &new, 1)];
        self.add("file renamed", steps, yields);

        let (token, old, new) = ((self.token)(), self.path("copied", "old.env"), self.path("copied", "new.env"));
        let steps = vec![
            Step::Change(vec![Change::file(&*old, text(2, &token))]),
            Step::Change(vec![Change::Copy(old.clone(), new.clone())]),
        ];
        let yields = vec![Yield::new(&token, &old, 0), Yield::new(&token, &new, 1)];
        self.add("file copied", steps, yields);

        let (token, one, two) = ((self.token)(), self.path("two", "one.env"), self.path("two", "deep/two.env"));
        let steps =
            vec![Step::Change(vec![Change::file(&*one, text(2, &token)), Change::file(&*two, text(5, &token))])];
        let yields = vec![Yield::new(&token, &one, 0), Yield { line: "6", ..Yield::new(&token, &two, 0) }];
        self.add("same token in two paths", steps, yields);
    }

    /// A token in one commit, and what belongs to it in another.
    fn split(&mut self) {
        for (kind, folder, file) in [
            ("split over versions of a file", "split-versions", "config.env"),
            ("split over files of a folder", "split-files", "other.env"),
        ] {
            let (token, project) = ((self.token)(), (self.project)());
            let space = format!("{folder}-kestrel-{}", self.copy);
            let (path, other) = (self.path(folder, "config.env"), self.path(folder, file));
            let parts = format!("SIGNALWIRE_PROJECT_ID={project}\nSIGNALWIRE_SPACE={space}\n");
            let mut change = vec![Change::file(&*other, parts)];
            if other != path {
                change.insert(0, Change::Delete(path.clone()));
            }
            let steps = vec![Step::Change(vec![Change::file(&*path, leak(&token))]), Step::Change(change)];
            let part = |value: &str, rule| Yield { rule, ..Yield::new(value, &other, 1) };
            let yields = vec![
                Yield::new(&token, &path, 0).removed(1),
                part(&project, "signalwire-project-id"),
                part(&space, "signalwire-space-url"),
            ];
            self.add(kind, steps, yields);
        }
    }

    /// In the result of a merge, and in neither of its parents.
    fn merges(&mut self) {
        let (token, path) = ((self.token)(), self.path("merge", "config.env"));
        let merge = Step::Merge(vec![Change::file(&*path, text(1, &token))]);
        self.add("only in a merge", vec![merge.clone()], vec![Yield::new(&token, &path, 0)]);

        let (token, path) = ((self.token)(), self.path("merge-gone", "config.env"));
        let merge = Step::Merge(vec![Change::file(&*path, text(1, &token))]);
        let steps = vec![merge, Step::Change(vec![Change::Delete(path.clone())])];
        self.add("only in a merge, then removed", steps, vec![Yield::new(&token, &path, 0).removed(1)]);
    }

    /// In files that git takes for something else than text.
    fn forms(&mut self) {
        for (kind, folder, file) in [
            ("in a file that attributes call binary", "binary", "a.bin"),
            ("in a file that attributes keep from diff", "nodiff", "a.nodiff"),
            ("in a file with a diff driver", "driver", "a.driven"),
        ] {
            let (token, path) = ((self.token)(), self.path(folder, file));
            let steps = vec![Step::Change(vec![Change::file(&*path, text(2, &token))])];
            self.add(kind, steps, vec![Yield::new(&token, &path, 0)]);
        }
        for (kind, folder, bytes) in [
            ("in UTF-16 LE", "utf-16le", u16::to_le_bytes as fn(u16) -> [u8; 2]),
            ("in UTF-16 BE", "utf-16be", u16::to_be_bytes),
        ] {
            let (token, path) = ((self.token)(), self.path(folder, "a.env"));
            let steps = vec![
                Step::Change(vec![Change::file(&*path, utf16(&text(2, &token), bytes))]),
                Step::Change(vec![Change::Delete(path.clone())]),
            ];
            self.add(kind, steps, vec![Yield::new(&token, &path, 0).removed(1)]);
        }
        let (token, path) = ((self.token)(), self.path("nul", "a.dat"));
        let steps = vec![Step::Change(vec![Change::file(&*path, format!("\0\0{}", leak(&token)))])];
        self.add("behind a NUL", steps, vec![Yield::new(&token, &path, 0)]);

        let (token, path) = ((self.token)(), self.path("link", "to"));
        let target = format!("../{token}/x").into_bytes();
        let steps = vec![Step::Change(vec![Change::Write(path.clone(), "120000", target)])];
        self.add("in the target of a link", steps, vec![Yield::new(&token, &path, 0)]);
    }

    /// In what a commit says of itself.
    fn signatures(&mut self) {
        let kinds: [(&'static str, Signed); 3] = [
            ("in a commit message", |token| [format!("signalwire token {token}"), "A".into(), "C".into()]),
            ("in the name of an author", |token| ["change".into(), format!("A {token}"), "C".into()]),
            ("in the name of a committer", |token| ["change".into(), "A".into(), format!("C {token}")]),
        ];
        for (kind, signed) in kinds {
            let token = (self.token)();
            let [message, author, committer] = signed(&token);
            let found = Yield { origin: "message", ..Yield::new(&token, super::plant::ANY, 0) };
            self.add(kind, vec![Step::Signed(message, author, committer)], vec![found]);
        }
    }

    /// In the names of files and folders.
    fn names(&mut self) {
        for (kind, folder, inside) in [
            ("in the name of a file", "names", ".txt"),
            ("in the name of a folder", "folders", "/a.txt"),
            ("in the name of a file that is deleted", "gone-names", ".txt"),
        ] {
            let token = (self.token)();
            let path = self.path(folder, &format!("{token}{inside}"));
            let mut steps = vec![Step::Change(vec![Change::file(&*path, format!("{kind}\n"))])];
            let mut found = Yield { origin: "name", ..Yield::new(&token, super::plant::ANY, 0) };
            if folder == "gone-names" {
                steps.push(Step::Change(vec![Change::Delete(path)]));
                found = found.removed(1);
            }
            self.add(kind, steps, vec![found]);
        }
    }

    /// On branches that are never merged, with a remote that has them and without.
    fn branches(&mut self) {
        let (token, path) = ((self.token)(), self.path("side", "config.env"));
        let change = vec![Change::file(&*path, text(2, &token))];
        let steps = vec![Step::Side(format!("feature/side-{}", self.copy), None, change)];
        self.add("on a branch that is never merged", steps, vec![Yield::new(&token, &path, 0)]);

        let (token, path) = ((self.token)(), self.path("topic", "config.env"));
        let change = vec![Change::file(&*path, text(2, &token))];
        let name = format!("topic-{}", self.copy);
        let steps = vec![Step::Side(name.clone(), Some(format!("refs/remotes/origin/{name}")), change)];
        self.add("on a branch that is pushed and never merged", steps, vec![Yield::new(&token, &path, 0)]);
    }
}
