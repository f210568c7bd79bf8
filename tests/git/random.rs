//! Random small histories tell what git itself says of them, counted in the plainest way.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::place::Place;
use super::telling::tell;

const PATHS: [&str; 4] = ["a", "b", "d/a", "d/e/c"];
const TEXTS: [&str; 4] = ["", "plain", "secret one", "secret two"];

/// One commit: what each file holds, its parents counted back from it, and a time.
type Step = ([usize; 4], Vec<usize>, i64);

fn step() -> impl Strategy<Value = Step> {
    let files = [0..5_usize, 0..5_usize, 0..5_usize, 0..5_usize];
    (files, proptest::collection::vec(1..4_usize, 0..3), 0..6_i64)
}

/// The history in the language of `git fast-import`; every commit without children is a branch.
fn script(steps: &[Step]) -> String {
    let mut script = String::new();
    let mut tips: BTreeSet<usize> = BTreeSet::new();
    for (at, (files, parents, time)) in steps.iter().enumerate() {
        let parents: BTreeSet<usize> = parents.iter().filter_map(|back| at.checked_sub(*back)).collect();
        writeln!(script, "commit refs/heads/c{at}\nmark :{}", at + 1).unwrap();
        writeln!(script, "committer A <a@b> {} +0000\ndata {}\nc{at}", 1000 + time, 1 + at.to_string().len()).unwrap();
        for (number, parent) in parents.iter().enumerate() {
            writeln!(script, "{} :{}", if number == 0 { "from" } else { "merge" }, parent + 1).unwrap();
            tips.remove(parent);
        }
        tips.insert(at);
        script += "deleteall\n";
        for (path, text) in PATHS.iter().zip(files).filter_map(|(path, text)| Some((path, TEXTS.get(*text)?))) {
            writeln!(script, "M 100644 inline {path}\ndata {}\n{text}", text.len()).unwrap();
        }
    }
    for at in (0..steps.len()).filter(|at| !tips.contains(at)) {
        writeln!(script, "reset refs/heads/c{at}\nfrom {}\n", "0".repeat(40)).unwrap();
    }
    script
}

/// A history as git tells it.
#[derive(Default)]
struct Plain {
    /// Commits in their order, with their parents.
    commits: Vec<(String, Vec<String>)>,
    /// What is where in each commit.
    files: BTreeMap<String, BTreeMap<String, String>>,
    messages: BTreeMap<String, String>,
}

impl Plain {
    fn read(place: &Place) -> Self {
        let mut plain = Self::default();
        let mut open = Vec::new();
        for line in place.git("log --all --format=%ct;%H;%P;%s").lines() {
            let [time, id, parents, message] = line.split(';').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let parents: Vec<String> = parents.split_whitespace().map(str::to_owned).collect();
            open.push((time.parse::<i64>().unwrap(), id.to_owned(), parents));
            plain.messages.insert(id.to_owned(), message.to_owned());
            let listing = place.git(&format!("ls-tree -r {id}"));
            let files = listing.lines().filter_map(|line| line.split_once('\t'));
            let files = files.map(|(head, path)| (path.to_owned(), head.split(' ').nth(2).unwrap().to_owned()));
            plain.files.insert(id.to_owned(), files.collect());
        }
        open.sort();
        while !open.is_empty() {
            let is_done = |parent: &String| plain.commits.iter().any(|(id, _)| id == parent);
            let next = open.iter().position(|(_, _, parents)| parents.iter().all(is_done)).unwrap();
            let (_, id, parents) = open.remove(next);
            plain.commits.push((id, parents));
        }
        plain
    }

    /// The last commit that takes away what `holds` says that a commit holds. Of merges of which only some parents hold it,
    /// one does so that comes before all others since it was brought.
    fn removed(&self, holds: &dyn Fn(&str) -> bool) -> Option<&String> {
        let (mut removed, mut is_there) = (None, false);
        for (id, parents) in &self.commits {
            let count = parents.iter().filter(|parent| holds(parent)).count();
            match (holds(id), count) {
                (true, 0) => is_there = true,
                (false, 1..) if is_there || count == parents.len() => (removed, is_there) = (Some(id), false),
                _ => {}
            }
        }
        removed
    }

    /// Tells of what `holds` says that a commit holds.
    fn tell(&self, place: &Place, versions: usize, holds: &dyn Fn(&str) -> bool) -> String {
        let parents = |parents: &[String]| parents.iter().any(|parent| holds(parent));
        let brings = |(id, of): &&(String, Vec<String>)| holds(id) && !parents(of);
        let message = |commit: Option<&(String, Vec<String>)>| commit.map(|(id, _)| self.messages[id].as_str());
        let first = message(self.commits.iter().find(brings)).unwrap();
        let last = message(self.commits.iter().rfind(|(id, _)| holds(id))).unwrap();
        let in_head = holds(&place.git("rev-parse HEAD"));
        let tips = place.git("for-each-ref --format=%(objectname);%(refname) refs/heads/");
        let tips = tips.lines().filter_map(|line| line.split_once(';'));
        let holders: Vec<&str> = tips.filter(|(id, _)| holds(id)).map(|(_, name)| name).collect();
        let end = match (in_head, &*holders, self.removed(holds)) {
            (true, ..) => ", in head".to_owned(),
            (false, [], removed) => format!(", gone in {}", self.messages[removed.unwrap()]),
            (false, holders, _) => format!(", still in {}", holders.join(" ")),
        };
        let mut words = format!("{first}..{last}{end}");
        let branches = place.git("for-each-ref --format=%(refname:short) refs/heads/");
        let mut branches: Vec<&str> =
            branches.lines().filter(|branch| place.git(&format!("rev-list {branch}")).lines().any(holds)).collect();
        branches.sort_unstable();
        write!(words, ", on {}", branches.join(" ")).unwrap();
        if versions > 1 { format!("{words}, {versions} versions") } else { words }
    }
}

fn check(steps: &[Step]) -> Result<(), TestCaseError> {
    let place = Place::repository();
    place.feed("fast-import --quiet --force", script(steps).as_bytes());
    place.git(&format!("symbolic-ref HEAD refs/heads/c{}", steps.len() - 1));
    let plain = Plain::read(&place);
    let secrets: BTreeSet<String> =
        TEXTS[2..].iter().map(|text| place.feed("hash-object --stdin", text.as_bytes())).collect();
    let at = |commit: &str, path: &str| plain.files[commit].get(path).filter(|id| secrets.contains(*id)).cloned();
    let ids = |path: &str| -> BTreeSet<String> { plain.files.keys().filter_map(|id| at(id, path)).collect() };
    let all: BTreeSet<String> = PATHS.iter().flat_map(|path| ids(path)).collect();
    let telling = tell(&place, "", "secret");
    if all.is_empty() {
        return Ok(());
    }
    let mut expected = vec![plain.tell(&place, all.len(), &|id| PATHS.iter().any(|path| at(id, path).is_some()))];
    for path in PATHS.iter().filter(|path| !ids(path).is_empty()) {
        let story = plain.tell(&place, ids(path).len(), &|id| at(id, path).is_some());
        expected.push(format!("{path}: {story}"));
    }
    prop_assert_eq!(telling.words, expected);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 40, ..ProptestConfig::default() })]
    #[test]
    fn random_histories_tell_what_git_says(steps in proptest::collection::vec(step(), 1..9)) {
        check(&steps)?;
    }
}
