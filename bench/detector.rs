//! Timings of the detector: getting ready, one blob at a time, and the join.
//!
//! All texts are made here and are the same on every run. What looks like a secret is a template until then.

#![expect(clippy::expect_used, reason = "a timing of something broken would be worthless")]

use std::fmt::{self, Write as _};
use std::sync::LazyLock;

use barewire::blob::{Blob, Name, Origin};
use barewire::detector::Detector;
use barewire::finding::{self, Finding};
use barewire::rule::RuleSet;
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};

#[path = "../tests/support/template.rs"]
#[allow(
    dead_code,
    unused_imports,
    clippy::unwrap_used,
    clippy::panic,
    reason = "it belongs to the tests; not all of it is used here"
)]
mod template;

use template::Expander;

fn main() {
    divan::main();
}

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

static DETECTOR: LazyLock<Detector> = LazyLock::new(|| Detector::new(rules()));

fn rules() -> RuleSet {
    RuleSet::builtin().expect("the built-in rules are sound")
}

mod prepare {
    use super::{Bencher, Detector, KIB, RuleSet, count, dense, rules};

    /// Reads the rule files, which every scan does.
    #[divan::bench]
    fn load_rules() -> RuleSet {
        rules()
    }

    /// Prepares the first pass, which every scan does.
    #[divan::bench]
    fn build_detector(bencher: Bencher<'_, '_>) {
        bencher.with_inputs(rules).bench_values(Detector::new);
    }

    /// Compiles the patterns that a file full of SignalWire needs, and uses them once.
    #[divan::bench]
    fn first_detection(bencher: Bencher<'_, '_>) {
        let text = dense(4 * KIB);
        bencher.with_inputs(|| Detector::new(rules())).bench_refs(|detector| count(detector, &text));
    }
}

mod detect {
    use super::{
        Bencher, BytesCount, DETECTOR, Expect, HOSTILE, KIB, MIB, Mark, black_box, count, dense, detects, source_code,
    };

    /// Source code that has nothing to do with SignalWire.
    #[divan::bench(args = [4 * KIB, 64 * KIB, MIB, 16 * MIB])]
    fn clean(bencher: Bencher<'_, '_>, len: usize) {
        detects(bencher, &source_code(len), Expect::Nothing);
    }

    /// The same with the name of SignalWire in its middle.
    #[divan::bench]
    fn one_mention(bencher: Bencher<'_, '_>) {
        let mut text = source_code(MIB);
        let middle = MIB / 2;
        text.splice(middle..middle, *b" SignalWire ");
        detects(bencher, &text, Expect::Nothing);
    }

    /// SignalWire, UUIDs and hosts every few lines, a token now and then.
    #[divan::bench(args = [64 * KIB, MIB, 4 * MIB])]
    fn dense_text(bencher: Bencher<'_, '_>, len: usize) {
        detects(bencher, &dense(len), Expect::Something);
    }

    /// The same without a line feed.
    #[divan::bench]
    fn dense_line(bencher: Bencher<'_, '_>) {
        let text: Vec<u8> = dense(MIB).into_iter().map(|byte| if byte == b'\n' { b' ' } else { byte }).collect();
        detects(bencher, &text, Expect::Something);
    }

    /// A tree of a thousand files of 4 KiB; every fiftieth is about SignalWire.
    #[divan::bench]
    fn small_blobs(bencher: Bencher<'_, '_>) {
        let (code, about) = (source_code(1_000 * 4 * KIB), dense(4 * KIB));
        let blobs: Vec<&[u8]> =
            code.chunks(4 * KIB).enumerate().map(|(at, chunk)| if at % 50 == 0 { &*about } else { chunk }).collect();
        let detect = || blobs.iter().map(|bytes| count(&DETECTOR, black_box(bytes))).sum::<usize>();
        assert!(detect() > 0, "something is found");
        bencher.counter(BytesCount::new(code.len())).bench(detect);
    }

