//! The lives of values in a repository, in words.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use barewire::git::odb::{Body, Limits, Object, Visitor};
use barewire::git::{
    Coverage, Environment, Group, History, Kind, Life, Moment, ObjectId, Reach, Repository, Story, Verdict,
};

use super::place::Place;

/// What is told of the life of one value.
pub(super) struct Telling {
    pub(super) life: Life,
    pub(super) coverage: Coverage,
    /// The whole first, then each place; commits are called by the last line of their messages.
    pub(super) words: Vec<String>,
}

/// Tells the life of `value`, which stands in objects and names of the repository in `folder`.
pub(super) fn tell(place: &Place, folder: &str, value: &str) -> Telling {
    tell_with(place, folder, value, &Environment::default())
}

/// The lines that [`tell`] tells.
pub(super) fn words(place: &Place, value: &str) -> Vec<String> {
    tell(place, "", value).words
}

pub(super) fn tell_with(place: &Place, folder: &str, value: &str, environment: &Environment) -> Telling {
    let repository = Repository::discover(&place.at(folder), environment).unwrap();
    let store = repository.open_store().unwrap();
    let mut history = History::open(&repository, &store, 2).unwrap();
    let found = Mutex::new(Vec::new());
    let limits = Limits { most: 1 << 20, stream: 1 << 20 };
    history.contents(limits, &|| Box::new(Finder { value, found: &found }));
    let mut objects = found.into_inner().unwrap();
    objects.sort_unstable();
    let names = Mutex::new(Vec::new());
    let connections = history.trees(&objects, &|name| {
        let is_it = memchr::memmem::find(name, value.as_bytes()).is_some();
        names.lock().unwrap().push(name.to_vec());
        if is_it { Verdict::Traced } else { Verdict::Ordinary }
    });
    let mut names = names.into_inner().unwrap();
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count, "each name is judged once");
    let names = names.iter().filter_map(|name| connections.name(name)).collect();
    let life = history.lives(&connections, &[Group { objects, names }]).remove(0);
    let known: RefCell<BTreeMap<ObjectId, String>> = RefCell::default();
    let message = |moment: &Option<Moment>| {
        let Some(Moment { commit, .. }) = moment else { return "-".to_owned() };
        let text = || place.git_in(folder, &format!("cat-file -p {commit}")).lines().last().unwrap().to_owned();
        known.borrow_mut().entry(*commit).or_insert_with(text).clone()
    };
    let mut lines = vec![in_words(&life.whole, life.reach, &message)];
    lines.extend(life.places.iter().map(|place| {
        let path = String::from_utf8_lossy(&place.path);
        format!("{path}: {}", in_words(&place.story, place.reach, &message))
    }));
    Telling { life, coverage: history.coverage(), words: lines }
}

fn in_words(story: &Story, reach: Reach, message: &dyn Fn(&Option<Moment>) -> String) -> String {
    let mut words = match reach {
        Reach::History => format!("{}..{}", message(&story.first), message(&story.last)),
        Reach::Index => "index".to_owned(),
        Reach::Unreachable => format!("unreachable {}..{}", message(&story.first), message(&story.last)),
    };
    if story.removed.is_some() {
        write!(words, ", gone in {}", message(&story.removed)).unwrap();
    }
    if story.in_head {
        words += ", in head";
    } else if !story.held_by.is_empty() {
        let holders: Vec<_> = story.held_by.iter().map(|name| String::from_utf8_lossy(name)).collect();
        write!(words, ", still in {}", holders.join(" ")).unwrap();
    }
    if story.in_index && reach != Reach::Index && !story.in_head {
        words += ", staged";
    }
    for (how, refs) in [("on", &story.branches), ("tagged", &story.tags), ("at", &story.remotes)] {
        if !refs.is_empty() {
            let refs: Vec<_> = refs.iter().map(|name: &Arc<[u8]>| String::from_utf8_lossy(name)).collect();
            write!(words, ", {how} {}", refs.join(" ")).unwrap();
        }
    }
    if story.versions > 1 {
        write!(words, ", {} versions", story.versions).unwrap();
    }
    words
}

struct Finder<'a> {
    value: &'a str,
    found: &'a Mutex<Vec<Object>>,
}

impl Visitor for Finder<'_> {
    fn visit(&mut self, object: Object, kind: Kind, body: Body<'_>) {
        assert_ne!(kind, Kind::Tree);
        let Body::Whole(bytes) = body else { return };
        if memchr::memmem::find(bytes, self.value.as_bytes()).is_some() {
            self.found.lock().unwrap().push(object);
        }
    }
}
