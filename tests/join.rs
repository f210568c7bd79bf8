//! What belongs together: which project and which Space a token gets.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::Run;

/// The credentials of a scan, by the path of their first place: grade, project and Space, values as the names that the
/// templates gave them.
fn credentials(run: Run, names: &[&str]) -> BTreeMap<String, String> {
    let run = run.args(["scan", "-f", "json"]);
    let report: Value = serde_json::from_str(&run.run().stdout).unwrap();
    let shown = |value: &Value| match value.as_str() {
        None => "-".to_owned(),
        Some(value) => {
            let name = names.iter().find(|name| run.kept(name) == value);
            name.map_or_else(|| value.to_owned(), |name| (*name).to_owned())
        }
    };
    let place = |credential: &Value| {
        let first = &report["findings"][usize::try_from(credential["findings"][0].as_u64().unwrap()).unwrap()];
        format!("{}:{}", first["path"].as_str().unwrap(), first["line"])
    };
    let told = |credential: &Value| {
        let grade = credential["grade"].as_str().unwrap();
        format!("{grade} {} {}", shown(&credential["project_id"]), shown(&credential["space"]))
    };
    report["credentials"].as_array().unwrap().iter().map(|credential| (place(credential), told(credential))).collect()
}

fn expected(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(place, told)| ((*place).to_owned(), (*told).to_owned())).collect()
}

#[test]
fn parts_beside_a_token_make_it_usable() {
    let text = "PROJECT_ID={same:p=uuid}\nTOKEN=PT{hex:48}\nSPACE=northwind\n";
    let found = credentials(Run::new().file("a.env", text), &["p"]);
    assert_eq!(found, expected(&[("a.env:2", "usable p northwind")]));
}

#[test]
fn a_name_with_the_same_ending_wins_over_a_nearer_one() {
    let text = "\
        SIGNALWIRE_PROJECT_PROD={same:prod=uuid}\nSIGNALWIRE_PROJECT_STAGING={same:stage=uuid}\n\
        SIGNALWIRE_TOKEN_PROD=PT{hex:48}\nSIGNALWIRE_TOKEN_STAGING=PT{hex:48}\n\
        SIGNALWIRE_SPACE_PROD=northwind\nSIGNALWIRE_SPACE_STAGING=southwind\n";
    let found = credentials(Run::new().file("a.env", text), &["prod", "stage"]);
    assert_eq!(found, expected(&[("a.env:3", "usable prod northwind"), ("a.env:4", "usable stage southwind")]));
}

#[test]
fn each_of_two_calls_keeps_its_own_parts() {
    let text = "\
        a = RestClient('{same:a=uuid}', 'PT{hex:48}', 'northwind.signalwire.com')\n\
        b = RestClient('{same:b=uuid}', 'PT{hex:48}', 'southwind.signalwire.com')\n";
    let found = credentials(Run::new().file("a.py", text), &["a", "b"]);
    assert_eq!(found, expected(&[("a.py:1", "usable a northwind"), ("a.py:2", "usable b southwind")]));
}

#[test]
fn what_a_file_lacks_is_taken_from_its_folder() {
    let run = Run::new()
        .file("one/token.txt", "PT{hex:48}")
        .file("one/ids.env", "SIGNALWIRE_PROJECT_ID={same:one=uuid}\nSIGNALWIRE_SPACE=northwind\n")
        .file("two/ids.env", "SIGNALWIRE_PROJECT_ID={uuid}\nSIGNALWIRE_SPACE=southwind\n");
    assert_eq!(credentials(run, &["one"]), expected(&[("one/token.txt:1", "usable one northwind")]));
}

#[test]
fn a_choice_between_several_is_not_made() {
    let run = Run::new()
        .file("one/token.txt", "PT{hex:48}")
        .file("two/a.env", "SIGNALWIRE_PROJECT_ID={uuid}\n")
        .file("two/b.env", "SIGNALWIRE_PROJECT_ID={uuid}\n");
    assert_eq!(credentials(run, &[]), expected(&[("one/token.txt:1", "token-only - -")]));
}

#[test]
fn the_only_candidate_of_all_is_taken() {
    let run = Run::new()
        .file("one/token.txt", "PT{hex:48}")
        .file("two/a.env", "SIGNALWIRE_PROJECT_ID={same:p=uuid}\n")
        .file("three/b.env", "SIGNALWIRE_PROJECT_ID={same:p}\n");
    assert_eq!(credentials(run, &["p"]), expected(&[("one/token.txt:1", "token-and-project p -")]));
}

