//! Who may use whom, and what only one place may do. The code is read as text, so nothing has to be run.

use std::fmt::Write as _;
use std::path::Path;

use crate::support::rust::{self, Split};

/// The modules, and those that each may use. What is not listed is forbidden. ARCHITECTURE.md shows the same table.
const MAY_USE: &str = "\
secret    ->
blob      ->
space     ->
jose      ->
rule      -> secret
finding   -> blob, rule, secret
git       -> blob
detector  -> blob, rule, finding, secret, space, jose
suppress  -> blob, rule, finding, secret
source    -> blob, git
report    -> blob, rule, finding, secret
config    -> rule, suppress, finding, secret
signalwire -> secret, space, jose
keep      -> secret, signalwire
scan      -> source, blob, detector, suppress, finding, rule, secret
cli       -> blob, rule, finding, secret, space, jose, git, detector, suppress, source, report, config, scan, signalwire, keep
main      -> cli
";

/// What may be named in some places only: the beginning of a path, and the beginnings of the files that may.
const ONLY_IN: [(&str, &[&str]); 15] = [
    ("git2", &["src/git/"]),
    ("ignore", &["src/source/tree.rs"]),
    ("rayon", &["src/scan/", "src/git/"]),
    ("clap", &["src/cli/"]),
    ("clap_complete", &["src/cli/"]),
    ("clap_mangen", &["src/cli/"]),
    ("indicatif", &["src/cli/"]),
    ("annotate_snippets", &["src/report/"]),
    ("ureq", &["src/signalwire/"]),
    ("rustls", &["src/signalwire/"]),
    ("rustls_native_certs", &["src/signalwire/"]),
    ("std::net", &["src/signalwire/network.rs"]),
    ("std::env", &["src/cli/"]),
    ("std::process::exit", &["src/cli/"]),
    ("std::process::abort", &[]),
];

/// Macros that print, and so belong to the program alone.
const PRINTING: [&str; 4] = ["print", "println", "eprint", "eprintln"];

/// Macros that must not be left in the code.
const UNFINISHED: [&str; 3] = ["todo", "unimplemented", "dbg"];

/// Modules that touch no file, clock, environment, process or thread.
const PURE: [&str; 6] = ["secret", "blob", "rule", "finding", "detector", "suppress"];

/// What a pure module must not name.
const IMPURE: [&str; 7] =
    ["std::fs", "std::env", "std::time", "std::thread", "std::process", "std::io::stdout", "std::io::stderr"];

/// Words in a comment that say that something is left to be done.
const MARKERS: [&str; 4] = ["FIXME", "TODO", "XXX", "HACK"];

const MAX_LINES: usize = 500;

/// Everything in a file that is not as it should be; `path` is that of the file, from the root of the repository.
fn complaints(path: &str, text: &str) -> String {
    let mut complaints = String::new();
    let mut complain = |line: usize, words: &str| writeln!(complaints, "{path}:{line}: {words}").unwrap();
    if !text.starts_with("//!") {
        complain(1, "a file begins with `//!` and what is decided in it");
    }
    let lines = text.lines().count();
    if lines > MAX_LINES {
        complain(lines, "a file has 500 lines at the most");
    }
    let Split { code, comments } = rust::split(text);
    for (number, comment) in comments.lines().enumerate() {
        for word in comment.split(|c: char| !c.is_alphanumeric()).filter(|word| MARKERS.contains(word)) {
            complain(number + 1, &format!("`{word}` says that something is left to be done"));
        }
    }
    let tokens = rust::tokens(&code);
    for pair in tokens.windows(2).filter(|pair| pair[1].text == "!") {
        let name = pair[0].text;
        if UNFINISHED.contains(&name) || (PRINTING.contains(&name) && is_library(path)) {
            complain(pair[0].line, &format!("`{name}!` has no place here"));
        }
    }
    if path.starts_with("src/") {
        for used in rust::paths(&tokens) {
            if let Err(words) = judge(path, &used) {
                complain(used.line, &words);
            }
        }
    }
    complaints
}

/// Whether nothing in the file may print.
fn is_library(path: &str) -> bool {
    path.starts_with("src/") && !path.starts_with("src/cli/")
}

