//! Little that becomes much: what must not take all memory, all time, or all of the stack.
#![cfg(target_os = "linux")]

use std::fs;

use super::{assert_incomplete, assert_named};
use crate::support::repo::pack::{self, Stored, copy, delta};
use crate::support::repo::{Repo, Report, leak};

/// What a scan may take in addresses. Its threads and its code take some hundred megabytes of them.
const MOST: &str = "1500000";

/// A repository with a commit that leads to `blob`.
fn leading_to(repo: &Repo, blob: &str) {
    // Git looks at what goes into a tree if it is asked to make one, and never comes back from a circle.
    let tree = pack::tree(&[("100644", "bomb.env", blob)]);
    let tree = repo.feed(["hash-object", "-t", "tree", "-w", "--stdin"], &tree);
    let commit = repo.git(["commit-tree", "-m", "bomb", &tree]);
    repo.git(["update-ref", "refs/heads/bomb", &commit]);
}

/// What a scan says that gets no more than [`MOST`].
fn bounded(repo: &Repo, args: &str) -> Report {
    let program = env!("CARGO_BIN_EXE_barewire");
    let mut command = repo.scrubbed("sh");
    let script = format!("ulimit -v {MOST}; exec {program:?} {args} --show-secrets -f json");
    let output = crate::support::repo::fed(command.args(["-c", &script]), b"");
    Report::read(output, args)
}

fn assert_defused(repo: &Repo, id: &str, what: &str) {
    leading_to(repo, id);
    for jobs in ["1", "4"] {
        let report = bounded(repo, &format!("history -j {jobs}"));
        assert_eq!((report.code(), report.is_complete()), (3, false), "{what}: {report}");
        assert_named(&report, &id[..7]);
    }
}

#[test]
fn a_delta_that_makes_gigabytes_is_not_followed() {
    let repo = Repo::new();
    repo.commit("a", "one\n");
    let base = vec![b'x'; 1 << 16];
    let times = 5 << 14;
    let bomb = delta(1 << 16, times << 16, &copy(0, 1 << 16).repeat(usize::try_from(times).unwrap()));
    assert!(bomb.len() < 1 << 20);
    let ids = pack::add(&repo, "bomb", &[Stored::Blob(base), Stored::After(1, bomb)]);
    assert_defused(&repo, &ids[1], "a delta");
}

#[test]
fn a_chain_of_deltas_whose_sizes_multiply_is_not_followed() {
    let repo = Repo::new();
    repo.commit("a", "one\n");
    let mut objects = vec![Stored::Blob(vec![b'x'; 1 << 10])];
    for level in 0..12_u32 {
        let (from, commands) = (1_u64 << (10 + 4 * level), copy(0, 1 << (10 + 4 * level).min(23)).repeat(16));
        objects.push(Stored::After(1, delta(from, from << 4, &commands)));
    }
    let ids = pack::add(&repo, "chain", &objects);
    assert_defused(&repo, ids.last().unwrap(), "a chain");
}

#[test]
fn a_size_that_only_is_claimed_takes_no_memory() {
    let repo = Repo::new();
    repo.commit("a", "one\n");
    let small = |to| delta(4, to, &copy(0, 4));
    let objects = [
        Stored::Blob(b"base".to_vec()),
        Stored::After(1, small(u64::MAX)),
        Stored::After(2, small(1 << 40)),
        Stored::After(3, delta(u64::MAX, 4, &copy(0, 4))),
        Stored::After(4, delta(4, 4, &copy(u32::MAX, 4))),
        Stored::After(5, delta(4, 4, &[0])),
        Stored::After(6, delta(4, 4, &[0x7f, 1, 2])),
        Stored::After(7, vec![0x80; 30]),
        Stored::After(8, Vec::new()),
    ];
    let ids = pack::add(&repo, "claims", &objects);
    for id in &ids[1..] {
        assert_defused(&repo, id, "a claim");
    }
}

#[test]
fn deltas_that_lead_nowhere_or_in_a_circle_are_named() {
    let repo = Repo::new();
    repo.commit("a", "one\n");
    let change = || delta(4, 4, &copy(0, 4));
    let objects = [
        Stored::Of(pack::id("circle", 1), change()),
        Stored::Of(pack::id("circle", 0), change()),
        Stored::Of(pack::id("circle", 2), change()),
        Stored::Of("1234567890123456789012345678901234567890".to_owned(), change()),
        Stored::Back(0, change()),
        Stored::Back(5, change()),
        Stored::Back(1 << 60, change()),
    ];
    let ids = pack::add(&repo, "circle", &objects);
    for id in &ids {
        assert_defused(&repo, id, "a circle");
    }
}

fn assert_followed(deltas: usize) {
    let repo = Repo::new();
    repo.commit("a", "one\n");
    let token = repo.token();
    let text = leak(&token).into_bytes();
    let len = text.len() as u64;
    let same = delta(len, len, &copy(0, u32::try_from(len).unwrap()));
    let mut objects = vec![Stored::Blob(text)];
    objects.extend((0..deltas).map(|_| Stored::After(1, same.clone())));
    let ids = pack::add(&repo, "long", &objects);
    leading_to(&repo, ids.last().unwrap());
    for jobs in ["1", "4"] {
        let report = bounded(&repo, &format!("history -j {jobs}"));
        assert_eq!(report.tokens(), [format!("bomb.env {token}")], "{report}");
        assert!(report.is_complete(), "{report}");
    }
}

