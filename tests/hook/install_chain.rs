//! What was there before: it is kept, it runs, and it comes back.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::ground::{Ground, PROGRAM, things};
use crate::support::repo::Repo;

/// What pre-commit writes, in short: it calls what it has moved aside.
const MANAGER: &str =
    "#!/bin/sh\nhere=$(dirname \"$0\")\n[ ! -x \"$here/pre-commit.legacy\" ] || \"$here/pre-commit.legacy\" \"$@\"\n";

#[test]
fn both_hooks_must_pass_and_the_other_one_runs_first() {
    let ground = Ground::new();
    ground.script(".git/hooks/pre-commit", "#!/bin/sh\necho \"$# $0\" >>ran\n[ ! -e stop ] || exit 7\n");
    let said = ground.hooked(&["install"]);
    assert!(said.contains("pre-commit.before-barewire and runs first"), "{said}");
    ground.assert_guarded();
    assert_eq!(ground.read("ran").lines().count(), 2);
    ground.repo.file("stop", "");
    let output = ground.commits_in("", "3");
    assert_eq!(output.code, 1, "{output}");
    fs::remove_file(ground.repo.at("stop")).unwrap();
    assert_eq!(ground.commits_in("", "3").code, 0);
}

#[test]
fn what_an_earlier_hook_stages_is_checked() {
    let ground = Ground::new();
    let token = ground.repo.token();
    ground.repo.file("later.env", format!("A={token}\n"));
    ground.script(".git/hooks/pre-commit", "#!/bin/sh\ngit add later.env\n");
    ground.hooked(&["install"]);
    assert_ne!(ground.commits_in("", "2").code, 0);
}

#[test]
fn every_kind_of_hook_is_moved_as_it_is_and_comes_back_exactly() {
    let ground = Ground::new();
    let hooks = ground.repo.at(".git/hooks");
    fs::write(ground.repo.at(".git/outside"), "#!/bin/sh\n").unwrap();
    let kinds: [(&str, &dyn Fn()); 6] = [
        ("a script", &|| drop(ground.script(".git/hooks/pre-commit", "#!/bin/sh\nexit 0\n"))),
        ("no line of an interpreter", &|| drop(ground.script(".git/hooks/pre-commit", "exit 0\n"))),
        ("a program", &|| assert!(fs::copy("/bin/true", hooks.join("pre-commit")).unwrap() > 0)),
        ("a link", &|| {
            drop(ground.script(".git/hooks/linked", "#!/bin/sh\nexit 0\n"));
            symlink("linked", hooks.join("pre-commit")).unwrap();
        }),
        ("a link to nothing", &|| symlink("nowhere", hooks.join("pre-commit")).unwrap()),
        ("a file that git passes over", &|| fs::write(hooks.join("pre-commit"), "#!/bin/sh\nexit 1\n").unwrap()),
    ];
    for (kind, make) in kinds {
        make();
        let before = things(&hooks);
        ground.hooked(&["install"]);
        assert_ne!(things(&hooks), before, "{kind}");
        ground.assert_guarded();
        ground.hooked(&["uninstall"]);
        assert_eq!(things(&hooks), before, "{kind}");
        fs::remove_file(hooks.join("pre-commit")).unwrap();
    }
}

#[test]
fn what_git_tells_a_push_both_hooks_read_whole() {
    let ground = Ground::new();
    let server = ground.repo.beside("server");
    ground.repo.git(["init", "-q", "--bare", server.root().to_str().unwrap()]);
    ground.repo.git(["remote", "add", "origin", server.root().to_str().unwrap()]);
    ground.script(ground.bin.join("barewire"), "#!/bin/sh\necho \"$@\" >>ours\ncat >>ours\n[ ! -e stop ]\n");
    ground.script(".git/hooks/pre-push", "#!/bin/sh\necho hook run pre-push -- \"$@\" >>theirs\ncat >>theirs\n");
    let mut install = ground.repo.scrubbed(PROGRAM);
    assert!(install.args(["hook", "install", "--stage", "pre-push"]).status().unwrap().success());
    ground.repo.git(["branch", "other"]);
    let push = || ground.git(&["push", "-q", "origin", "trunk", "other"]);
    assert_eq!(push().code, 0);
    let told = ground.read("theirs");
    assert!(told.starts_with("hook run pre-push -- origin "), "{told}");
    assert_eq!(told.lines().count(), 3, "{told}");
    assert_eq!(ground.read("ours"), told);

    // One that reads nothing is no reason to fail, and what is told is not changed by a byte.
    ground.script(".git/hooks/pre-push.before-barewire", "#!/bin/sh\nexit 0\n");
    let mut input = b"no end \\n %s\n\n  \t\n\n".repeat(20_000);
    let feed = |input: &[u8]| {
        drop(fs::remove_file(ground.repo.at("ours")));
        let mut hook = ground.repo.scrubbed(ground.repo.at(".git/hooks/pre-push"));
        hook.env("PATH", format!("{}:/usr/bin:/bin", ground.bin.display()));
        let output = crate::support::repo::fed(&mut hook, input);
        assert!(output.code == 0 && output.stderr.is_empty(), "{output}");
        assert_eq!(fs::read(ground.repo.at("ours")).unwrap(), [b"hook run pre-push --\n", input].concat());
    };
    feed(&input);
    input.truncate(5);
    feed(&input);
    feed(b"");

    ground.repo.commit("b", "");
    ground.repo.file("stop", "");
    assert_ne!(push().code, 0);
}