    /// UTF-16 that says so, and UTF-16 that does not.
    #[divan::bench(args = [Mark::Present, Mark::Absent])]
    fn utf16(bencher: Bencher<'_, '_>, mark: Mark) {
        let text = dense(MIB / 2);
        let mut wide = if mark == Mark::Present { vec![0xFF, 0xFE] } else { Vec::new() };
        wide.extend(text.iter().flat_map(|&byte| [byte, 0]));
        detects(bencher, &wide, Expect::Something);
    }

    /// A megabyte of the same few bytes, over and over.
    #[divan::bench(args = HOSTILE)]
    fn hostile(bencher: Bencher<'_, '_>, unit: &str) {
        let bytes: Vec<u8> = unit.bytes().cycle().take(MIB).collect();
        detects(bencher, &bytes, Expect::Whatever);
    }
}

/// What makes the search stop at each step. None of it is a secret.
const HOSTILE: [&str; 12] = [
    "eyJ",
    "eyJ.",
    "eyJh.eyJh.",
    "PT0",
    "PT0,",
    "PSK_",
    "signalwire",
    "signalwire.com ",
    "a.signalwire.com,",
    "https://a:b@",
    "\"token\": \"",
    "01234567-89ab-4cde-8f01-23456789abcd ",
];

mod join {
    use super::{Bencher, Finding, ItemsCount, Spread, black_box, finding, findings};

    /// Ten thousand findings and where they stand.
    #[divan::bench(args = [Spread::HundredFiles, Spread::OneFile, Spread::OneSecret])]
    fn ten_thousand(bencher: Bencher<'_, '_>, spread: Spread) {
        let findings = findings(spread);
        bencher.counter(ItemsCount::new(findings.len())).bench(|| finding::join(black_box(&findings)));
    }

    /// Puts the same findings into the order of a report.
    #[divan::bench]
    fn sort(bencher: Bencher<'_, '_>) {
        let mut shuffled = findings(Spread::HundredFiles);
        shuffled.sort_by_key(Finding::fingerprint);
        let counter = ItemsCount::new(shuffled.len());
        bencher.counter(counter).with_inputs(|| shuffled.clone()).bench_refs(|findings| finding::sort(findings));
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Present,
    Absent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spread {
    /// Different secrets, in many files.
    HundredFiles,
    /// Different secrets, all in one file.
    OneFile,
    /// The same token with the same project everywhere.
    OneSecret,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Present { "with a mark" } else { "without a mark" })
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HundredFiles => "in a hundred files",
            Self::OneFile => "in one file",
            Self::OneSecret => "of one secret",
        })
    }
}

/// What a text must yield for its timing to mean anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    Nothing,
    Something,
    Whatever,
}

fn detects(bencher: Bencher<'_, '_>, bytes: &[u8], expect: Expect) {
    let found = count(&DETECTOR, bytes);
    assert!(expect == Expect::Whatever || (found > 0) == (expect == Expect::Something), "{expect:?}: {found} found");
    bencher.counter(BytesCount::new(bytes.len())).bench(|| count(&DETECTOR, black_box(bytes)));
}

fn count(detector: &Detector, bytes: &[u8]) -> usize {
    detector.detect(&Blob::whole(&Name::new("src/file.txt"), Origin::Tree, bytes)).len()
}

/// Ten thousand findings in the order of a report.
fn findings(spread: Spread) -> Vec<Finding> {
    let (files, secrets) = match spread {
        Spread::HundredFiles | Spread::OneSecret => (100, 100),
        Spread::OneFile => (1, 10_000),
    };
    let mut expander = Expander::default();
    let pair = "project = \"{uuid}\"\ntoken = \"PT{hex:48}\"\n\n";
    let fixed = expander.expand_text(pair);
    let mut findings = Vec::new();
    for file in 0..files {
        let mut text = String::from("# signalwire\n");
        for _ in 0..secrets / 2 {
            text += &if spread == Spread::OneSecret { fixed.clone() } else { expander.expand_text(pair) };
        }
        let name = Name::new(format!("config/{}/{file}.env", file % 10));
        findings.extend(DETECTOR.detect(&Blob::whole(&name, Origin::Tree, text.as_bytes())));
    }
    assert_eq!(findings.len(), 10_000, "one project and one token each");
    finding::sort(&mut findings);
    findings
}