/// A chain is as long as its writer wants it to be. Git itself makes none that is longer than 4,095.
#[test]
fn a_long_chain_of_deltas_is_followed_to_its_end() {
    assert_followed(4_500);
}

#[test]
#[ignore = "it takes minutes in a build for development"]
fn a_chain_of_30000_deltas_is_followed_to_its_end() {
    assert_followed(30_000);
}

/// Deltas of an object in another pack, as a thin pack has them.
#[test]
fn a_delta_of_an_object_in_another_pack_is_read() {
    let repo = Repo::new();
    let token = repo.token();
    let text = format!("one\n{}", leak(&token));
    repo.commit("a", &text);
    let base = repo.git(["rev-parse", "HEAD:a"]);
    let other = repo.token();
    let added = leak(&other);
    let mut commands = copy(0, 4);
    commands.push(u8::try_from(added.len()).unwrap());
    commands.extend(added.as_bytes());
    let to = 4 + added.len() as u64;
    let ids = pack::add(&repo, "thin", &[Stored::Of(base, delta(text.len() as u64, to, &commands))]);
    leading_to(&repo, &ids[0]);
    let report = repo.report(["history"]);
    assert_eq!(report.tokens(), [format!("a {token}"), format!("bomb.env {other}")], "{report}");
    assert!(report.is_complete(), "{report}");
}

#[test]
fn a_blob_that_is_too_large_is_named() {
    let repo = Repo::new();
    let [small, end] = [(); 2].map(|()| repo.token());
    repo.commit("small.env", leak(&small));
    repo.file("large.bin", format!("{}{}", "nothing of note\n".repeat(2 << 20), leak(&end)));
    repo.git(["add", "large.bin"]);
    repo.git(["commit", "-q", "-m", "large"]);
    for form in ["loose", "packed"] {
        let report = bounded(&repo, "history --max-file-size 1MB");
        assert_eq!((report.code(), report.is_complete()), (1, false), "{form}: {report}");
        assert_eq!(report.tokens(), [format!("small.env {small}")], "{form}: {report}");
        assert_eq!(report.covered("oversize"), 1, "{form}: {report}");
        assert_named(&report, "oversize");
        assert!(report.problems().iter().any(|problem| problem.contains("large.bin")), "{form}: {report}");
        let report = bounded(&repo, "history --max-file-size 100MB");
        assert_eq!(report.tokens(), [format!("large.bin {end}"), format!("small.env {small}")], "{form}: {report}");
        assert!(report.is_complete(), "{form}: {report}");
        repo.git(["gc", "-q"]);
    }
    fs::write(repo.at("small.env"), "").unwrap();
    repo.git(["commit", "-q", "-a", "-m", "gone"]);
}

#[test]
fn a_large_blob_in_the_index_alone_is_named() {
    let repo = Repo::new();
    repo.commit("a", "one\n");
    repo.file("large.bin", "nothing of note\n".repeat(1 << 17)).git(["add", "large.bin"]);
    for command in ["staged", "changes", "history"] {
        let report = bounded(&repo, &format!("{command} --max-file-size 1MB"));
        assert_eq!((report.code(), report.is_complete()), (3, false), "{command}: {report}");
        assert_named(&report, "large.bin");
    }
}

#[test]
#[ignore = "it writes 3 GB"]
fn a_blob_of_3_gigabytes_is_survived() {
    let repo = Repo::new();
    let [start, end] = [(); 2].map(|()| repo.token());
    repo.file("huge.bin", leak(&start));
    let file = fs::File::options().write(true).open(repo.at("huge.bin")).unwrap();
    file.set_len(3 << 30).unwrap();
    let path = repo.at("huge.bin");
    let mut append = fs::File::options().append(true).open(path).unwrap();
    std::io::Write::write_all(&mut append, leak(&end).as_bytes()).unwrap();
    repo.git(["config", "core.bigFileThreshold", "100m"]);
    repo.git(["add", "huge.bin"]);
    repo.git(["commit", "-q", "-m", "huge"]);
    fs::remove_file(repo.at("huge.bin")).unwrap();
    let report = bounded(&repo, "history");
    assert!(matches!(report.code(), 1 | 3), "{report}");
    assert!(!report.is_complete(), "{report}");
    let report = bounded(&repo, "history --max-file-size 10GB");
    assert_eq!(report.tokens().len(), 2, "{report}");
    assert!(report.is_complete(), "{report}");
    assert_incomplete(&repo, "3 GB");
}

#[test]
fn a_long_chain_that_leads_to_damage_twice_does_not_take_the_square_of_its_length() {
    const LEN: usize = 30_000;
    let repo = Repo::new();
    repo.commit("a", "one\n");
    let mut objects = vec![Stored::Blob(vec![b'x'; 64])];
    objects.extend((0..LEN).map(|_| Stored::After(1, delta(64, 64, &copy(0, 64)))));
    pack::add(&repo, "chain", &objects);
    let folder = repo.at(".git/objects/pack");
    let mut data = fs::read(folder.join("pack-chain.pack")).unwrap();
    // The root of the chain, in the pack and in its copy.
    data[20] ^= 0xff;
    for name in ["chain", "other"] {
        fs::write(folder.join(format!("pack-{name}.pack")), &data).unwrap();
    }
    fs::copy(folder.join("pack-chain.idx"), folder.join("pack-other.idx")).unwrap();
    let start = std::time::Instant::now();
    let report = repo.report(["history", "--unreachable"]);
    assert_eq!((report.code(), report.covered("damaged")), (3, LEN as u64 + 1), "{}", report.output.stderr);
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
