//! What the program says and how it ends, seen from outside.

use crate::support::{Output, Run};

fn barewire(args: &str) -> Output {
    Run::new().args(args.split_whitespace()).run()
}

/// What a command prints that succeeds without a word on standard error.
fn said(args: &str) -> String {
    let output = barewire(args);
    assert_eq!((output.code, &*output.stderr), (0, ""), "{args}");
    output.stdout
}

/// What `--help` prints, without blanks at the ends of lines.
fn help(args: &str) -> String {
    said(args).lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

#[test]
fn the_version_is_that_of_the_package() {
    assert_eq!(said("--version"), format!("barewire {}\n", env!("CARGO_PKG_VERSION")));
}

#[cfg(feature = "manage")]
#[test]
fn help_of_the_program() {
    insta::assert_snapshot!(help("--help"), @"
    Finds SignalWire credentials that lie bare in files, and manages them

    Results go to standard output; progress, warnings and the summary go to standard error. Secrets are
    masked. Without --verify, a scan sends nothing anywhere.

    Usage: barewire <COMMAND>

    Commands:
      scan         Scan files and folders [alias: dir]
      history      Scan all of a repository's history, or what a range of commits brings [alias: git]
      staged       Scan what the next commit would record, and report what is new in it
      changes      Scan what is staged, changed or not tracked, and report what is new in it
      stdin        Scan standard input
      baseline     Write down which values are known, so that only new ones are reported
      hook         Keep credentials out of commits and pushes, by hooks of git
      rules        Show what is searched for
      verify       Tell whether a credential, or what a report holds, is alive
      scopes       Tell what an API token may do
      token        Make, change and delete API tokens, and keep a record of them
      mint         Have a client token made
      inspect      Tell what a client token says of itself, without asking anybody
      project      List, make, rename and delete projects, and replace their signing keys
      api          Send a request to SignalWire's API, and print the answer
      completions  Print a script that completes commands and flags in a shell
      man          Print the manual page
      help         Print this message or the help of the given subcommand(s)

    Options:
      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Examples:
      barewire scan                          the current folder
      barewire scan -o report.json src       a report for a program
      git diff | barewire stdin --path diff  a stream

    Exit codes:
      0  complete and clean: nothing at or above --fail-on
      1  findings (--exit-code changes this one only)
      2  usage or configuration error, nothing was scanned; or a report could not be written
      3  incomplete: something could not be scanned, and nothing was found in the rest
    ");
}

#[cfg(feature = "manage")]
#[test]
fn short_help_of_the_program() {
    insta::assert_snapshot!(help("-h"), @"
    Finds SignalWire credentials that lie bare in files, and manages them

    Usage: barewire <COMMAND>

    Commands:
      scan         Scan files and folders [alias: dir]
      history      Scan all of a repository's history, or what a range of commits brings [alias: git]
      staged       Scan what the next commit would record, and report what is new in it
      changes      Scan what is staged, changed or not tracked, and report what is new in it
      stdin        Scan standard input
      baseline     Write down which values are known, so that only new ones are reported
      hook         Keep credentials out of commits and pushes, by hooks of git
      rules        Show what is searched for
      verify       Tell whether a credential, or what a report holds, is alive
      scopes       Tell what an API token may do
      token        Make, change and delete API tokens, and keep a record of them
      mint         Have a client token made
      inspect      Tell what a client token says of itself, without asking anybody
      project      List, make, rename and delete projects, and replace their signing keys
      api          Send a request to SignalWire's API, and print the answer
      completions  Print a script that completes commands and flags in a shell
      man          Print the manual page
      help         Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help (see more with '--help')
      -V, --version  Print version

    Exit codes:
      0  complete and clean: nothing at or above --fail-on
      1  findings (--exit-code changes this one only)
      2  usage or configuration error, nothing was scanned; or a report could not be written
      3  incomplete: something could not be scanned, and nothing was found in the rest
    ");
}

#[test]
fn help_of_scan() {
    insta::assert_snapshot!(help("scan --help"), @"
    Scan files and folders

    Usage: barewire scan [OPTIONS] [PATH]...

    Arguments:
      [PATH]...  Files and folders; links that are named here are followed, others are not [default: .]

    Options:
          --exclude <GLOB>  Leave out what matches, in the manner of .gitignore; can be repeated
          --no-ignore       Scan what git ignores, too
      -h, --help            Print help

    Search:
          --rules <PATH>          Add the rules of a file, or of each .toml file in a folder; can be
                                  repeated
          --rule <ID>             Report this rule only; can be repeated
          --no-inline-allow       Report what a comment like `barewire:allow` forgives, too
          --max-file-size <SIZE>  Read at most this much of a file; a larger one makes the result
                                  incomplete [default: 100MB]
      -j, --jobs <N>              How many threads work [default: one for each processor]

    Suppression:
      -c, --config <FILE>    Read this configuration in place of the repository's .barewire.toml; also
                             by the variable `BAREWIRE_CONFIG`
      -b, --baseline <FILE>  Forgive what this baseline holds, in place of the repository's
                             .barewire-baseline.json
          --no-repo-config   Read neither configuration nor baseline of the repository, only what is
                             named

    Report:
      -f, --format <FORMAT>     How results are written [default: text] [alias: --report-format]
                                [possible values: text, json, sarif, github, github-summary, gitlab,
                                jsonl, csv, junit]
      -o, --output <FILE>       Write results to a file instead of standard output (`-`); the format is
                                said before it (`sarif:FILE`), or follows its name (.json, .jsonl,
                                .sarif, .csv, .xml, .md, .txt, gl-*.json), else --format; can be
                                repeated [aliases: -r, --report-path]
          --show-secrets        Write secrets out, unmasked
          --show-suppressed     List what is forgiven, too, and by whom
          --fail-on <SEVERITY>  Fail at this severity or above [default: low] [possible values: info,
                                low, medium, high, critical]
          --exit-code <N>       The exit code when there are findings [default: 1]

    Messages:
      -q, --quiet     Say nothing but results and errors
      -v, --verbose   List every place and every problem
          --no-color  Do not colour; NO_COLOR and CLICOLOR_FORCE are honoured, too

    Verification:
          --verify     Ask SignalWire which of the credentials that are found are alive; each is sent to
                       its own Space alone
          --scopes     Ask which scopes API tokens have, too
          --only-live  Leave out what is known to be dead

    Network:
          --ca-file <FILE>     Trust the root certificates of this PEM file, too; also by the variable
                               `BAREWIRE_CA_FILE`
          --allow-host <HOST>  Let credentials be sent to this host, too, which is no Space of
                               SignalWire; can be repeated
          --timeout <SECONDS>  The longest that one request may take, in seconds [default: 60]

    Exit codes:
      0  complete and clean: nothing at or above --fail-on
      1  findings (--exit-code changes this one only)
      2  usage or configuration error, nothing was scanned; or a report could not be written
      3  incomplete: something could not be scanned, and nothing was found in the rest
    ");
}

#[test]
fn dir_is_scan() {
    assert_eq!(said("dir --help"), said("scan --help"));
}

#[test]
fn help_of_stdin() {
    insta::assert_snapshot!(help("stdin --help"), @"
    Scan standard input

    Usage: barewire stdin [OPTIONS]

    Options:
          --path <NAME>  What the stream is called in reports, and what path rules see
      -h, --help         Print help

    Search:
          --rules <PATH>          Add the rules of a file, or of each .toml file in a folder; can be
                                  repeated
          --rule <ID>             Report this rule only; can be repeated
          --no-inline-allow       Report what a comment like `barewire:allow` forgives, too
          --max-file-size <SIZE>  Read at most this much of a file; a larger one makes the result
                                  incomplete [default: 100MB]
      -j, --jobs <N>              How many threads work [default: one for each processor]

    Suppression:
      -c, --config <FILE>    Read this configuration in place of the repository's .barewire.toml; also
                             by the variable `BAREWIRE_CONFIG`
      -b, --baseline <FILE>  Forgive what this baseline holds, in place of the repository's
                             .barewire-baseline.json
          --no-repo-config   Read neither configuration nor baseline of the repository, only what is
                             named

    Report:
      -f, --format <FORMAT>     How results are written [default: text] [alias: --report-format]
                                [possible values: text, json, sarif, github, github-summary, gitlab,
                                jsonl, csv, junit]
      -o, --output <FILE>       Write results to a file instead of standard output (`-`); the format is
                                said before it (`sarif:FILE`), or follows its name (.json, .jsonl,
                                .sarif, .csv, .xml, .md, .txt, gl-*.json), else --format; can be
                                repeated [aliases: -r, --report-path]
          --show-secrets        Write secrets out, unmasked
          --show-suppressed     List what is forgiven, too, and by whom
          --fail-on <SEVERITY>  Fail at this severity or above [default: low] [possible values: info,
                                low, medium, high, critical]
          --exit-code <N>       The exit code when there are findings [default: 1]

    Messages:
      -q, --quiet     Say nothing but results and errors
      -v, --verbose   List every place and every problem
          --no-color  Do not colour; NO_COLOR and CLICOLOR_FORCE are honoured, too

    Verification:
          --verify     Ask SignalWire which of the credentials that are found are alive; each is sent to
                       its own Space alone
          --scopes     Ask which scopes API tokens have, too
          --only-live  Leave out what is known to be dead

    Network:
          --ca-file <FILE>     Trust the root certificates of this PEM file, too; also by the variable
                               `BAREWIRE_CA_FILE`
          --allow-host <HOST>  Let credentials be sent to this host, too, which is no Space of
                               SignalWire; can be repeated
          --timeout <SECONDS>  The longest that one request may take, in seconds [default: 60]

    Exit codes:
      0  complete and clean: nothing at or above --fail-on
      1  findings (--exit-code changes this one only)
      2  usage or configuration error, nothing was scanned; or a report could not be written
      3  incomplete: something could not be scanned, and nothing was found in the rest
    ");
}

#[test]
fn help_of_rules() {
    insta::assert_snapshot!(help("rules --help"), @"
    Show what is searched for

    Usage: barewire rules <COMMAND>

    Commands:
      list  List all rules
      show  Show all of one rule
      help  Print this message or the help of the given subcommand(s)

    Options:
      -h, --help  Print help
    ");
    insta::assert_snapshot!(help("rules list --help"), @"
    List all rules

    Usage: barewire rules list [OPTIONS]

    Options:
          --rules <PATH>  Add the rules of a file, or of each .toml file in a folder; can be repeated
      -h, --help          Print help
    ");
    insta::assert_snapshot!(help("rules show --help"), @"
    Show all of one rule

    Usage: barewire rules show [OPTIONS] <ID>

    Arguments:
      <ID>  The rule's id

    Options:
          --rules <PATH>  Add the rules of a file, or of each .toml file in a folder; can be repeated
      -h, --help          Print help
    ");
}

#[test]
fn help_of_what_prints_scripts_and_manuals() {
    insta::assert_snapshot!(help("completions --help"), @"
    Print a script that completes commands and flags in a shell

    Usage: barewire completions <SHELL>

    Arguments:
      <SHELL>  The shell [possible values: bash, elvish, fish, powershell, zsh]

    Options:
      -h, --help  Print help
    ");
    insta::assert_snapshot!(help("man --help"), @"
    Print the manual page

    Usage: barewire man

    Options:
      -h, --help  Print help
    ");
}

#[test]
fn a_wrong_request_ends_with_two_and_scans_nothing() {
    for args in [
        "",
        "scna",
        "--frob",
        "scan --frob",
        "scan --format xml",
        "scan --fail-on dreadful",
        "scan --exit-code 256",
        "scan --exit-code 2",
        "scan --exit-code 3",
        "scan -o report.what",
        "scan --max-file-size huge",
        "scan --jobs 0",
        "scan -q -v",
        "scan --rule no-such-rule",
        "scan --rules no-such-file.toml",
        "scan -o no/such/folder/report.json",
        "scan no-such-file",
        "rules",
        "rules show",
        "rules show no-such-rule",
        "completions",
        "completions csh",
    ] {
        let output = barewire(args);
        assert_eq!((output.code, &*output.stdout), (2, ""), "{args}: {output}");
        assert!(!output.stderr.is_empty(), "{args}");
    }
}

#[test]
fn an_error_says_what_to_do() {
    insta::assert_snapshot!(barewire("rules show no-such-rule"), @"
    exit code: 2
    ----- stderr
    error: there is no rule no-such-rule
    help: `barewire rules list` shows all ids
    ");
    insta::assert_snapshot!(barewire("scan --rules no-such-file.toml"), @"
    exit code: 2
    ----- stderr
    error: no-such-file.toml: No such file or directory (os error 2)
    help: --rules takes a rule file, or a folder of them
    ");
    insta::assert_snapshot!(barewire("scan -o no/such/folder/report.json"), @"
    exit code: 2
    ----- stderr
    error: there is no folder for no/such/folder/report.json
    help: create the folder first
    ");
}

#[test]
fn a_value_that_is_refused_is_explained_in_plain_words() {
    for (args, words) in [
        ("-j 0", "the number of threads is a whole number, 1 or more"),
        ("-j many", "the number of threads is a whole number, 1 or more"),
        ("--exit-code 3", "2 and 3 mean that something went wrong; findings need another code"),
        ("--exit-code 256", "an exit code is a whole number from 0 to 255"),
        ("--max-file-size 1.5GB", "a size is a whole number of bytes, or one with kB, MB, GB, KiB, MiB or GiB"),
        ("--max-file-size 99999999999999999999", "no file is that large"),
        ("-o a.what", "the name a.what does not tell the format\nhelp: end it in .json, .sarif or the like"),
    ] {
        let output = barewire(&format!("scan {args}"));
        assert_eq!(output.code, 2, "{output}");
        assert!(output.stderr.contains(words), "{output}");
    }
}

#[test]
fn a_broken_rule_file_is_named_with_its_place() {
    let run = Run::new().file("own/bad.toml", "[[rules]]\nid = \"own\"\nregex = '('\n").file("own/readme.md", "");
    insta::assert_snapshot!(run.args(["scan", "--rules", "own"]).run(), @"
    exit code: 2
    ----- stderr
    error: own/bad.toml:3:9: this pattern does not parse: regex parse error:
        (
        ^
    error: unclosed group
    ");
    let run = Run::new().file("empty/readme.md", "");
    insta::assert_snapshot!(run.args(["rules", "list", "--rules", "empty"]).run(), @"
    exit code: 2
    ----- stderr
    error: there is no .toml file in empty
    ");
}

#[test]
fn rules_are_listed_and_shown() {
    let list = said("rules list");
    assert!(list.starts_with("ID "), "{list}");
    for line in list.lines().skip(1) {
        let id = line.split_whitespace().next().unwrap();
        let shown = said(&format!("rules show {id}"));
        assert!(shown.starts_with(&format!("{id}: ")), "{shown}");
        assert!(shown.contains("\nseverity "), "{shown}");
    }
    assert!(list.contains("signalwire-api-token "), "{list}");
}

#[test]
fn rules_of_the_user_are_shown_with_all_that_they_say() {
    let own = r#"
[[rules]]
id = "own"
description = "Own\e[31m thing"
regex = 'own-[0-9]{4}'
keywords = ["own"]
tags = ["a", "b"]
check = ["basic-auth", "bounded"]
context = { any = ["signalwire"], lines = 3 }
[[rules.tests]]
match = "own-{digits:4}"
"#;
    let run = Run::new().bytes("own.toml", own.as_bytes());
    insta::assert_snapshot!(run.args(["rules", "show", "own", "--rules", "own.toml"]).run(), @r"
    exit code: 0
    ----- stdout
    own: Own\u{1B}[31m thing

    severity    high
    confidence  medium
    part        other
    regex       own-[0-9]{4}
    keywords    own
    checks      basic-auth, bounded
    context     signalwire within 3 lines
    tags        a, b
    tests       it must find each match and no miss; {hex:48} and its like stand for a value
    match       own-{digits:4}
    ");
}

#[test]
fn there_are_completions_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = said(&format!("completions {shell}"));
        assert!(script.contains("barewire") && script.contains("fail-on"), "{shell}");
    }
}

#[test]
fn the_manual_explains_every_command() {
    let page = said("man");
    for word in [".TH barewire 1", "BAREWIRE SCAN", "BAREWIRE STDIN", "BAREWIRE RULES SHOW", "fail\\-on", "Exit codes"]
    {
        assert!(page.contains(word), "{word}\n{page}");
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_error() {
    for args in [&["rules", "list"][..], &["man"], &["completions", "zsh"]] {
        let run = Run::new().args(args.iter().copied());
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = run.command().stdout(writer).output().unwrap();
        assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()), "{args:?}");
    }
}
