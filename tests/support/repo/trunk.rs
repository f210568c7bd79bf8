//! Lets the scripts play on one trunk, at places that a seed chooses, among commits without anything of note.

use std::collections::BTreeMap;

use super::Repo;
use super::plant::{ANY, Kept, NONE, Place, Plant};
use super::script::{Script, Scripts, Step, Yield};
use super::stream::{Change, Commit, Ids, Mark, Stream};
use crate::support::template::Noise;

/// How many files the commits without anything of note work on.
const FILES: usize = 24;

/// How many lines such a file has at the most.
const LINES: usize = 50;

const WORDS: [&str; 16] = [
    "river",
    "stone",
    "lantern",
    "signalwire",
    "meadow",
    "copper",
    "window",
    "thread",
    "harbor",
    "signal",
    "orchard",
    "pebble",
    "call",
    "room",
    "voice",
    "space",
];

/// The trunk as it grows.
pub(super) struct Trunk {
    stream: Stream,
    noise: Noise,
    files: Vec<Vec<String>>,
    tip: Option<Mark>,
    remote: Option<Mark>,
    /// Where the branches beside it that are kept leave it.
    forks: BTreeMap<String, Mark>,
    /// For each script the marks of its steps.
    marks: BTreeMap<usize, Vec<Mark>>,
}

/// What became of it.
pub(super) struct Grown {
    pub(super) plants: Vec<Plant>,
    pub(super) names: BTreeMap<String, String>,
}

/// Makes a trunk with `size` commits without anything of note, and all scripts among them.
pub(super) fn grow(repo: &Repo, seed: u64, size: usize) -> Grown {
    let (token, project) = (|| repo.token(), || repo.project());
    let versions = if size < 1_000 { 6 } else { 400 };
    let mut scripts = Scripts { token: &token, project: &project, versions, copy: 0, done: Vec::new() };
    for copy in 0..if size < 1_000 { 1 } else { 3 } {
        scripts.copy = copy;
        scripts.versions = if copy == 0 { versions } else { 5 };
        scripts.all();
    }
    let scripts = scripts.done;
    let mut trunk = Trunk {
        stream: Stream::new(),
        noise: Noise::new(seed),
        files: vec![Vec::new(); FILES],
        tip: None,
        remote: None,
        forks: BTreeMap::new(),
        marks: BTreeMap::new(),
    };
    trunk.play(&scripts, size);
    trunk.references();
    let Trunk { stream, marks, remote, forks, .. } = trunk;
    let remote = remote.unwrap();
    let tips = forks.into_values().chain([remote]).collect();
    let refs = Refs { ids: stream.run(repo), remote, tips };
    harvest(&scripts, &marks, &refs)
}

impl Trunk {
    /// Plays the steps of each script in their order, each at a place of its own.
    fn play(&mut self, scripts: &[Script], size: usize) {
        let mut due: BTreeMap<usize, Vec<(usize, Step)>> = BTreeMap::new();
        for (number, script) in scripts.iter().enumerate() {
            // What is pushed beside the trunk takes all with it that the trunk held before.
            let end = if matches!(script.steps[0], Step::Side(_, Some(_), _)) { size / 2 } else { size - 1 };
            let mut places: Vec<_> = script.steps.iter().map(|_| 1 + self.noise.below(end)).collect();
            places.sort_unstable();
            for (place, step) in places.into_iter().zip(&script.steps) {
                due.entry(place).or_default().push((number, step.clone()));
            }
        }
        self.attributes();
        for place in 1..=size {
            for (number, step) in due.remove(&place).unwrap_or_default() {
                let mark = self.step(step);
                self.marks.entry(number).or_default().push(mark);
            }
            self.ordinary();
            if place == size / 2 {
                self.remote = self.tip;
            }
        }
    }

    fn attributes(&mut self) {
        let text = "*.bin binary\n*.nodiff -diff\n*.driven diff=driver\n";
        self.commit(&Commit { changes: &[Change::file(".gitattributes", text)], ..Commit::default() });
    }

    fn commit(&mut self, commit: &Commit<'_>) -> Mark {
        let parents: Vec<_> = self.tip.into_iter().chain(commit.parents.iter().copied()).collect();
        let mark = self.stream.commit(&Commit { parents: &parents, ..commit.clone() });
        self.tip = Some(mark);
        mark
    }

    /// A commit that changes a line of a file. Now and then a clock is slow.
    fn ordinary(&mut self) {
        let change = self.change();
        let slow = if self.noise.below(20) == 0 { 5_000 } else { 0 };
        self.commit(&Commit { changes: &[change], slow, ..Commit::default() });
    }

