//! What only work in a repository leaves behind: stashes, reflogs, working trees, notes, indexes, loose ends.

use std::fs;

use super::Repo;
use super::plant::{ANY, Kept, NONE, Place, Plant, TOKEN};
use super::script::leak;

/// Works in a repository that has a trunk.
pub(super) struct Live<'a> {
    pub(super) repo: &'a Repo,
    pub(super) plants: Vec<Plant>,
}

impl Live<'_> {
    /// All of it.
    pub(super) fn all(&mut self) {
        self.repo.git(["checkout", "-q", "-f", "trunk"]);
        self.repo.commit("live/tracked.env", "nothing of note\n");
        self.submodule();
        self.tags();
        self.references();
        self.note();
        self.replaced();
        self.amended_and_reset();
        self.working_trees();
        self.stashes();
        self.loose_ends();
        self.index();
    }

    fn plant(&mut self, kind: &str, value: String, kept: Kept, places: Vec<Place>) {
        self.plants.push(Plant { kind: kind.to_owned(), value, rule: TOKEN, kept, places });
    }

    fn submodule(&mut self) {
        let (repo, inner) = (self.repo, self.repo.beside("inner"));
        inner.git(["init", "-q", "-b", "trunk", "."]);
        let token = repo.token();
        inner.commit("inner.env", leak(&token));
        repo.git(["submodule", "--quiet", "add", "../inner", "vendor/inner"]);
        repo.git(["commit", "-q", "-m", "submodule"]);
        self.plant("in a submodule", token, Kept::ByNothing, vec![]);
    }

    fn tags(&mut self) {
        let token = self.repo.token();
        self.repo.git(["tag", "-a", "-m", &leak(&token), "v1"]);
        self.plant("in the message of a tag", token, Kept::ByRefs, vec![Place::elsewhere("tag", ANY)]);

        let token = self.repo.token();
        self.repo.git(["tag", "-a", "-m", &leak(&token), "v2", "v1"]);
        self.plant("in the message of a tag of a tag", token, Kept::ByRefs, vec![Place::elsewhere("tag", ANY)]);

        let token = self.repo.token();
        self.repo.git(["tag", &format!("v3-{token}")]);
        self.plant("in the name of a tag", token, Kept::ByRefs, vec![Place::elsewhere("ref", ANY)]);

        let token = self.repo.token();
        self.repo.git(["branch", &format!("feature/{token}"), "HEAD~2"]);
        self.plant("in the name of a branch", token, Kept::ByRefs, vec![Place::elsewhere("ref", ANY)]);
    }

    /// Refs that lead to something else than a commit.
    fn references(&mut self) {
        let repo = self.repo;
        let nowhere = || Place { path: ANY.to_owned(), ..Place::new(ANY, NONE) };

        let token = repo.token();
        let blob = repo.blob(leak(&token));
        repo.git(["update-ref", "refs/blobs/one", &blob]);
        self.plant("in a blob that a ref points at", token, Kept::ByRefs, vec![nowhere()]);

        let token = repo.token();
        let blob = repo.blob(leak(&token));
        let tree = repo.feed(["mktree"], format!("100644 blob {blob}\tinner.env\n").as_bytes());
        let tree = repo.feed(["mktree"], format!("040000 tree {tree}\tfolder\n").as_bytes());
        repo.git(["update-ref", "refs/trees/one", &tree]);
        self.plant("in a tree that a ref points at", token, Kept::ByRefs, vec![nowhere()]);

        let token = repo.token();
        let blob = repo.blob(leak(&token));
        repo.git(["tag", "-a", "-m", "a blob", "blob", &blob]);
        self.plant("in a blob that a tag points at", token, Kept::ByRefs, vec![nowhere()]);
    }

    fn note(&mut self) {
        let (repo, token) = (self.repo, self.repo.token());
        let noted = repo.head();
        repo.git(["notes", "add", "-m", &leak(&token)]);
        let place = Place::new(&noted, &repo.git(["rev-parse", "refs/notes/commits"]));
        self.plant("in a note", token, Kept::ByRefs, vec![place]);
    }

    /// What only a replacement hides, and what only a graft cuts off.
    fn replaced(&mut self) {
        let (repo, token) = (self.repo, self.repo.token());
        let first = repo.commit("live/replaced.env", leak(&token));
        let blob = repo.git(["rev-parse", "HEAD:live/replaced.env"]);
        repo.git(["replace", &blob, &repo.blob("nothing of note\n")]);
        let place = Place { in_head: "true".to_owned(), ..Place::new("live/replaced.env", &first) };
        self.plant("behind a replacement", token, Kept::ByRefs, vec![place]);

        let token = repo.token();
        let first = repo.commit("live/grafted.env", leak(&token));
        let removed = repo.commit("live/grafted.env", "nothing of note\n");
        repo.commit("live/after.env", "nothing of note\n");
        repo.file(".git/info/grafts", format!("{removed}\n"));
        let place = Place { removed, ..Place::new("live/grafted.env", &first) };
        self.plant("behind a graft", token, Kept::ByRefs, vec![place]);
    }

    fn amended_and_reset(&mut self) {
        let (repo, token) = (self.repo, self.repo.token());
        let first = repo.commit("live/amended.env", leak(&token));
        repo.file("live/amended.env", "nothing of note\n").git(["commit", "-q", "-a", "--amend", "-m", "amended"]);
        self.plant("amended away", token, Kept::Here, vec![Place::new("live/amended.env", &first)]);

        let token = repo.token();
        let first = repo.commit("live/reset.env", leak(&token));
        repo.git(["reset", "-q", "--hard", "HEAD~1"]);
        repo.commit("live/after-reset.env", "nothing of note\n");
        self.plant("reset away", token, Kept::Here, vec![Place::new("live/reset.env", &first)]);
    }

    fn working_trees(&mut self) {
        let (repo, linked, other) = (self.repo, self.repo.beside("linked"), self.repo.beside("other"));
        for folder in ["linked", "other"] {
            repo.git(["worktree", "add", "-q", "--detach", &format!("../{folder}"), "HEAD"]);
        }
        let token = repo.token();
        let first = linked.commit("live/detached.env", leak(&token));
        drop(fs::remove_file(repo.at(".git/worktrees/linked/logs/HEAD")));
        let place = Place::new("live/detached.env", &first);
        self.plant("at the HEAD of another working tree", token, Kept::Here, vec![place]);

        let token = repo.token();
        let first = other.commit("live/other.env", leak(&token));
        other.git(["reset", "-q", "--hard", "HEAD~1"]);
        drop(fs::remove_file(repo.at(".git/worktrees/other/ORIG_HEAD")));
        let place = Place::new("live/other.env", &first);
        self.plant("in the reflog of another working tree", token, Kept::Here, vec![place]);

        let token = repo.token();
        other.file("live/staged.env", leak(&token)).git(["add", "live/staged.env"]);
        self.plant("in the index of another working tree", token, Kept::Here, vec![staged("live/staged.env")]);
    }

    /// Four entries. A clone has the newest.
    fn stashes(&mut self) {
        let (repo, path) = (self.repo, "live/tracked.env");
        for (kind, kept) in [("older stash", Kept::Here), ("newest stash", Kept::ByRefs)] {
            let [working, index, untracked] = [(); 3].map(|()| repo.token());
            repo.file(path, leak(&index)).git(["add", path]);
            repo.file(path, leak(&working)).file("live/untracked.env", leak(&untracked));
            repo.git(["stash", "push", "-q", "-u"]);
            let id = |name: &str| repo.git(["rev-parse", name]);
            let stash = id("stash@{0}");
            self.plant(&format!("working part, {kind}"), working, kept, vec![Place::new(path, &stash)]);
            // The stash is a merge of its parts that holds one of them. It takes nothing away: it keeps all of them.
            let place = Place::new(path, &id("stash@{0}^2"));
            self.plant(&format!("index part, {kind}"), index, kept, vec![place]);
            let place = Place::new("live/untracked.env", &id("stash@{0}^3"));
            self.plant(&format!("untracked part, {kind}"), untracked, kept, vec![place]);
        }
    }

    /// What nothing leads to, loose and in a pack.
    fn loose_ends(&mut self) {
        let repo = self.repo;
        let unreachable = || {
            let any = || ANY.to_owned();
            let place = Place { reach: "unreachable".to_owned(), removed: any(), ..Place::new(ANY, ANY) };
            vec![Place { origin: any(), ..place }]
        };
        let token = repo.token();
        repo.blob(leak(&token));
        self.plant("in a loose blob that nothing leads to", token, Kept::ByNothing, unreachable());

        let token = repo.token();
        let blob = repo.blob(leak(&token));
        let tree = repo.feed(["mktree"], format!("100644 blob {blob}\tpacked.env\n").as_bytes());
        let commit = repo.git(["commit-tree", "-m", "a loose end", &tree]);
        let ids = format!("{blob}\n{tree}\n{commit}\n");
        repo.feed(["pack-objects", "-q", ".git/objects/pack/pack"], ids.as_bytes());
        repo.git(["prune-packed", "-q"]);
        self.plant("in a packed commit that nothing leads to", token, Kept::ByNothing, unreachable());

        let token = repo.token();
        let commit = repo.git(["commit-tree", "-m", &leak(&token), "HEAD^{tree}"]);
        assert!(repo.loose(&commit).is_file());
        self.plant("in the message of a commit that nothing leads to", token, Kept::ByNothing, unreachable());
    }

    fn index(&mut self) {
        let (repo, token) = (self.repo, self.repo.token());
        repo.file("live/staged.env", leak(&token)).git(["add", "live/staged.env"]);
        repo.file("live/staged.env", "nothing of note\n");
        self.plant("only in the index", token, Kept::Here, vec![staged("live/staged.env")]);
    }
}

fn staged(path: &str) -> Place {
    let place = Place::new(path, NONE);
    Place { origin: "index".to_owned(), reach: "index".to_owned(), ..place }
}