/// Whether the file at `path` may use `used`.
fn judge(path: &str, used: &rust::Path) -> Result<(), String> {
    let own = module(path);
    let here = own.first().copied().unwrap_or_default();
    if let Some(other) = target(&own, used)? {
        let may = MAY_USE.lines().find_map(|line| {
            let (module, allowed) = line.split_once("->")?;
            (module.trim() == here).then(|| allowed.split(',').map(str::trim).any(|module| module == other))
        });
        return if here == other || may == Some(true) { Ok(()) } else { Err(format!("{here} must not use {other}")) };
    }
    let name = used.names.join("::");
    let begins = |path: &str| name == path || name.starts_with(&format!("{path}::"));
    if begins("std::env::consts") {
        return Ok(());
    }
    let owned = ONLY_IN.iter().find(|(path, _)| begins(path));
    if owned.is_some_and(|(_, places)| !places.iter().any(|place| path.starts_with(place))) {
        return Err(format!("`{name}` has no place here"));
    }
    if PURE.contains(&here) && IMPURE.iter().any(|path| begins(path)) {
        return Err(format!("{here} is pure and must not name `{name}`"));
    }
    Ok(())
}

/// The names of the module that a file holds: none for the crate's root.
fn module(path: &str) -> Vec<&str> {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    if path == "lib" { Vec::new() } else { path.split('/').collect() }
}

/// The module of this crate that a path leads into; nothing if it leads elsewhere.
fn target<'a>(own: &[&'a str], used: &'a rust::Path) -> Result<Option<&'a str>, String> {
    let first = used.names[0].as_str();
    let rest = match first {
        "crate" | "barewire" => &used.names[1..],
        "super" => {
            let ups = used.names.iter().take_while(|name| *name == "super").count();
            let room = own.len() + used.depth;
            if ups < room {
                return Ok(own.first().copied());
            }
            &used.names[ups..]
        }
        _ => return Ok(None),
    };
    match rest.first().map(String::as_str) {
        None | Some("*" | "self") => Err("the whole crate is too much to use".to_owned()),
        Some(module) => Ok(Some(module)),
    }
}

