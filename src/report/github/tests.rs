//! Commands say one thing each, whatever a file is called; what is shown is limited, and the limit is told.

use crate::finding::{Notice, ProblemKind, Reason, Report};
use crate::report::{Format, Layout, Reveal, Run, sample, write};
use crate::rule::{Part, Severity};

fn written(format: Format, report: &Report) -> String {
    let mut out = Vec::new();
    let layout = Layout { reveal: Reveal::Whole, ..Layout::default() };
    write(format, layout, (report, &Run::default()), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn hostile() -> Report {
    let mut report = sample::usable();
    let password = sample::rule("signalwire-sip-password", "SIP password", Part::Password, Severity::Medium);
    let name = "a\n::error::b,c:d%0A\x1b[2J|<b>`##[error]";
    report.findings.push(sample::finding(&password, "tr0ub4dor", (name, 9), "pass = tr0ub4dor"));
    sample::forgive(&mut report, Reason::Inline);
    sample::problem(&mut report, "::stop-commands::x", ProblemKind::Unreadable, "no\n::error::way");
    report.notices.push(Notice {
        path: ".barewire.toml".to_owned(),
        line: Some(4),
        message: "it has expired".to_owned(),
    });
    report
}

#[test]
fn a_command_marks_the_place() {
    insta::assert_snapshot!(written(Format::Github, &sample::usable()), @r"
    ::error file=.env,line=4,endLine=4,col=18,endColumn=67,title=signalwire-api-token::SignalWire API token with its Project ID and Space (usable). Delete it in the Dashboard.
    ::error file=deploy/app.yaml,line=12,endLine=12,col=13,endColumn=62,title=signalwire-api-token::SignalWire API token with its Project ID and Space (usable). Delete it in the Dashboard.
    ::error file=src/main.py,line=7,endLine=7,col=58,endColumn=107,title=signalwire-api-token::SignalWire API token with its Project ID and Space (usable). Delete it in the Dashboard.
    barewire: 1 credential (1 critical); 1,234 files, 56.7 MB scanned
    ");
}

#[test]
fn no_name_and_no_message_is_a_command() {
    let text = written(Format::Github, &hostile());
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 7, "{text}");
    let commands = lines.iter().filter(|line| line.starts_with("::"));
    assert_eq!(commands.count(), 6, "{text}");
    assert!(
        text.contains("::warning file=a\\u{A}%3A%3Aerror%3A%3Ab%2Cc%3Ad%250A\\u{1B}[2J|<b>`##%5Berror],line=9,"),
        "{text}"
    );
    assert!(text.contains("::error title=barewire%3A incomplete::1 thing could not be scanned: ::stop-commands::x: unreadable (no\\u{A}::error::way)\n"), "{text}");
    assert!(text.contains("::warning file=.barewire.toml,line=4,title=barewire::it has expired\n"), "{text}");
    assert!(
        lines[6].starts_with("barewire: INCOMPLETE: 1 credential")
            && lines[6].ends_with("1 suppressed (1 inline-allow)")
    );
}

#[test]
fn no_more_is_marked_than_is_shown() {
    let finding = |line| sample::finding(&sample::token_rule(), &sample::token(), ("a", line), &sample::token());
    let text = written(Format::Github, &sample::report((1..=25).map(finding).collect()));
    assert_eq!(text.matches("::error ").count(), 10);
    assert!(text.contains("\nbarewire: 15 more places not marked: GitHub shows 10 of a kind\n"), "{text}");
}

#[test]
fn a_summary_is_text_and_a_table() {
    let text = written(Format::GithubSummary, &hostile());
    insta::assert_snapshot!(text, @"
    ## barewire

    **INCOMPLETE, 1 credential (1 critical), 1 identifier; 1,234 files, 56.7 MB scanned; 1 suppressed (1 inline-allow)**

    | severity | what | where |
    |---|---|---|
    | critical | SignalWire API token with its Project ID and Space (usable) | .env&#58;4 |
    | critical | SignalWire API token with its Project ID and Space (usable) | deploy/app.yaml&#58;12 |
    | critical | SignalWire API token with its Project ID and Space (usable) | src/main.py&#58;7 |
    | medium | SIP password | a&#92;u&#123;A&#125;&#58;&#58;error&#58;&#58;b,c&#58;d&#37;0A&#92;u&#123;1B&#125;&#91;2J&#124;&#60;b&#62;&#96;&#35;&#35;&#91;error&#93;&#58;9 |

    ### What to do

    - SignalWire API token: Delete it in the Dashboard.
    - SIP password: Delete it in the Dashboard.

    ### Not scanned

    - &#58;&#58;stop-commands&#58;&#58;x&#58; unreadable (no&#92;u&#123;A&#125;&#58;&#58;error&#58;&#58;way)

    ### Settings

    - .barewire.toml&#58;4&#58; it has expired

    ### Suppressed

    - 1 inline-allow
    ");
}

#[test]
fn a_summary_stays_below_its_limit() {
    let name = "|".repeat(4_000);
    let finding = |line| sample::finding(&sample::token_rule(), &sample::token(), (&*name, line), &sample::token());
    let mut report = sample::report((1..=5_000).map(finding).collect());
    for _ in 0..5_000 {
        sample::problem(&mut report, &name, ProblemKind::Unreadable, &name);
    }
    let text = written(Format::GithubSummary, &report);
    assert!(text.len() < 1 << 20, "{}", text.len());
    assert_eq!(text.matches("and 4,900 more").count(), 2);
}

#[test]
fn no_value_is_written_even_if_values_are_asked_for() {
    for format in [Format::Github, Format::GithubSummary] {
        let text = written(format, &hostile());
        assert!(!text.contains(&sample::token()[..6]) && !text.contains("tr0u"), "{text}");
    }
}
