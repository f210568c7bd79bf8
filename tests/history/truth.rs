//! Every value that was planted is reported exactly once, with its life, and nothing else is; however the repository is
//! stored.

use std::collections::BTreeMap;

use super::oracle::Oracle;
use crate::support::repo::plant::{ANY, Kept, Place, Plant};
use crate::support::repo::truth::Truth;

/// Fails where what is expected of the planted values is not what git says itself.
fn assert_agrees_with_git(truth: &Truth) {
    let is_blob = |plant: &&Plant| {
        let places = &plant.places;
        plant.kept != Kept::ByNothing && places.iter().all(|place| place.origin == "blob" && place.path != ANY)
    };
    let plants: Vec<_> = truth.plants.iter().filter(is_blob).collect();
    let values: Vec<_> = plants.iter().map(|plant| plant.value.clone()).collect();
    let oracle = Oracle::new(&truth.repo, &values);
    for (value, plant) in plants.iter().enumerate() {
        let known = |place: &Place| (place.path.clone(), place.clone());
        let mut places: BTreeMap<_, _> = oracle.places(value).iter().map(known).collect();
        for place in &plant.places {
            let Some(mut found) = places.remove(&place.path) else { panic!("{}: not at {}", plant.kind, place.path) };
            found.line.clone_from(&place.line);
            if place.versions == ANY {
                found.versions.clone_from(&place.versions);
            }
            assert_eq!(&found, place, "{}", plant.kind);
        }
        assert!(places.is_empty(), "{}: {places:?}", plant.kind);
    }
}

#[test]
fn what_is_expected_of_planted_values_is_what_git_says() {
    for (seed, size) in [(1, 10), (2, 1_000)] {
        assert_agrees_with_git(&Truth::plant(seed, size, &[]));
    }
}
