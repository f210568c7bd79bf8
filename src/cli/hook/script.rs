//! Decides what a hook says that this program writes, and how it is recognised later.
//!
//! The second line holds the version of the format and a checksum over all other lines, so that a later version knows a
//! hook that nobody has changed, whatever the version that wrote it.

use super::stage::Stage;

/// The version of the format.
pub(super) const FORMAT: u32 = 1;

const MARK: &str = "# barewire-hook: format ";
const SUM: &str = ", checksum ";

/// Says that the folder was made for the hook, and goes with the last of them.
const MADE: &str = "# This folder was made for it.\n";

/// What a hook is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It guards one repository; the hook that was there before lies beside it.
    Guard(Stage),
    /// It guards all repositories; each may have a hook of its own.
    GuardAll(Stage),
    /// It only runs the hook of this name that a repository has.
    Pass(&'static str),
}

/// Where the folder of a hook comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Folder {
    /// It was there before.
    Found,
    /// It was made for the hook.
    Made,
}

/// What is said about a hook in its second line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seal {
    /// The version of the format.
    pub(super) format: u32,
    /// Whether nobody has changed it.
    pub(super) is_intact: bool,
    /// Where its folder comes from.
    pub(super) folder: Folder,
}

const ABOUT_ONE: &str = "\
# Stops SignalWire credentials at @stage@. `barewire hook install` wrote it; `barewire hook uninstall` takes it out
# and puts back the hook that was here before, which is kept as @stage@.before-barewire and runs first.
";

const ABOUT_ALL: &str = "\
# Stops SignalWire credentials at @stage@, in all repositories of this user. `barewire hook install --global` wrote it;
# `barewire hook uninstall --global` takes it out. A repository's own @stage@ runs first.
";

const ABOUT_PASS: &str = "\
# Runs the @stage@ of the repository itself, which git passes over since core.hooksPath names this folder.
# `barewire hook install --global` wrote it; `barewire hook uninstall --global` takes it out.
";

/// If another tool moved this hook aside and calls it, the hook in front may be the one that was here before.
const EARLIER_BESIDE: &str = r#"
here=$(CDPATH= cd -- "${0%/*}" && pwd -P) || exit 1
earlier=$here/$stage.before-barewire
if [ "${0##*/}" != "$stage" ] && cmp -s "$earlier" "$here/$stage"; then earlier=; fi
"#;

/// In a plain repository nothing has to be run to know where its hooks are. One that is only being made has none.
const EARLIER_OF_REPOSITORY: &str = r#"
common=.git
if [ -n "$GIT_DIR$GIT_COMMON_DIR" ] || [ ! -d .git ]; then common=$(git rev-parse --git-common-dir 2>/dev/null) || exit @lost@; fi
common=$(CDPATH= cd -- "$common" && pwd -P) || exit @lost@
earlier=$common/hooks/$stage
"#;

/// The variable that holds the hook that was called first, while it runs.
pub(super) const EARLIER: &str = "BAREWIRE_EARLIER";

/// A hook that calls this one is not called again.
const IS_THERE: &str = r#"[ -f "$earlier" ] && [ -x "$earlier" ] && [ "$BAREWIRE_EARLIER" != "$earlier" ]"#;

const RUN_EARLIER: &str = r#"
if @there@; then
  BAREWIRE_EARLIER=$earlier "$earlier" "$@" || exit
fi
"#;

