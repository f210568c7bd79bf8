//! Where hooks are written to: where git looks for them, and into nobody else's folder.

use std::fs;

use super::ground::{Ground, things};
use crate::support::repo::Repo;

#[test]
fn hooks_of_a_linked_working_tree_are_those_of_the_repository() {
    let ground = Ground::new();
    ground.repo.git(["worktree", "add", "-q", "../linked tree", "-b", "other"]);
    let output = ground.hook_in("../linked tree", ["install"]);
    assert_eq!(output.code, 0, "{output}");
    assert!(ground.repo.at(".git/hooks/pre-commit").is_file());
    ground.assert_guarded_in("../linked tree");
    ground.assert_guarded();
    let output = ground.hook_in("../linked tree", ["status", "--stage", "pre-commit"]);
    assert!(output.code == 0 && output.stdout.contains("installed, fires"), "{output}");
}

#[test]
fn a_folder_below_the_top_will_do() {
    let ground = Ground::new();
    ground.repo.file("sub/deep/x", "");
    assert_eq!(ground.hook_in("sub/deep", ["install"]).code, 0);
    ground.assert_guarded();
    let output = ground.hook_in("sub/deep", ["status", "--stage", "pre-commit"]);
    assert!(output.code == 0 && output.stdout.contains("installed, fires"), "{output}");
}

#[test]
fn a_submodule_has_hooks_of_its_own() {
    let ground = Ground::new();
    let module = ground.repo.beside("module");
    module.git(["init", "-q", "-b", "trunk"]);
    module.commit("x", "1\n");
    ground.repo.git(["submodule", "--quiet", "add", module.root().to_str().unwrap(), "mod"]);
    assert_eq!(ground.hook_in("mod", ["install"]).code, 0);
    assert!(ground.repo.at(".git/modules/mod/hooks/pre-commit").is_file());
    assert!(!ground.repo.at(".git/hooks/pre-commit").exists());
    ground.assert_guarded_in("mod");
    let output = ground.hook_in("mod", ["status", "--stage", "pre-commit"]);
    assert!(output.code == 0 && output.stdout.contains("installed, fires"), "{output}");
}

#[test]
fn a_bare_repository_is_guarded_where_it_receives() {
    let ground = Ground::over(Repo::init(&["--bare"]));
    let said = ground.hooked(&["install"]);
    assert!(said.starts_with("pre-receive: installed at ") && said.lines().count() == 1, "{said}");
    assert!(ground.repo.at("hooks/pre-receive").is_file());
    assert!(!ground.read("hooks/pre-receive").contains("--no-verify"));
}

#[test]
fn a_repository_that_the_environment_names_is_meant() {
    let ground = Ground::new();
    let elsewhere = Repo::folder();
    let mut install = elsewhere.program(["hook", "install"]);
    install.env("GIT_DIR", ground.repo.at(".git")).env("GIT_WORK_TREE", ground.repo.root());
    assert!(install.status().unwrap().success());
    ground.assert_guarded();
}

#[test]
fn a_folder_that_only_this_repository_names_is_written_to() {
    let ground = Ground::new();
    let outside = ground.repo.beside("out side");
    let below_home = ground.home().join("own hooks");
    fs::create_dir(&below_home).unwrap();
    fs::create_dir(ground.repo.at(".git/more")).unwrap();
    for (named, folder) in [
        (outside.root().to_str().unwrap(), outside.root().to_owned()),
        ("~/own hooks", below_home),
        (".git/more", ground.repo.at(".git/more")),
        ("../new", ground.repo.at("../new")),
    ] {
        ground.repo.git(["config", "core.hooksPath", named]);
        ground.hooked(&["install"]);
        assert!(folder.join("pre-commit").is_file(), "{named}");
        assert!(!ground.repo.at(".git/hooks/pre-commit").exists(), "{named}");
        ground.assert_guarded();
        ground.hooked(&["uninstall"]);
        assert!(!folder.join("pre-commit").exists(), "{named}");
    }
    assert!(!ground.repo.at("../new").exists());
}

#[test]
fn a_folder_of_the_project_is_not_written_to() {
    let ground = Ground::new();
    for (named, words) in [
        (".githooks", "/.githooks/pre-commit: barewire hook run pre-commit -- \"$@\""),
        ("none/yet", "none/yet/pre-push: barewire hook run pre-push -- \"$@\""),
        (".husky/_", "/.husky/pre-commit: barewire hook run pre-commit -- \"$@\""),
        (".", "/pre-commit: barewire hook run"),
    ] {
        if !named.starts_with("none") {
            fs::create_dir_all(ground.repo.at(named)).unwrap();
        }
        ground.repo.git(["config", "core.hooksPath", named]);
        let before = things(ground.repo.root());
        let output = ground.hook(["install"]);
        assert_eq!(output.code, 2, "{output}");
        assert!(output.stderr.contains("nothing was written") && output.stderr.contains(words), "{output}");
        assert_eq!(things(ground.repo.root()), before, "{named}");
    }
    // A link leads there as well.
    ground.repo.git(["config", "--unset", "core.hooksPath"]);
    fs::remove_dir_all(ground.repo.at(".git/hooks")).unwrap();
    std::os::unix::fs::symlink("../.githooks", ground.repo.at(".git/hooks")).unwrap();
    assert_eq!(ground.hook(["install"]).code, 2);
}