#[test]
fn one_token_in_many_forms_is_one_credential() {
    let text = "\
        export SIGNALWIRE_API_TOKEN=PT{same:t=hex:48}\n\
        curl -u {same:p=uuid}:PT{same:t} https://northwind.signalwire.com/api\n\
        curl -H 'Authorization: Basic {base64:{same:p}:PT{same:t}}' https://northwind.signalwire.com/api\n";
    let found = credentials(Run::new().file("a.sh", text), &["p"]);
    assert_eq!(found, expected(&[("a.sh:1", "usable p northwind")]));
}

#[test]
fn a_placeholder_completes_nothing() {
    let text = "SIGNALWIRE_PROJECT_ID=00000000-0000-0000-0000-000000000000\nTOKEN=PT{hex:48}\nSPACE=your-space\n";
    let found = credentials(Run::new().file("a.env", text), &[]);
    assert_eq!(found, expected(&[("a.env:2", "token-only - -")]));
}

/// Scans one file. Each of `told` is the line of a token, and what belongs to it.
fn check(name: &str, text: &str, names: &[&str], told: &[(usize, &str)]) {
    let pairs: Vec<(String, &str)> = told.iter().map(|(line, told)| (format!("{name}:{line}"), *told)).collect();
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(place, told)| (&**place, *told)).collect();
    assert_eq!(credentials(Run::new().file(name, text), names), expected(&pairs), "{text}");
}

/// What belongs to the tokens of a file, in the order in which they stand.
fn in_order(name: &str, text: &str, names: &[&str]) -> Vec<String> {
    let run = Run::new().file(name, text).args(["scan", "-f", "json"]);
    let report: Value = serde_json::from_str(&run.run().stdout).unwrap();
    let offset = |credential: &Value| {
        let first = usize::try_from(credential["findings"][0].as_u64().unwrap()).unwrap();
        (report["findings"][first]["line"].as_u64(), report["findings"][first]["column"].as_u64())
    };
    let told = |credential: &Value| {
        let project = credential["project_id"].as_str().unwrap_or("-");
        let project = names.iter().find(|name| run.kept(name) == project).copied().unwrap_or(project);
        format!("{project} {}", credential["space"].as_str().unwrap_or("-"))
    };
    let mut all: Vec<_> =
        report["credentials"].as_array().unwrap().iter().map(|one| (offset(one), told(one))).collect();
    all.sort();
    all.into_iter().map(|(_, told)| told).collect()
}

#[test]
fn each_block_of_an_env_file_keeps_its_own_parts() {
    let block = |name: &str, space: &str| {
        format!("SIGNALWIRE_PROJECT_ID={{same:{name}=uuid}}\nSIGNALWIRE_TOKEN=PT{{hex:48}}\nSIGNALWIRE_SPACE={space}\n")
    };
    for between in ["", "\n", "\n# staging\n"] {
        let text = format!("{}{between}{}", block("a", "northwind"), block("b", "southwind"));
        assert_eq!(in_order("a.env", &text, &["a", "b"]), ["a northwind", "b southwind"], "{text}");
    }
}

#[test]
fn each_block_that_begins_with_the_token_keeps_its_own_parts() {
    let block = |name: &str, space: &str| {
        format!("SIGNALWIRE_TOKEN=PT{{hex:48}}\nSIGNALWIRE_PROJECT_ID={{same:{name}=uuid}}\nSIGNALWIRE_SPACE={space}\n")
    };
    for between in ["", "\n", "# another\n"] {
        let text = format!("{}{between}{}", block("a", "northwind"), block("b", "southwind"));
        assert_eq!(in_order("a.env", &text, &["a", "b"]), ["a northwind", "b southwind"], "{text}");
    }
}

#[test]
fn each_object_of_a_json_file_keeps_its_own_parts() {
    let text = "{\n  \"prod\": {\n    \"signalwire_project\": \"{same:a=uuid}\",\n    \
        \"signalwire_token\": \"PT{hex:48}\",\n    \
        \"signalwire_space\": \"northwind\"\n  },\n  \"staging\": {\n    \
        \"signalwire_project\": \"{same:b=uuid}\",\n    \
        \"signalwire_token\": \"PT{hex:48}\",\n    \"signalwire_space\": \"southwind\"\n  }\n}\n";
    check("a.json", text, &["a", "b"], &[(4, "usable a northwind"), (9, "usable b southwind")]);
    let line: String = text.split('\n').map(str::trim).collect();
    assert_eq!(in_order("a.json", &line, &["a", "b"]), ["a northwind", "b southwind"]);
}

