"""Knows the other programs: where they are, and in which ways they are run."""

import json
import os
import shlex
import shutil
from collections import namedtuple

from .build import version_of
from .measure import Failure, Row

PATTERN = "PT[0-9a-f]{48}"

# What to look for on PATH or in the environment, how it tells its version, and where it comes from.
Peer = namedtuple("Peer", "program variable version install")
PEERS = {
    "kingfisher": Peer("kingfisher", "KINGFISHER", ["--version"], "pip install kingfisher-bin"),
    "rg": Peer("rg", "RG", ["--version"], "apt install ripgrep, or cargo install ripgrep"),
    "ripsecrets": Peer("ripsecrets", "RIPSECRETS", ["--version"], "cargo install ripsecrets"),
    "detect-secrets": Peer("detect-secrets", "DETECT_SECRETS", ["--version"], "pip install detect-secrets"),
    "gitleaks": Peer("gitleaks", "GITLEAKS", ["version"], "go install github.com/zricethezav/gitleaks/v8@latest"),
}

# Those that read repositories, and those that can be a hook.
OF_REPOSITORIES = ["kingfisher"]
WITH_HOOKS = ["kingfisher", "gitleaks"]

ONE_RULE = "--no-validate --no-update-check --load-builtins false --rules-path {work}/rule.yml -f json"


def find(names, known=tuple(PEERS)):
    found = {}
    for name in filter(None, names):
        if name not in known:
            raise Failure(f"{name} is not one of {', '.join(known)}")
        peer = PEERS[name]
        program = shutil.which(os.environ.get(peer.variable) or peer.program)
        if program:
            found[name] = program
            print(f"  {version_of([program, *peer.version])}")
        else:
            print(f"  {name} is missing: {peer.install}; or set {peer.variable}")
    return found


def write_rules(work):
    (work / "rule.yml").write_text(
        "rules:\n  - name: SignalWire API token\n    id: bench.signalwire.1\n"
        f"    pattern: '\\b({PATTERN})\\b'\n    min_entropy: 0.0\n    confidence: medium\n    examples: []\n"
    )
    (work / "rule.toml").write_text(
        f"title = 'bench'\n[[rules]]\nid = 'signalwire'\nregex = '''\\b({PATTERN})\\b'''\n"
    )


def kingfisher(name, program, flags, threads):
    """Kingfisher over `.` with the one rule. It says with 200 that it found something."""
    argv = [program, "scan", ".", *flags.split(), *ONE_RULE.split(), "-j", str(threads)]
    return Row(name, argv, (0, 200), str(threads))


def tree_rows(name, program, threads):
    """The ways in which a peer scans files. Each scans `.`, ignored, hidden and binary files included where it can."""
    count, here = str(threads), "."
    if name == "kingfisher":
        flags = "--turbo --git-history none --no-extract-archives"
        return [kingfisher("kingfisher, one rule", program, flags, threads)]
    if name == "rg":
        literal = ["-uuu", "-c", "-j", count, "signalwire", here]
        both = ["-uuu", "-j", count, "-e", PATTERN, "-e", "(?i)signalwire", here]
        return [
            Row("rg -uuu -c, one literal", [program, *literal], (0, 1), count),
            Row("rg -uuu, both patterns", [program, *both], (0, 1), count),
        ]
    if name == "gitleaks":
        argv = ["dir", here, "--config", "{work}/rule.toml", "--no-banner", "--exit-code", "0", "-f", "json", "-r", "-"]
        return [Row("gitleaks, one rule", [program, *argv], (0,), "all")]
    if name == "ripsecrets":
        return [Row("ripsecrets, its own rules", [program, here], (0, 1), "all")]
    argv = ["-c", count, "scan", "--all-files", "--no-verify", here]
    return [Row("detect-secrets, its own rules", [program, *argv], (0,), count)]


def history_rows(program, threads):
    """The two ways in which Kingfisher scans a repository. The fast one need not search the packs as files, too."""
    fastest = "--turbo --no-extract-archives --exclude *.pack"
    return [
        kingfisher("kingfisher, one rule, fastest", program, fastest, threads),
        kingfisher("kingfisher, one rule", program, "", threads),
    ]


def told_by_kingfisher(output):
    """What Kingfisher says of its work, on the last line of its report."""
    return json.loads(output.read_text(errors="replace").splitlines()[-1])


def staged_row(program, threads):
    return kingfisher("kingfisher --staged, one rule", program, "--staged --turbo --no-extract-archives", threads)


def hook(name, program):
    """The command of a hook that looks at what is staged, with the one rule."""
    if name == "gitleaks":
        return f"{program} git --pre-commit --staged --redact --no-banner --config {{work}}/rule.toml"
    argv = staged_row(program, 0).argv
    # Kingfisher counts its threads from one.
    return shlex.join(argv[: argv.index("-j")])
