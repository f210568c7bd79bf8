//! Decides what the lines say that git hands to a hook on standard input. A line that makes no sense is an error: what it
//! means might go unseen.

use std::fmt::Display;
use std::io::{IsTerminal as _, Read as _};

use crate::blob::Name;
use crate::cli::error::Error;
use crate::report::escape::escape;
use crate::source::{ObjectId, Revision, Sent};

/// All of standard input, which `stage` needs.
pub(super) fn read(stage: &str) -> Result<Vec<u8>, Error> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Err(absent(stage, "standard input is a terminal"));
    }
    if is_device(&stdin) {
        return Err(absent(stage, "there is no standard input"));
    }
    let mut bytes = Vec::new();
    stdin.lock().read_to_end(&mut bytes).map_err(|error| absent(stage, &format!("standard input: {error}")))?;
    Ok(bytes)
}

fn absent(stage: &str, what: &str) -> Error {
    Error::new(format_args!("{what}; {stage} needs the lines that git writes there"))
        .help("let git run it as a hook; a hook manager has to pass standard input on (in lefthook: `use_stdin: true`)")
}

/// Whether standard input is `/dev/null` or the like, to which git never connects it.
#[cfg(unix)]
fn is_device(stdin: &std::io::Stdin) -> bool {
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::FileTypeExt as _;
    let file = stdin.as_fd().try_clone_to_owned().map(std::fs::File::from);
    file.and_then(|file| file.metadata()).is_ok_and(|metadata| metadata.file_type().is_char_device())
}

#[cfg(not(unix))]
fn is_device(_stdin: &std::io::Stdin) -> bool {
    false
}

/// The refs of a pre-push hook: lines of `local-ref local-id remote-ref remote-id`. A local ref may hold spaces.
pub(super) fn pre_push(input: &[u8]) -> Result<Vec<Sent>, Error> {
    let sent = |line: &[u8]| {
        let mut words = line.rsplitn(4, |&byte| byte == b' ');
        let (old, name, new) = (id(words.next()?)?, words.next()?, id(words.next()?)?);
        words.next().filter(|local| !local.is_empty())?;
        whole(new, old, name)
    };
    lines(input, &sent, "local-ref local-id remote-ref remote-id")
}

/// The refs of a pre-receive hook: lines of `old-id new-id ref`.
pub(super) fn pre_receive(input: &[u8]) -> Result<Vec<Sent>, Error> {
    let sent = |line: &[u8]| {
        let mut words = line.splitn(3, |&byte| byte == b' ');
        let (old, new) = (id(words.next()?)?, id(words.next()?)?);
        whole(new, old, words.next()?)
    };
    lines(input, &sent, "old-id new-id ref")
}

fn id(digits: &[u8]) -> Option<ObjectId> {
    ObjectId::from_hex(digits)
}

fn whole(new: ObjectId, old: ObjectId, name: &[u8]) -> Option<Sent> {
    let is_sound = !name.is_empty() && new.as_bytes().len() == old.as_bytes().len();
    is_sound.then(|| Sent { name: name.to_vec(), new: Revision::Id(new), old: Some(Revision::Id(old)) })
}

fn lines(input: &[u8], sent: &dyn Fn(&[u8]) -> Option<Sent>, form: impl Display) -> Result<Vec<Sent>, Error> {
    if input.is_empty() {
        return Ok(Vec::new());
    }
    let input = input.strip_suffix(b"\n").unwrap_or(input);
    let lines = input.split(|&byte| byte == b'\n').enumerate();
    let read = |(at, line): (usize, &[u8])| {
        let malformed = || {
            let line = Name::new(&line[..line.len().min(200)]).to_text();
            Error::new(format_args!("standard input, line {}: `{}` is not `{form}`", at + 1, escape(&line)))
        };
        sent(line).ok_or_else(malformed)
    };
    lines.map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> (String, String) {
        ("1".repeat(40), "0".repeat(40))
    }

    #[test]
    fn a_local_ref_may_hold_spaces() {
        let (one, zero) = ids();
        let sent = pre_push(
            format!("HEAD^{{/a b}} {one} refs/heads/x {zero}\n(delete) {zero} refs/heads/y {one}\n").as_bytes(),
        );
        let sent = sent.unwrap();
        let names: Vec<&[u8]> = sent.iter().map(|sent| &*sent.name).collect();
        assert_eq!(names, [b"refs/heads/x", b"refs/heads/y"]);
        assert_eq!(sent[1].new, Revision::Id(ObjectId::from_hex(zero.as_bytes()).unwrap()));
    }

    #[test]
    fn nothing_is_no_line() {
        assert_eq!(pre_push(b"").unwrap(), []);
        assert_eq!(pre_receive(b"").unwrap(), []);
    }

    #[test]
    fn a_line_of_another_form_is_refused() {
        let (one, zero) = ids();
        let long = "1".repeat(64);
        for line in [
            "nonsense".to_owned(),
            format!("{one} refs/heads/x {zero}"),
            format!(" {one} refs/heads/x {zero}"),
            format!("a {one} refs/heads/x {}", &zero[1..]),
            format!("a {long} refs/heads/x {zero}"),
            format!("a {one} refs/heads/x {zero}\n\nb {one} refs/heads/x {zero}"),
            format!("a {one} refs/heads/x {zero} "),
        ] {
            assert!(pre_push(line.as_bytes()).is_err(), "{line}");
        }
        for line in
            [format!("{zero} {one}"), format!("{zero} {one} "), format!("{zero} refs/heads/x {one}"), "\n".into()]
        {
            assert!(pre_receive(line.as_bytes()).is_err(), "{line}");
        }
    }
}