    fn change(&mut self) -> Change {
        let which = self.noise.below(FILES);
        let words: Vec<_> = (0..8).map(|_| WORDS[self.noise.below(WORDS.len())]).collect();
        let line = format!("{} {}\n", words.join(" "), self.noise.next());
        let at = self.noise.below(LINES);
        let lines = &mut self.files[which];
        match lines.get_mut(at) {
            Some(old) => *old = line,
            None => lines.push(line),
        }
        Change::file(format!("src/{}/{which}.txt", which % 5), lines.concat())
    }

    fn step(&mut self, step: Step) -> Mark {
        match step {
            Step::Change(changes) => self.commit(&Commit { changes: &changes, ..Commit::default() }),
            Step::Merge(changes) => {
                let change = [Change::file("side/notes.txt", format!("{}\n", self.noise.next()))];
                let parents = [self.tip.unwrap()];
                let side = Commit { branch: "side", parents: &parents, changes: &change, ..Commit::default() };
                let side = self.stream.commit(&side);
                self.forks.insert("side".to_owned(), parents[0]);
                self.ordinary();
                let all: Vec<_> = change.into_iter().chain(changes).collect();
                self.commit(&Commit { parents: &[side], changes: &all, message: "merge", ..Commit::default() })
            }
            Step::Side(branch, remote, changes) => {
                let parents = [self.tip.unwrap()];
                let side = Commit { branch: &branch, parents: &parents, changes: &changes, ..Commit::default() };
                let mark = self.stream.commit(&side);
                self.forks.insert(branch.clone(), parents[0]);
                if let Some(remote) = remote {
                    self.stream.reference(&remote, mark);
                }
                mark
            }
            Step::Signed(message, author, committer) => {
                let change = [self.change()];
                let (message, author, committer) = (&*message, &*author, &*committer);
                self.commit(&Commit { changes: &change, message, author, committer, ..Commit::default() })
            }
        }
    }

    fn references(&mut self) {
        let remote = self.remote.unwrap();
        self.stream.reference("refs/remotes/origin/trunk", remote);
        self.stream.reference("refs/tags/light", remote);
        self.stream.tag("annotated", remote, "nothing of note");
    }
}

/// What leads to the commits of a trunk.
struct Refs {
    ids: Ids,
    remote: Mark,
    /// The commits of the trunk that the tips of other branches have all from.
    tips: Vec<Mark>,
}

impl Refs {
    /// Whether another tip has what was brought and taken away by these steps.
    fn hold(&self, found: &Yield, marks: &[Mark]) -> bool {
        let last_step = |tip: &Mark| marks.iter().rposition(|mark| mark <= tip);
        let holds = |step: usize| step >= found.first && found.removed.is_none_or(|end| step < end);
        self.tips.iter().filter_map(last_step).any(|step| holds(step) && found.away != Some(step))
    }
}

/// What there is to be found, now that the commits have ids.
fn harvest(scripts: &[Script], marks: &BTreeMap<usize, Vec<Mark>>, refs: &Refs) -> Grown {
    let ids = &refs.ids;
    let mut grown = Grown { plants: Vec::new(), names: BTreeMap::new() };
    for (number, script) in scripts.iter().enumerate() {
        let marks = &marks[&number];
        for (step, mark) in marks.iter().enumerate() {
            grown.names.insert(ids.of(*mark).to_owned(), format!("{}, step {step}", script.kind));
        }
        let mut plants: BTreeMap<&str, Plant> = BTreeMap::new();
        for found in &script.yields {
            let plant = plants.entry(&found.value).or_insert_with(|| Plant {
                kind: script.kind.to_owned(),
                value: found.value.clone(),
                rule: found.rule,
                kept: Kept::ByRefs,
                places: Vec::new(),
            });
            plant.places.push(place(found, script, marks, refs));
        }
        grown.plants.extend(plants.into_values());
    }
    grown
}

fn place(found: &Yield, script: &Script, marks: &[Mark], refs: &Refs) -> Place {
    let ids = &refs.ids;
    let (first, removed) = (marks[found.first], found.removed.map(|step| marks[step]));
    let (in_head, pushed) = match &script.steps[found.first] {
        Step::Side(_, remote, _) => (false, remote.is_some()),
        _ => (removed.is_none(), first <= refs.remote),
    };
    let is_message = found.origin == "message";
    Place {
        path: found.path.clone(),
        origin: found.origin.to_owned(),
        line: found.line.to_owned(),
        first: ids.of(first).to_owned(),
        removed: removed.filter(|_| !refs.hold(found, marks)).map_or(NONE, |mark| ids.of(mark)).to_owned(),
        // A message is not in HEAD in the sense in which a file is; who asks is told where it was pushed.
        in_head: if is_message { ANY.to_owned() } else { in_head.to_string() },
        pushed: pushed.to_string(),
        reach: "history".to_owned(),
        versions: found.versions.clone(),
        ..Place::new(&found.path, ANY)
    }
}
