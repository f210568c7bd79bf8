//! Which repository is meant, and where its parts lie.

use std::fs;
use std::path::PathBuf;

use barewire::git::{Environment, GitError, ObjectFormat, RefStorage, Repository};

use super::place::Place;

#[test]
fn a_repository_is_found_from_any_folder_of_it() {
    let place = Place::repository();
    place.file("a/b/c", "");
    for folder in ["", "a", "a/b"] {
        let repository = place.discover(folder).unwrap();
        assert_eq!(repository.git_dir(), place.at(".git"));
        assert_eq!(repository.common_dir(), place.at(".git"));
        assert_eq!(repository.work_tree(), Some(&*place.root));
        assert_eq!(repository.objects_dir(), place.at(".git/objects"));
        assert_eq!(repository.index_path(), place.at(".git/index"));
        assert_eq!((repository.format(), repository.ref_storage()), (ObjectFormat::Sha1, RefStorage::Files));
    }
    assert_eq!(place.discover(".git/refs").unwrap().work_tree(), None);
}

#[test]
fn a_bare_repository_is_found_even_without_a_configuration() {
    let place = Place::new();
    place.git("init -q --bare mirror.git");
    for _ in 0..2 {
        let repository = place.discover("mirror.git/objects").unwrap();
        assert_eq!((repository.git_dir(), repository.work_tree()), (&*place.at("mirror.git"), None));
        fs::remove_file(place.at("mirror.git/config")).unwrap_or_default();
    }
}

#[test]
fn linked_working_trees_and_submodules_are_found_through_their_file() {
    let place = Place::new();
    place.git("init -q -b trunk main");
    place.git_in("main", "commit -q --allow-empty -m one");
    place.git_in("main", "worktree add -q ../linked");
    place.file("linked/sub/x", "");
    let linked = place.discover("linked/sub").unwrap();
    assert_eq!(linked.git_dir(), place.at("main/.git/worktrees/linked"));
    assert_eq!(linked.common_dir(), place.at("main/.git"));
    assert_eq!(linked.objects_dir(), place.at("main/.git/objects"));
    assert_eq!(linked.index_path(), place.at("main/.git/worktrees/linked/index"));
    assert_eq!(linked.work_tree(), Some(&*place.at("linked")));

    place.git("init -q -b trunk outer");
    place.git_in("outer", "submodule --quiet add ../main inner");
    let inner = place.discover("outer/inner").unwrap();
    assert_eq!(inner.git_dir(), place.at("outer/.git/modules/inner"));
    assert_eq!(inner.work_tree(), Some(&*place.at("outer/inner")));
}

#[test]
fn other_forms_of_ids_and_refs_are_told_from_the_configuration() {
    let place = Place::new();
    place.git("init -q --object-format=sha256 long");
    assert_eq!(place.discover("long").unwrap().format(), ObjectFormat::Sha256);
    if place.try_git("", "init -q --ref-format=reftable tables").status.success() {
        assert_eq!(place.discover("tables").unwrap().ref_storage(), RefStorage::Reftable);
    }
    place.git("init -q strange");
    place.git_in("strange", "config core.repositoryFormatVersion 1");
    place.git_in("strange", "config extensions.tardis true");
    assert!(matches!(place.discover("strange"), Err(GitError::Form { .. })));
}

#[test]
fn no_repository_is_an_error_that_says_what_to_do() {
    let place = Place::new();
    let error = place.discover("").unwrap_err();
    assert_eq!(error, GitError::NoRepository { start: place.root.clone() });
    assert!(error.to_string().contains("run this inside one"));
    assert!(matches!(place.discover("absent"), Err(GitError::Hidden { .. })));
    place.file(".git", "gitdir: nowhere\n");
    assert!(matches!(place.discover(""), Err(GitError::Gone { .. })));
}

#[test]
fn a_repository_of_somebody_else_is_refused_with_the_remedy() {
    let place = Place::repository();
    for format in ["", "--object-format=sha256"] {
        let folder = format!("r{format}");
        place.git(format!("init -q {format} {folder}").replace("  ", " ").as_str());
        let given = std::process::Command::new("chown").args(["-R", "12345"]).arg(place.at(&folder)).output().unwrap();
        if given.status.success() {
            let error = place.discover(&folder).unwrap_err();
            let remedy = format!("git config --global --add safe.directory {}", place.at(&folder).display());
            assert!(error.to_string().contains(&remedy), "{error}");
        }
    }
}

#[test]
fn the_variables_of_a_hook_count() {
    let place = Place::repository();
    place.file("sub/x", "");
    let path = |name: &str| Some(PathBuf::from(name));
    let environment = Environment { index_file: path(".git/index.lock"), ..Environment::default() };
    let repository = Repository::discover(&place.at("sub"), &environment).unwrap();
    assert_eq!(repository.index_path(), place.at(".git/index.lock"));

    let environment = Environment { git_dir: path("../.git"), work_tree: path(".."), ..Environment::default() };
    let repository = Repository::discover(&place.at("sub"), &environment).unwrap();
    assert_eq!((repository.git_dir(), repository.work_tree()), (&*place.at(".git"), Some(&*place.root)));

    place.git("init -q --bare bare");
    let environment = Environment {
        git_dir: path("."),
        object_directory: path("./objects/incoming"),
        alternates: Some("./objects".into()),
        ..Environment::default()
    };
    let repository = Repository::discover(&place.at("bare"), &environment).unwrap();
    assert_eq!(repository.work_tree(), None);
    assert_eq!(repository.objects_dir(), place.at("bare/./objects/incoming"));
    assert_eq!(repository.alternates(), [place.at("bare/./objects")]);
}
