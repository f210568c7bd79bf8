//! Histories that nobody thought of: what is reported of them is what the oracle says.

use std::collections::BTreeMap;

use super::forms;
use super::oracle::Oracle;
use crate::support::repo::plant::{ANY, Kept, Plant, TOKEN, differences};
use crate::support::repo::stream::{Change, Commit, Mark, Stream};
use crate::support::repo::{Repo, leak};
use crate::support::template::Noise;

const PATHS: [&str; 6] = ["a.env", "b.env", "c/a.env", "c/d/a.env", "c/d/e.env", "f/a.env"];

/// A commit with what it holds.
#[derive(Clone)]
struct Version {
    mark: Mark,
    files: BTreeMap<&'static str, Vec<usize>>,
}

/// A file with these values, one of several ways.
fn text(values: &[usize], tokens: &[String], noise: &mut Noise) -> Vec<u8> {
    let mut text = format!("{}\n", "nothing of note\n".repeat(noise.below(9)));
    for &value in values {
        text.push_str(&leak(&tokens[value]));
    }
    format!("{text}{}\n", noise.next() % 7).into_bytes()
}

/// Changes what a commit holds: values come, go and move; files are copied and go.
fn mutate(files: &mut BTreeMap<&'static str, Vec<usize>>, values: usize, noise: &mut Noise) {
    for _ in 0..=noise.below(3) {
        let (path, value) = (PATHS[noise.below(PATHS.len())], noise.below(values));
        let held = files.entry(path).or_default();
        match noise.below(6) {
            0 | 1 if !held.contains(&value) => held.push(value),
            2 => held.retain(|other| *other != value),
            3 => held.clear(),
            4 => drop(files.remove(path)),
            _ => {
                let other = files.values().nth(noise.below(files.len())).cloned().unwrap_or_default();
                files.insert(path, other);
            }
        }
    }
}

/// A history of `size` commits, of which a third are merges.
fn make(repo: &Repo, seed: u64, size: usize, tokens: &[String]) {
    let mut noise = Noise::new(seed);
    let mut stream = Stream::new();
    let mut versions: Vec<Version> = Vec::new();
    for number in 0..size {
        let pick = |noise: &mut Noise| versions.len().saturating_sub(1 + noise.below(versions.len().clamp(1, 8)));
        let parents: Vec<usize> = match (versions.len(), noise.below(12)) {
            (0, _) | (3.., 0) => vec![],
            (4.., 1..4) => {
                let mut parents: Vec<_> = (0..2 + noise.below(2)).map(|_| pick(&mut noise)).collect();
                parents.dedup();
                parents.sort_unstable();
                parents.dedup();
                parents
            }
            _ => vec![pick(&mut noise)],
        };
        let mut files = parents.first().map(|&parent| versions[parent].files.clone()).unwrap_or_default();
        for &parent in parents.iter().skip(1) {
            files.extend(versions[parent].files.clone());
        }
        if parents.len() < 2 || noise.below(3) == 0 {
            mutate(&mut files, tokens.len(), &mut noise);
        }
        let mut changes = vec![Change::Delete(String::new())];
        changes.extend(files.iter().map(|(path, values)| Change::file(*path, text(values, tokens, &mut noise))));
        changes.push(Change::file("number", format!("{number}\n")));
        let marks: Vec<_> = parents.iter().map(|&parent| versions[parent].mark).collect();
        let branch = format!("branch-{number}");
        let mark = stream.commit(&Commit { branch: &branch, parents: &marks, changes: &changes, ..Commit::default() });
        versions.push(Version { mark, files });
    }
    stream.reference("refs/heads/trunk", versions[size - 1].mark);
    stream.reference("refs/remotes/origin/trunk", versions[size / 2].mark);
    stream.run(repo);
}

/// Fails unless a random history is told as the oracle tells it; gives back how many places there were to tell of.
fn assert_as_the_oracle_says(seed: u64, size: usize) -> usize {
    let repo = Repo::new();
    let tokens: Vec<_> = (0..5).map(|_| repo.token()).collect();
    make(&repo, seed, size, &tokens);
    let oracle = Oracle::new(&repo, &tokens);
    let plant = |(number, token): (usize, &String)| {
        let mut places = oracle.places(number);
        for place in &mut places {
            ANY.clone_into(&mut place.line);
        }
        let (kind, value) = (format!("value {number}"), token.clone());
        Plant { kind, value, rule: TOKEN, kept: Kept::ByRefs, places }
    };
    let plants: Vec<_> = tokens.iter().enumerate().map(plant).collect();
    let names = BTreeMap::new();
    for (what, form) in [forms::ALL[0], forms::ALL[3]] {
        form(&repo);
        let report = repo.report(["history"]);
        let differences = differences(&report, &plants, &names);
        assert!(differences.is_empty(), "seed {seed}, {size} commits, {what}:\n{differences}{}", graph(&repo));
        assert!(report.is_complete(), "{report}");
    }
    plants.iter().map(|plant| plant.places.len()).sum()
}

/// The history as people read it.
fn graph(repo: &Repo) -> String {
    repo.git(["log", "--all", "--topo-order", "--graph", "--format=%h %ct %D"])
}

#[test]
fn small_random_histories_have_the_lives_that_the_oracle_sees() {
    let places: usize = (0..25).map(|seed| assert_as_the_oracle_says(seed, 12)).sum();
    assert!(places > 100, "{places}");
}

#[test]
fn larger_random_histories_have_the_lives_that_the_oracle_sees() {
    let places: usize = (100..105).map(|seed| assert_as_the_oracle_says(seed, 120)).sum();
    assert!(places > 100, "{places}");
}

#[test]
#[ignore = "it takes minutes in a build for development"]
fn many_random_histories_have_the_lives_that_the_oracle_sees() {
    let size = |seed| 10 + usize::try_from(seed % 60).unwrap();
    let places: usize = (1_000..1_400).map(|seed| assert_as_the_oracle_says(seed, size(seed))).sum();
    assert!(places > 2_000, "{places}");
}