#[test]
fn a_hook_that_is_in_the_way_is_not_overwritten() {
    let ground = Ground::new();
    ground.script(".git/hooks/pre-commit", "#!/bin/sh\n");
    ground.script(".git/hooks/pre-commit.before-barewire", "#!/bin/sh\n# kept\n");
    let before = things(&ground.repo.at(".git/hooks"));
    let output = ground.hook(["install"]);
    assert!(output.code == 2 && output.stderr.contains("is in the way"), "{output}");
    assert_eq!(things(&ground.repo.at(".git/hooks")), before);
}

#[test]
fn what_was_kept_comes_back_when_our_hook_is_gone_already() {
    let ground = Ground::new();
    ground.script(".git/hooks/pre-commit", "#!/bin/sh\n# kept\n");
    let before = things(&ground.repo.at(".git/hooks"));
    ground.hooked(&["install"]);
    fs::remove_file(ground.repo.at(".git/hooks/pre-commit")).unwrap();
    ground.hooked(&["uninstall"]);
    assert_eq!(things(&ground.repo.at(".git/hooks")), before);
}

#[test]
fn a_manager_that_moves_our_hook_makes_no_circle() {
    for had_manager in [false, true] {
        let ground = Ground::new();
        if had_manager {
            ground.script(".git/hooks/pre-commit", MANAGER);
        }
        ground.hooked(&["install", "--stage", "pre-commit"]);
        let hooks = ground.repo.at(".git/hooks");
        fs::rename(hooks.join("pre-commit"), hooks.join("pre-commit.legacy")).unwrap();
        ground.script(".git/hooks/pre-commit", MANAGER);
        ground.assert_guarded();
        let said = ground.hooked(&["install", "--stage", "pre-commit"]);
        assert!(said.contains("another tool moved barewire's hook to"), "{said}");
        let said = ground.hooked(&["status", "--stage", "pre-commit", "--run-others"]);
        assert!(said.contains("installed behind another tool's") && said.contains(", fires"), "{said}");
        ground.hooked(&["uninstall"]);
        let left: Vec<_> = fs::read_dir(&hooks).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        let left: Vec<_> = left.iter().filter(|name| !name.to_str().unwrap().ends_with(".sample")).collect();
        assert_eq!(left, ["pre-commit"], "{had_manager}");
        assert_eq!(ground.read(".git/hooks/pre-commit"), MANAGER);
    }
}

#[test]
fn a_hook_that_calls_ours_is_called_once() {
    let ground = Ground::new();
    let earlier = "#!/bin/sh\necho ran >>ran\nexec \"$(dirname \"$0\")/pre-commit\" \"$@\"\n";
    ground.script(".git/hooks/pre-commit", earlier);
    ground.hooked(&["install", "--stage", "pre-commit"]);
    ground.assert_guarded();
    assert_eq!(ground.read("ran").lines().count(), 2, "one for each commit");
}

#[test]
fn lefthook_is_known_by_its_hook() {
    let ground = Ground::over(Repo::new());
    ground.script(".git/hooks/pre-commit", "#!/bin/sh\ncall_lefthook() { :; }\ncall_lefthook run pre-commit \"$@\"\n");
    let said = ground.hooked(&["install", "--stage", "pre-commit"]);
    assert!(said.contains("lefthook.yml"), "{said}");
    assert!(ground.repo.at(".git/hooks/pre-commit.before-barewire").metadata().unwrap().permissions().mode() & 1 == 1);
}

