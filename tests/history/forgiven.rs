//! A comment forgives one place, and not the value wherever else it stands.

use crate::support::repo::Repo;

#[test]
fn a_value_that_is_forgiven_in_one_line_is_found_in_the_next() {
    let repo = Repo::new();
    repo.commit("b", "b\n");
    let token = repo.token();
    repo.commit("a", format!("x={token} # barewire:allow\ny={token}\n"));
    for args in [&["history"][..], &["history", "--range", "HEAD~1.."]] {
        let report = repo.report(args);
        assert_eq!((report.code(), report.tokens()), (1, vec![format!("a {token}")]), "{report}");
    }
}

#[test]
fn a_comment_that_a_later_commit_takes_away_forgives_nothing() {
    let repo = Repo::new();
    repo.commit("b", "b\n");
    let token = repo.token();
    repo.commit("a", format!("x={token} # barewire:allow\n"));
    repo.commit("a", format!("y={token}\n"));
    for args in [&["history"][..], &["history", "--range", "HEAD~2.."]] {
        let report = repo.report(args);
        assert_eq!((report.code(), report.tokens()), (1, vec![format!("a {token}")]), "{report}");
    }
}

#[test]
fn what_a_comment_forgives_later_is_still_there() {
    let repo = Repo::new();
    let (token, other) = (repo.token(), repo.token());
    let first = repo.commit("a", format!("x={token}\n"));
    repo.commit("b", format!("x={other} # barewire:allow\n"));
    let last = repo.commit("a", format!("x={token} # barewire:allow: it is revoked\n"));
    let report = repo.report(["history"]);
    assert_eq!((report.code(), report.tokens()), (1, vec![format!("a {token}")]), "{report}");
    assert_eq!(report.json["suppressed"]["inline-allow"], 2, "{report}");
    for story in [&report.findings()[0]["story"], &report.json["credentials"][0]["story"]] {
        assert_eq!((&story["in_head"], &story["removed"]), (&true.into(), &serde_json::Value::Null), "{report}");
        assert_eq!(
            (&story["first"]["commit"], &story["last"]["commit"]),
            (&first.clone().into(), &last.clone().into())
        );
        assert_eq!(story["versions"], 2, "{report}");
    }
    let end = repo.commit("a", "x=\n");
    let report = repo.report(["history"]);
    for story in [&report.findings()[0]["story"], &report.json["credentials"][0]["story"]] {
        assert_eq!((&story["in_head"], &story["removed"]["commit"]), (&false.into(), &end.clone().into()), "{report}");
    }
}

#[test]
fn a_finding_is_of_the_commit_that_no_longer_forgives_it_and_its_story_begins_before() {
    let repo = Repo::new();
    let token = repo.token();
    let first = repo.commit("a", format!("x={token} # barewire:allow\n"));
    let bare = repo.commit("a", format!("\nx={token}\n"));
    let report = repo.report(["history"]);
    let finding = &report.findings()[0];
    assert_eq!((&finding["commit"], &finding["line"]), (&bare.into(), &2.into()), "{report}");
    assert_eq!(finding["story"]["first"]["commit"], *first, "{report}");
}

#[test]
fn what_is_forgiven_in_another_encoding_is_still_the_same_credential() {
    let repo = Repo::new();
    let (token, project) = (repo.token(), repo.project());
    repo.commit("a", format!("SIGNALWIRE_TOKEN={token}\n"));
    repo.commit("a", format!("url = https://{project}:{token}@example.signalwire.com # barewire:allow\n"));
    let report = repo.report(["history"]);
    assert_eq!(report.tokens(), [format!("a {token}")], "{report}");
    assert_eq!(report.json["credentials"][0]["story"]["in_head"], true, "{report}");
}

#[test]
fn a_value_in_the_name_of_a_file_is_found_though_its_content_is_forgiven() {
    let repo = Repo::new();
    let token = repo.token();
    repo.commit(format!("f-{token}"), format!("x={token} # barewire:allow\n"));
    assert_eq!(repo.report(["history"]).code(), 1);
}

#[test]
fn what_could_not_be_read_is_not_remembered() {
    let repo = Repo::new();
    let token = repo.token();
    repo.commit("a", format!("x={token}\n"));
    let object = repo.loose(&repo.git(["rev-parse", "HEAD:a"]));
    let bytes = std::fs::read(&object).unwrap();
    let cache = repo.beside("cache").root().to_owned();
    let args = ["history".as_ref(), "--cache".as_ref(), cache.as_os_str()];
    let write = |bytes: &[u8]| {
        std::fs::remove_file(&object).unwrap();
        std::fs::write(&object, bytes).unwrap();
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
        std::fs::File::options().write(true).open(&object).unwrap().set_modified(time).unwrap();
    };
    let mut damaged = bytes.clone();
    damaged[0] ^= 0xff;
    write(&damaged);
    assert_eq!(repo.report(args).code(), 3);
    write(&bytes);
    assert_eq!(repo.report(args).code(), 1);
}