#[test]
fn an_object_without_a_space_does_not_move_the_others() {
    let text = "{\"a\":{\"project\":\"{same:a=uuid}\",\"token\":\"PT{hex:48}\",\
        \"space_url\":\"northwind.signalwire.com\"},\
        \"b\":{\"project\":\"{same:b=uuid}\",\"token\":\"PT{hex:48}\"},\
        \"c\":{\"project\":\"{same:c=uuid}\",\"token\":\"PT{hex:48}\",\
        \"space_url\":\"southwind.signalwire.com\"}}";
    let found = in_order("a.json", text, &["a", "b", "c"]);
    assert_eq!((&*found[0], &*found[2]), ("a northwind", "c southwind"));
    assert!(found[1].starts_with("b "));
}

#[test]
fn each_of_three_profiles_keeps_its_own_parts() {
    let profile = |name: &str, space: &str| {
        format!(
            "[profiles.{name}]\nproject = \"{{same:{name}=uuid}}\"\nspace = \"{space}\"\ntoken = \"PT{{hex:48}}\"\n"
        )
    };
    for between in ["", "\n"] {
        let blocks = [profile("a", "northwind"), profile("b", "southwind"), profile("c", "eastwind")];
        let text = format!("# signalwire\n{}", blocks.join(between));
        let found = in_order("a.toml", &text, &["a", "b", "c"]);
        assert_eq!(found, ["a northwind", "b southwind", "c eastwind"], "{text}");
    }
}

#[test]
fn what_stands_on_one_line_is_told_apart_by_place() {
    let calls = "a = [RestClient('{same:a=uuid}', 'PT{hex:48}', 'northwind.signalwire.com'), \
        RestClient('{same:b=uuid}', 'PT{hex:48}', 'southwind.signalwire.com')]\n";
    assert_eq!(in_order("a.py", calls, &["a", "b"]), ["a northwind", "b southwind"]);
    let urls = "https://{same:a=uuid}:PT{hex:48}@northwind.signalwire.com \
        https://{same:b=uuid}:PT{hex:48}@southwind.signalwire.com\n";
    assert_eq!(in_order("a.txt", urls, &["a", "b"]), ["a northwind", "b southwind"]);
    let lists = "sw project={same:a=uuid} project={same:b=uuid} token=PT{hex:48} token=PT{hex:48} \
        host=northwind.signalwire.com host=southwind.signalwire.com\n";
    assert_eq!(in_order("a.sh", lists, &["a", "b"]), ["a northwind", "b southwind"]);
}

/// Blocks by kind, far apart; the Spaces in another order.
fn by_kind(names: impl Fn(&str, &str) -> String, stages: &[(&str, &str)]) -> String {
    let project = |stage: &str| format!("{}={{same:{stage}=uuid}}\n", names(stage, "PROJECT_ID"));
    let token = |stage: &str| format!("{}=PT{{hex:48}}\n", names(stage, "TOKEN"));
    let space = |stage: &str, space: &str| format!("{}={space}.signalwire.com\n", names(stage, "SPACE"));
    let projects: Vec<String> = stages.iter().map(|(stage, _)| project(stage)).collect();
    let tokens: Vec<String> = stages.iter().map(|(stage, _)| token(stage)).collect();
    let spaces: Vec<String> = stages.iter().rev().map(|(stage, name)| space(stage, name)).collect();
    [projects.concat(), tokens.concat(), spaces.concat()].join(&"# something else\n".repeat(8))
}

#[test]
fn names_tell_environments_apart_in_blocks_by_kind() {
    let stages = [("PROD", "northwind"), ("STAGING", "southwind"), ("DEV", "eastwind")];
    let expected = ["PROD northwind", "STAGING southwind", "DEV eastwind"];
    let before = by_kind(|stage, kind| format!("{stage}_SIGNALWIRE_{kind}"), &stages);
    assert_eq!(in_order("a.env", &before, &["PROD", "STAGING", "DEV"]), expected);
    let after = by_kind(|stage, kind| format!("SIGNALWIRE_{kind}_{stage}"), &stages);
    assert_eq!(in_order("a.env", &after, &["PROD", "STAGING", "DEV"]), expected);
    let customers = [("ACME", "northwind"), ("GLOBEX", "southwind"), ("INITECH", "eastwind")];
    let words = by_kind(|name, kind| format!("SW_{name}_{kind}"), &customers);
    let found = in_order("a.env", &words, &["ACME", "GLOBEX", "INITECH"]);
    assert_eq!(found, ["ACME northwind", "GLOBEX southwind", "INITECH eastwind"]);
}