/// Text that reads like a program: indented lines of words, calls, numbers, strings and comments.
fn source_code(len: usize) -> Vec<u8> {
    const WORDS: [&str; 32] = [
        "buffer", "PTR_ERR", "ret", "signal", "size_t", "bus", "init", "device", "config", "lock", "i", "offset",
        "the", "of", "node", "register", "page", "state", "struct", "token", "index", "name", "list", "project",
        "EINVAL", "mask", "read", "auth", "flags", "work", "queue", "key",
    ];
    let mut dice = Dice(1);
    let mut text = String::with_capacity(len + 200);
    while text.len() < len {
        let indent = "    ".repeat(dice.roll(4));
        let [a, b, c] = std::array::from_fn(|_| WORDS[dice.roll(WORDS.len())]);
        let number = dice.roll(4_096);
        let line = match dice.roll(8) {
            0 => format!("// {a} {b} the {c}, see section {number}"),
            1 => format!("{indent}if ({a}->{b} & 0x{number:x}) {{"),
            2 => format!("{indent}return {a}_{b}({c}, \"%s: {b} {number}\\n\");"),
            3 => String::new(),
            4 => format!("{indent}}}"),
            5 => format!("static const u32 {a}_{b}[] = {{ {number}, 0x{number:08x}, {c} }};"),
            6 => format!("#define {a}_{b}_{c} ({number} << 3)"),
            _ => format!("{indent}{a}.{b} = {c}_{a}(&{b}[{number}], {c});"),
        };
        text += &line;
        text.push('\n');
    }
    text.truncate(len);
    text.into_bytes()
}

/// Text that is all about SignalWire, in lines of code and prose.
fn dense(len: usize) -> Vec<u8> {
    const LINES: [&str; 10] = [
        "SIGNALWIRE_PROJECT_ID={uuid}\nSIGNALWIRE_TOKEN=PT{hex:48}\nSIGNALWIRE_SPACE=acme{digits:6}.signalwire.com",
        "const client = new RestClient('{uuid}', token, { signalwireSpaceUrl: 'acme.signalwire.com' });",
        "Read how SignalWire does it at https://developer.signalwire.com/rest/ before you go on.",
        "{\"call_id\": \"{uuid}\", \"node_id\": \"{uuid}\", \"state\": \"answered\"}",
        "from signalwire.rest import Client as signalwire_client",
        "GET https://acme.signalwire.com/api/relay/rest/phone_numbers/{uuid} 200",
        "signing_key = \"PSK_{alnum:24}\"  # SignalWire webhooks",
        "Bearer {b64u:{\"alg\":\"dir\",\"typ\":\"SAT\"}}.{b64url:22}.{b64url:16}.{b64url:80}.{b64url:22}",
        "https://{uuid}:PT{hex:48}@acme.signalwire.com/api/laml/2010-04-01/Accounts/{uuid}/Calls.json",
        "room_session_id = {uuid}",
    ];
    let mut dice = Dice(2);
    let mut expander = Expander::default();
    let mut text = String::with_capacity(len + 400);
    while text.len() < len {
        let line = [0, 1, 2, 3, 4, 5, 9, 1, 2, 3, 4, 5, 9, 2, 3, 4, 5, 6, 7, 8][dice.roll(20)];
        text += &expander.expand_text(LINES[line]);
        let _ = write!(text, "\n    value_{} = compute(state, flags)\n\n", dice.roll(100));
    }
    text.truncate(len);
    text.into_bytes()
}

/// A small generator whose numbers are the same on every system.
struct Dice(u64);

impl Dice {
    /// A number below `sides`.
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        usize::try_from(self.0 >> 33).expect("31 bits fit") % sides
    }
}
