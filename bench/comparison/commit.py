"""Compares what a commit costs with the hooks of several programs, and without any."""

import shlex
from pathlib import Path

from . import build, canary, peers, repository
from .measure import Failure, Row, in_turns, machine
from .staged import make
from .table import CPU_MS, LEGEND, PEAK, WALL_MS, Table

# Nothing of git's own housekeeping may fall into a run. A commit is taken back, so that each makes the same.
COMMIT = f"git {shlex.join(repository.PERSON)} -c gc.auto=0 -c maintenance.auto=false -c core.hooksPath={{}} commit -q -m x"
UNDO = "git update-ref HEAD HEAD~"


def compare(args, work):
    repository.settle()
    found = peers.find(args.peers.split(","), peers.WITH_HOOKS)
    print(f"  {build.version_of(['git', '--version'])}")
    barewire = build.barewire()
    peers.write_rules(work)
    hooks = {name: peers.hook(name, program) for name, program in found.items()}
    rows = [commit(name, write(name, script, work)) for name, script in hooks.items()]
    none = work / "none"
    none.mkdir()
    ours = commit("barewire", installed(barewire, work))
    # After any hook git reads the index again, so part of the cost of each is git's.
    plain = [commit("git commit, no hook", none), commit("a hook that does nothing", write("nothing", "true", work))]
    rows = [*plain, *candidates(ours, rows, work)]

    folder = make(args.copy_of, args.files, work)
    count = len(repository.git(["ls-files"], folder).splitlines())
    print(f"\ncommit: {args.files} of {count:,} files; {args.runs} pairs a row, warm cache.\n{machine()}\n")
    table = Table(CPU_MS, WALL_MS, PEAK)
    table.head()
    for row in rows:
        table.show(row, in_turns((ours, folder, None), (row, folder, None), args.runs, work))
    print(f"\nCPU, wall, peak: {LEGEND}")


def commit(name, hooks):
    return Row(name, ["sh", "-c", f"{COMMIT.format(shlex.quote(str(hooks)))} && {UNDO}"], (0,), "all")


def installed(barewire, work):
    """The folder of the hooks as `barewire hook install` writes them."""
    folder = work / "installed"
    folder.mkdir()
    repository.git(["init", "-q", "--template=", "."], folder)
    build.run([barewire, "hook", "install"], folder)
    return folder / ".git" / "hooks"


def write(name, script, work):
    folder = work / f"hooks-{name}"
    folder.mkdir()
    hook = Path(folder, "pre-commit")
    hook.write_text(f"#!/bin/sh\nexec {script}\n".replace("{work}", str(work)))
    hook.chmod(0o755)
    return folder


def candidates(ours, rows, work):
    """The rows whose hook stops a commit with a token."""
    folder = work / "canary"
    folder.mkdir()
    (folder / "README").write_text("nothing\n")
    repository.commit_all(folder)
    canary.write(folder)
    repository.git(["add", "."], folder)
    if not stops(ours, folder):
        raise Failure("the hook of barewire lets a token pass")
    stopping = [row for row in rows if stops(row, folder)]
    for row in rows:
        if row not in stopping:
            print(f"  {row.name} lets a token pass: left out")
    return stopping


def stops(row, folder):
    return build.code_of(row.argv, folder) != 0