#[test]
fn a_name_that_contradicts_lends_nothing() {
    let prod = "PROD_SIGNALWIRE_PROJECT_ID={same:a=uuid}\nPROD_SIGNALWIRE_TOKEN=PT{hex:48}\n";
    let staging = "STAGING_SIGNALWIRE_PROJECT_ID={same:b=uuid}\n\
        STAGING_SIGNALWIRE_TOKEN=PT{hex:48}\nSTAGING_SIGNALWIRE_SPACE=southwind.signalwire.com\n";
    assert_eq!(in_order("a.env", &format!("{prod}{staging}"), &["a", "b"]), ["a -", "b southwind"]);
    assert_eq!(in_order("a.env", &format!("{staging}{prod}"), &["a", "b"]), ["b southwind", "a -"]);
    let run = Run::new().file("prod.env", prod).file("staging.env", "STAGING_SIGNALWIRE_SPACE=southwind\n");
    assert_eq!(credentials(run, &["a"]), expected(&[("prod.env:2", "token-and-project a -")]));
}

#[test]
fn the_only_part_of_a_file_serves_all_its_tokens() {
    let text = "SIGNALWIRE_PROJECT_ID={same:p=uuid}\nSIGNALWIRE_SPACE=northwind\n\
        SIGNALWIRE_TOKEN=PT{hex:48}\n\nSIGNALWIRE_RELAY_TOKEN=PT{hex:48}\n";
    assert_eq!(in_order("a.env", text, &["p"]), ["p northwind", "p northwind"]);
    let text = "SIGNALWIRE_SPACE=northwind\nPROD_PROJECT_ID={same:a=uuid}\nPROD_TOKEN=PT{hex:48}\n\
        DEV_PROJECT_ID={same:b=uuid}\nDEV_TOKEN=PT{hex:48}\n";
    assert_eq!(in_order("b.env", text, &["a", "b"]), ["a northwind", "b northwind"]);
}

#[test]
fn a_name_without_an_ending_leaves_the_others_alone() {
    let text = format!(
        "SIGNALWIRE_PROJECT_ID={{same:a=uuid}}\nSIGNALWIRE_PROJECT_ID_STAGING={{same:b=uuid}}\n{}\
        SIGNALWIRE_TOKEN_STAGING=PT{{hex:48}}\nSIGNALWIRE_TOKEN=PT{{hex:48}}\n",
        "# something else\n".repeat(8)
    );
    assert_eq!(in_order("a.env", &text, &["a", "b"]), ["b -", "a -"]);
}

#[test]
fn a_second_token_of_a_block_shares_its_project() {
    let text = "SIGNALWIRE_PROJECT_ID={same:a=uuid}\nSIGNALWIRE_TOKEN=PT{hex:48}\nSIGNALWIRE_TOKEN_OLD=PT{hex:48}\n\n\
        SIGNALWIRE_PROJECT_ID={same:b=uuid}\nSIGNALWIRE_TOKEN=PT{hex:48}\n";
    assert_eq!(in_order("a.env", text, &["a", "b"]), ["a -", "a -", "b -"]);
}

#[test]
fn a_space_above_all_blocks_does_not_move_the_others() {
    let block = |name: &str, space: &str| {
        format!("\nPROJECT_ID={{same:{name}=uuid}}\nTOKEN=PT{{hex:48}}\nSPACE={space}.signalwire.com\n")
    };
    let text = format!("# https://eastwind.signalwire.com\n{}{}", block("a", "northwind"), block("b", "southwind"));
    assert_eq!(in_order("a.env", &text, &["a", "b"]), ["a northwind", "b southwind"]);
}

#[test]
fn thousands_of_credentials_in_one_file_are_joined() {
    let block = |at: usize| format!("PROJECT_ID={{uuid}}\nTOKEN=PT{{hex:48}}\nSPACE=wind{at}.signalwire.com\n");
    let text: String = (0..2000).map(block).collect();
    let found = in_order("a.env", &text, &[]);
    let spaces: Vec<&str> = found.iter().filter_map(|told| told.split_once(' ')).map(|(_, space)| space).collect();
    assert_eq!(spaces, (0..2000).map(|at| format!("wind{at}")).collect::<Vec<_>>());
}