/// All files with Rust in them below a folder, by their paths from the root of the repository.
fn files(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                files.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn every_file_keeps_to_the_architecture() {
    let files: Vec<_> = ["src", "tests", "bench"].into_iter().flat_map(files).collect();
    assert!(files.len() > 50, "{}", files.len());
    let complaints: String = files.iter().map(|(path, text)| complaints(path, text)).collect();
    assert!(complaints.is_empty(), "\n{complaints}");
}

/// The figures of ARCHITECTURE.md: `cargo test shape -- --nocapture` prints them.
#[test]
fn the_shape_is_within_its_limits() {
    let files: Vec<_> = ["src", "tests", "bench"].into_iter().flat_map(files).collect();
    let (mut code, mut tests) = (0, 0);
    let mut longest = (0, String::new());
    let mut widest = (0, String::new());
    let mut largest = (0, String::new());
    for (path, text) in &files {
        let lines = text.lines().count();
        largest = largest.max((lines, path.clone()));
        let of_tests = path.strip_prefix("src/").map_or(lines, |_| {
            let alone = path.ends_with("_tests.rs") || path.ends_with("/sample.rs");
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            if alone { lines } else { lines - code.lines().count() }
        });
        (code, tests) = (code + lines - of_tests, tests + of_tests);
        for function in rust::functions(&rust::tokens(&rust::split(text).code)) {
            let place = format!("{} in {path}", function.name);
            if path.starts_with("src/") {
                longest = longest.max((function.lines, place.clone()));
            }
            widest = widest.max((function.parameters, place));
        }
    }
    println!("longest function {longest:?}\nmost parameters {widest:?}\nlargest file {largest:?}");
    println!("lines of code {code}, of tests {tests}");
    assert!(longest.0 <= 70 && widest.0 <= 5 && largest.0 <= MAX_LINES && tests * 2 > code);
}

#[test]
fn every_module_is_in_the_table() {
    for (path, _) in files("src") {
        if let [top, ..] = module(&path)[..] {
            assert!(MAY_USE.lines().any(|line| line.split("->").next().unwrap().trim() == top), "{path}");
        }
    }
}

#[test]
fn the_table_is_that_of_the_document() {
    let document = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap();
    assert!(document.contains(&format!("```\n{MAY_USE}```")), "ARCHITECTURE.md should show\n{MAY_USE}");
}

#[test]
fn every_test_file_is_part_of_the_one_program() {
    let root = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/main.rs")).unwrap();
    for (path, _) in files("tests").iter().filter(|(path, _)| path.matches('/').count() == 1) {
        let name = path.trim_start_matches("tests/").trim_end_matches(".rs");
        assert!(name == "main" || root.contains(&format!("mod {name};")), "{path}");
    }
}

#[test]
fn a_forbidden_use_is_refused() {
    for (path, line) in [
        ("src/rule/mod.rs", "use crate::detector::Detector;"),
        ("src/rule/mod.rs", "use crate::{secret::Secret, finding::Finding};"),
        ("src/rule/mod.rs", "use super::detector;"),
        ("src/rule/load.rs", "use super::super::{secret, git};"),
        ("src/rule/load.rs", "mod tests { use super::super::super::scan::Scan; }"),
        ("src/detector/mod.rs", "fn f() { crate::source::list(); }"),
        ("src/detector/mod.rs", "use std::{fmt, fs};"),
        ("src/detector/mod.rs", "fn f() { std::time::Instant::now(); }"),
        ("src/source/tree.rs", "use crate::rule::Rule;"),
        ("src/report/json.rs", "use crate::cli;"),
        ("src/scan/mod.rs", "use crate as everything;"),
        ("src/scan/mod.rs", "use crate::*;"),
        ("src/lib.rs", "use crate::cli::main;"),
        ("src/main.rs", "use barewire::scan::Scan;"),
        ("src/source/walk.rs", "use ignore::Walk;"),
        ("src/source/tree.rs", "use git2::Repository;"),
        ("src/source/tree.rs", "use {ignore::Match, rayon as threads};"),
        ("src/report/mod.rs", "use clap::Parser;"),
        ("src/cli/mod.rs", "use annotate_snippets::Renderer;"),
        ("src/cli/mod.rs", "use std::net::TcpStream;"),
        ("src/scan/mod.rs", "fn f() -> bool { std::env::var(\"CI\").is_ok() }"),
        ("src/scan/mod.rs", "use std::env;"),
        ("src/scan/mod.rs", "fn f() { std::process::exit(1) }"),
        ("src/scan/mod.rs", "fn f() { println!(\"done\"); }"),
        ("src/cli/mod.rs", "fn f() { dbg!(1); }"),
        ("tests/scan.rs", "fn f() { todo!() }"),
        ("src/blob.rs", "/* FIXME: slow */"),
        ("src/blob.rs", "// XXX"),
    ] {
        let text = format!("//! Nothing.\n\n{line}\n");
        let complaints = complaints(path, &text);
        assert!(complaints.starts_with(&format!("{path}:3: ")), "{path}: {line}\n{complaints}");
    }
    assert_ne!(complaints("src/blob.rs", "use std::fmt;\n"), "");
    assert_ne!(complaints("src/blob.rs", &"//!\n".repeat(MAX_LINES + 1)), "");
}

#[test]
fn what_is_allowed_is_not_refused() {
    for (path, line) in [
        ("src/rule/mod.rs", "use crate::secret::Secret;"),
        ("src/rule/load.rs", "use super::{raw, kind};"),
        ("src/rule/load.rs", "use super::super::rule::Rule;"),
        ("src/rule/load.rs", "mod tests { use super::super::Rule; }"),
        ("src/source/tree.rs", "use ignore::Match;"),
        ("src/source/tree.rs", "fn f(ignore: bool) -> bool { ignore }"),
        ("src/source/tree.rs", "// as git2::Repository and println! do"),
        ("src/detector/mod.rs", "pub(crate) const USE: &str = \"use crate::cli; todo!()\";"),
        ("src/scan/mod.rs", "const OS: &str = std::env::consts::OS;"),
        ("src/scan/mod.rs", "const NAME: &str = env!(\"CARGO_PKG_NAME\");"),
        ("src/cli/mod.rs", "use std::env;"),
        ("src/main.rs", "fn main() { barewire::cli::main(); }"),
        ("tests/scan.rs", "fn f() { println!(\"{}\", std::env::temp_dir().display()); }"),
    ] {
        assert_eq!(complaints(path, &format!("//! Nothing.\n\n{line}\n")), "", "{path}: {line}");
    }
}
