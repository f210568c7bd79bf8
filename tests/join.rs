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