/// What is not checked does not pass. Programs with windows start git with a short PATH, hence the second way. With a PATH
/// that names the current folder, the first way could lead to a file of the project, which must not have a say.
const FIND_PROGRAM: &str = r#"
program=$(command -v barewire)
case $program in
  /* | ?:*) ;;
  *) program= ;;
esac
if [ ! -x "$program" ]; then program=$installed; fi
if [ ! -x "$program" ]; then
  @undo@
  printf '%s\n' "barewire was not found on the PATH nor at $installed, so nothing was checked and nothing passes." \
    "Install barewire, or take out the hook: $undo" >&2
  @resort@
  exit 1
fi
"#;

/// In words, since a path may hold what a shell would take apart.
const UNDO_ONE: &str = r#"  undo="remove $0"
  [ ! -e "$earlier" ] || undo="move $earlier to $0"
"#;

const UNDO_ALL: &str = "  undo='git config --global --unset core.hooksPath'\n";

const RUN: &str = r#"
exec "$program" hook run "$stage" -- "$@"
"#;

/// Standard input can be read once only, and each of the two has to see all of it.
const RUN_BOTH: &str = r#"
if @there@; then
  input=$(cat && echo .) || exit 1
  input=${input%.}
  printf %s "$input" 2>/dev/null | BAREWIRE_EARLIER=$earlier "$earlier" "$@" || exit
  printf %s "$input" | "$program" hook run "$stage" -- "$@"
else
  exec "$program" hook run "$stage" -- "$@"
fi
"#;

const PASS: &str = r#"
if @there@; then
  BAREWIRE_EARLIER=$earlier exec "$earlier" "$@"
fi
"#;

/// That this hook exists keeps git from doing what it does without one, so it does the same. A branch without commits
/// has an empty tree.
const CHECK_OUT: &str = r#"
head=$(git rev-parse -q --verify HEAD) || head=$(git hash-object -t tree --stdin </dev/null) || exit
git update-index -q --ignore-submodules --refresh &&
  git diff-files --quiet --ignore-submodules -- &&
  git diff-index --quiet --cached --ignore-submodules "$head" -- &&
  git read-tree -u -m "$1"
"#;

/// Without this hook, git refuses what it would be asked about.
const REFUSE: &str = "exit 1\n";

impl Kind {
    /// The name of the hook.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Guard(stage) | Self::GuardAll(stage) => stage.name(),
            Self::Pass(name) => name,
        }
    }

    fn body(self) -> String {
        let run = |stage: Stage| {
            let parts: &[&str] =
                if stage.reads_stdin() { &[FIND_PROGRAM, RUN_BOTH] } else { &[RUN_EARLIER, FIND_PROGRAM, RUN] };
            parts.concat()
        };
        match self {
            Self::Guard(stage) => [EARLIER_BESIDE, &run(stage)].concat(),
            Self::GuardAll(stage) => [EARLIER_OF_REPOSITORY, &run(stage)].concat(),
            Self::Pass("push-to-checkout") => [EARLIER_OF_REPOSITORY, PASS, CHECK_OUT].concat(),
            Self::Pass("proc-receive") => [EARLIER_OF_REPOSITORY, PASS, REFUSE].concat(),
            Self::Pass(_) => [EARLIER_OF_REPOSITORY, PASS].concat(),
        }
    }

    /// How the hook is taken out by hand.
    fn undo(self) -> &'static str {
        match self {
            Self::Guard(_) => UNDO_ONE,
            Self::GuardAll(_) | Self::Pass(_) => UNDO_ALL,
        }
    }

    /// What is said last, where a commit or a push can do without its hooks.
    fn last_resort(self) -> String {
        let way = match self {
            Self::Guard(stage) | Self::GuardAll(stage) if stage == Stage::PrePush => "git push --no-verify",
            Self::Guard(stage) | Self::GuardAll(stage) if stage != Stage::PreReceive => "git commit --no-verify",
            _ => return String::new(),
        };
        format!("  echo 'As a last resort, `{way}` goes past all hooks once.' >&2\n")
    }
}

/// The hook of this kind. `program` is the barewire that is run when there is none on the PATH, as bytes of its path.
pub(super) fn write(kind: Kind, folder: Folder, program: &[u8]) -> Vec<u8> {
    let about = match kind {
        Kind::Guard(_) => ABOUT_ONE,
        Kind::GuardAll(_) => ABOUT_ALL,
        Kind::Pass(_) => ABOUT_PASS,
    };
    let made = if folder == Folder::Made { MADE } else { "" };
    let head = format!("{about}{made}\nstage={}\n", kind.name()).replace("@stage@", kind.name());
    let lost = if matches!(kind, Kind::Pass(_)) { "0" } else { "1" };
    let body = kind.body().replace("@there@", IS_THERE).replace("@lost@", lost).replace("  @undo@\n", kind.undo());
    let body = body.replace("  @resort@\n", &kind.last_resort());
    let installed = match kind {
        Kind::Pass(_) => Vec::new(),
        _ => [b"installed=", &quoted(program)[..], b"\n"].concat(),
    };
    let rest = [head.as_bytes(), &installed, body.as_bytes()].concat();
    let first = "#!/bin/sh\n";
    let mark = format!("{MARK}{FORMAT}{SUM}{}\n", checksum(first.as_bytes(), &rest));
    [first.as_bytes(), mark.as_bytes(), &rest].concat()
}

/// What stands in the second line of a hook, if this program wrote it.
pub(super) fn read(script: &[u8]) -> Option<Seal> {
    let at = memchr::memmem::find(script, MARK.as_bytes())?;
    let (before, marked) = script.split_at(at);
    let end = memchr::memchr(b'\n', marked).map_or(marked.len(), |end| end + 1);
    let (line, rest) = marked.split_at(end);
    let text = std::str::from_utf8(line).ok()?.trim_end().strip_prefix(MARK)?;
    let (format, sum) = text.split_once(SUM)?;
    let folder = if memchr::memmem::find(rest, MADE.as_bytes()).is_some() { Folder::Made } else { Folder::Found };
    Some(Seal { format: format.parse().ok()?, is_intact: checksum(before, rest) == sum, folder })
}

fn checksum(before: &[u8], after: &[u8]) -> String {
    blake3::hash(&[before, after].concat()).to_hex()[..16].to_owned()
}

/// As a shell takes it for one word, whatever is in it.
fn quoted(bytes: &[u8]) -> Vec<u8> {
    let mut word = b"'".to_vec();
    for &byte in bytes {
        if byte == b'\'' {
            word.extend_from_slice(br"'\''");
        } else {
            word.push(byte);
        }
    }
    word.push(b'\'');
    word
}

#[cfg(test)]
mod tests {
    use super::super::stage::ALL;
    use super::*;

    #[test]
    fn a_hook_is_known_again_until_somebody_changes_it() {
        let kinds = ALL.map(Kind::Guard).into_iter().chain(ALL.map(Kind::GuardAll)).chain([Kind::Pass("post-commit")]);
        for (kind, folder) in kinds.flat_map(|kind| [(kind, Folder::Found), (kind, Folder::Made)]) {
            let script = write(kind, folder, b"/a b/it's\n/barewire");
            assert_eq!(read(&script), Some(Seal { format: FORMAT, is_intact: true, folder }));
            assert!(!script.contains(&b'@') || !String::from_utf8_lossy(&script).replace("$@", "").contains('@'));
            for at in [0, 12, script.len() - 3] {
                let mut other = script.clone();
                other[at] ^= 1;
                assert!(read(&other).is_none_or(|seal| !seal.is_intact), "{at}");
            }
        }
        assert_eq!(read(b"#!/bin/sh\n# barewire\n"), None);
    }
}