#[test]
fn a_tool_that_puts_its_hook_back_is_chained_again() {
    let ground = Ground::new();
    let theirs = "#!/bin/sh\necho theirs >>ran\n";
    ground.script(".git/hooks/pre-commit", theirs);
    let before = things(&ground.repo.at(".git/hooks"));
    ground.hooked(&["install", "--stage", "pre-commit"]);
    ground.script(".git/hooks/pre-commit", theirs);
    ground.hooked(&["install", "--stage", "pre-commit"]);
    ground.assert_guarded();
    assert_eq!(ground.read("ran").lines().count(), 2);
    ground.script(".git/hooks/pre-commit", theirs);
    ground.hooked(&["uninstall"]);
    assert_eq!(things(&ground.repo.at(".git/hooks")), before);
}

#[test]
fn a_hook_that_only_begins_like_the_one_that_is_kept_is_another_one() {
    let ground = Ground::new();
    let long = |end: &str| format!("#!/bin/sh\n{}\n{end}\n", "#".repeat(70_000));
    ground.script(".git/hooks/pre-commit", &long("# old"));
    ground.hooked(&["install", "--stage", "pre-commit"]);
    ground.script(".git/hooks/pre-commit", &long("# new"));
    let before = things(&ground.repo.at(".git/hooks"));
    let output = ground.hook(["install", "--stage", "pre-commit"]);
    assert!(output.code == 2 && output.stderr.contains("is in the way"), "{output}");
    let said = ground.hooked(&["uninstall"]);
    assert!(said.contains("is another hook; the one that was there before is still "), "{said}");
    assert_eq!(things(&ground.repo.at(".git/hooks")), before);
}

#[test]
fn a_link_that_comes_back_is_known_by_where_it_leads() {
    let ground = Ground::new();
    let hook = ground.repo.at(".git/hooks/pre-commit");
    symlink("nowhere", &hook).unwrap();
    let before = things(&ground.repo.at(".git/hooks"));
    ground.hooked(&["install", "--stage", "pre-commit"]);
    fs::remove_file(&hook).unwrap();
    symlink("nowhere", &hook).unwrap();
    ground.hooked(&["install", "--stage", "pre-commit"]);
    ground.hooked(&["uninstall"]);
    assert_eq!(things(&ground.repo.at(".git/hooks")), before);
}

#[test]
fn installs_and_uninstalls_at_the_same_time_lose_no_hook() {
    let ground = Ground::new();
    ground.script(".git/hooks/pre-commit", "#!/bin/sh\n# theirs\n");
    let before = things(&ground.repo.at(".git/hooks"));
    for _ in 0..20 {
        let start = |command: &str| ground.repo.program(["hook", command, "--stage", "pre-commit"]).spawn().unwrap();
        let several = ["install", "uninstall", "uninstall", "install", "uninstall"].map(start);
        for mut one in several {
            assert!(one.wait().unwrap().success());
        }
        ground.hooked(&["uninstall"]);
        assert_eq!(things(&ground.repo.at(".git/hooks")), before);
    }
}

/// Whatever the moment at which a program looks: git finds one of the two.
#[test]
fn there_is_a_hook_at_every_moment_of_an_install() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let ground = Ground::new();
    let hook = ground.script(".git/hooks/pre-commit", "#!/bin/sh\n# theirs\n");
    let before = things(&ground.repo.at(".git/hooks"));
    let is_done = AtomicBool::new(false);
    let gaps = std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut gaps = 0;
            while !is_done.load(Ordering::Relaxed) {
                gaps += usize::from(fs::symlink_metadata(&hook).is_err());
            }
            gaps
        });
        for _ in 0..20 {
            let several: Vec<_> = (0..3)
                .map(|_| ground.repo.program(["hook", "install", "--stage", "pre-commit"]).spawn().unwrap())
                .collect();
            for mut one in several {
                assert!(one.wait().unwrap().success());
            }
            ground.hooked(&["uninstall"]);
            assert_eq!(things(&ground.repo.at(".git/hooks")), before);
        }
        is_done.store(true, Ordering::Relaxed);
        watch.join().unwrap()
    });
    assert_eq!(gaps, 0);
}