#[test]
fn the_line_that_is_said_for_a_folder_of_the_project_guards_it() {
    let ground = Ground::new();
    ground.repo.git(["config", "core.hooksPath", ".githooks"]);
    let output = ground.hook(["install", "--stage", "pre-commit"]);
    let line = output.stderr.lines().find_map(|line| line.split_once("pre-commit: ")).unwrap().1;
    ground.script(".githooks/pre-commit", &format!("#!/bin/sh\n{line}\n"));
    ground.assert_guarded();
    let said = ground.hooked(&["status", "--stage", "pre-commit", "--run-others"]);
    assert!(said.contains("a hook that is not barewire's, fires"), "{said}");
}

#[test]
fn a_folder_for_many_repositories_is_not_written_to() {
    let ground = Ground::new();
    let shared = ground.repo.beside("shared");
    assert_eq!(ground.git(&["config", "--global", "core.hooksPath", shared.root().to_str().unwrap()]).code, 0);
    let output = ground.hook(["install"]);
    assert!(output.code == 2 && output.stderr.contains("names it for all your repositories"), "{output}");
    assert_eq!(fs::read_dir(shared.root()).unwrap().count(), 0);
}

#[test]
fn a_folder_where_git_finds_nothing_is_said() {
    let ground = Ground::new();
    for (named, words) in [("/dev/null", "which is no folder, so git finds none"), ("", "is set to nothing")] {
        ground.repo.git(["config", "core.hooksPath", named]);
        let output = ground.hook(["install"]);
        assert!(output.code == 2 && output.stderr.contains(words), "{output}");
    }
}

#[test]
fn a_folder_that_a_link_out_of_the_repository_leads_to_is_not_written_to() {
    let ground = Ground::new();
    let shared = ground.repo.beside("shared");
    fs::remove_dir_all(ground.repo.at(".git/hooks")).unwrap();
    std::os::unix::fs::symlink(shared.root(), ground.repo.at(".git/hooks")).unwrap();
    let output = ground.hook(["install"]);
    assert!(output.code == 2 && output.stderr.contains("is a link out of the repository"), "{output}");
    assert_eq!(fs::read_dir(shared.root()).unwrap().count(), 0);

    fs::create_dir(ground.repo.at(".git/real")).unwrap();
    fs::remove_file(ground.repo.at(".git/hooks")).unwrap();
    std::os::unix::fs::symlink("real", ground.repo.at(".git/hooks")).unwrap();
    ground.hooked(&["install"]);
    ground.assert_guarded();
}

#[test]
fn where_hooks_are_switched_off_there_are_none_and_ours_can_still_be_taken_out() {
    let ground = Ground::new();
    let before = things(&ground.repo.at(".git/hooks"));
    for named in ["/dev/null", ""] {
        ground.hooked(&["install"]);
        ground.repo.git(["config", "core.hooksPath", named]);
        // A file of the project with the name of a hook is none.
        ground.script("pre-commit", &ground.read(".git/hooks/pre-commit"));
        let output = ground.hook(["status"]);
        assert!(output.code == 3 && output.stderr.is_empty() && !output.stdout.contains("fires"), "{output}");
        ground.hooked(&["uninstall"]);
        assert_eq!(things(&ground.repo.at(".git/hooks")), before, "{named:?}");
        ground.repo.git(["config", "--unset", "core.hooksPath"]);
    }
}

#[test]
fn a_folder_with_two_names_is_emptied_once() {
    let ground = Ground::new();
    ground.script(".git/hooks/pre-commit", "#!/bin/sh\n# theirs\n");
    let before = things(&ground.repo.at(".git/hooks"));
    std::os::unix::fs::symlink(ground.repo.root(), ground.repo.at("../link")).unwrap();
    let linked = ground.repo.at("../link/.git/hooks");
    for named in [linked.to_str().unwrap(), ".git/../.git/hooks"] {
        ground.repo.git(["config", "core.hooksPath", named]);
        ground.hooked(&["install"]);
        ground.hooked(&["uninstall"]);
        assert_eq!(things(&ground.repo.at(".git/hooks")), before, "{named}");
    }
}

#[test]
fn hooks_from_before_another_folder_was_named_are_taken_out_as_well() {
    let ground = Ground::new();
    let before = things(&ground.repo.at(".git/hooks"));
    ground.hooked(&["install"]);
    ground.repo.git(["config", "core.hooksPath", ".githooks"]);
    ground.hooked(&["uninstall"]);
    assert_eq!(things(&ground.repo.at(".git/hooks")), before);
}
