"""Compares the scans of what is about to be committed, which a person waits for."""

import os
import shutil
from pathlib import Path

from . import build, canary, peers, repository
from .measure import Failure, Row, in_turns, machine, output_of
from .outcome import Outcome
from .table import CPU_MS, LEGEND, PEAK, WALL_MS, Table

DIFF = "diff-index --cached --raw HEAD"


def compare(args, work):
    repository.settle()
    if (args.repository is None) == (args.copy_of is None):
        raise Failure("either a repository or --from FOLDER is needed")
    found = peers.find(args.peers.split(","), peers.OF_REPOSITORIES)
    print(f"  {build.version_of(['git', '--version'])}")
    barewire = build.barewire()
    peers.write_rules(work)
    ours = Row("barewire", [barewire, "staged", "-j", str(args.threads), "-f", "json"], (0, 1, 3), str(args.threads))
    rows = [Row("git diff-index", ["git", *DIFF.split()], (0,), "1")]
    rows += [peers.staged_row(program, args.threads) for program in found.values()]
    rows = candidates(ours, rows, work)

    folder = repository.root(args.repository) if args.repository else make(args.copy_of, args.files, work)
    staged = repository.git(["diff-index", "--cached", "--name-only", "--diff-filter=d", "HEAD"], folder).splitlines()
    if not staged:
        raise Failure(f"nothing is staged in {folder}")
    count = len(repository.git(["ls-files"], folder).splitlines())
    print(f"\nstaged: {len(staged)} of {count:,} files; {args.runs} pairs a row, warm cache.\n{machine()}\n")
    # Kingfisher writes a tree into the repository and the index anew, so it gets one of its own.
    scratch = work / "shared"
    repository.share(folder, scratch)
    outcome, notes = Outcome("coverage"), []
    table = Table(CPU_MS, WALL_MS, PEAK)
    table.head()
    for row in rows:
        where = scratch if row.name.startswith("kingfisher") else folder
        table.show(row, in_turns((ours, folder, outcome.check), (row, where, None), args.runs, work))
        if where == scratch:
            notes.append(f"{row.name}: {peers.told_by_kingfisher(output_of(work, row))['blobs_scanned']} blobs.")
    print(f"\nCPU, wall, peak: {LEGEND}")
    outcome.tell(args.threads)
    for line in notes:
        print(line)


def candidates(ours, rows, work):
    """The rows that find what is staged in a small repository."""
    folder = work / "canary"
    folder.mkdir()
    (folder / "README").write_text("nothing\n")
    repository.commit_all(folder)
    canary.write(folder)
    repository.git(["add", "."], folder)
    if not canary.found_by(ours, folder, work):
        raise Failure("barewire does not find a token that was staged")
    return [row for row in rows if canary.found_by(row, folder, work)]


def make(source, count, work):
    """Makes a repository of a copy of a folder, with so many files changed and staged."""
    if not source.is_dir():
        raise Failure(f"{source} is not a folder")
    print(f"making a repository of {source} …", flush=True)
    folder = work / "repository"
    shutil.copytree(source, folder, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    repository.commit_all(folder)
    changed = choose(folder, count)
    for path in changed:
        with path.open("ab") as file:
            file.write(b"\n# one more line\n")
    repository.git(["add", "--force", "--", *(str(path) for path in changed)], folder)
    return folder


def choose(folder, count):
    """Files of common size, as far from each other as can be."""
    files = []
    for here, folders, names in os.walk(folder):
        if ".git" in folders:
            folders.remove(".git")
        files += [Path(here, name) for name in names]
    files = sorted(path for path in files if not path.is_symlink() and 0 < path.stat().st_size < 1 << 17)
    if len(files) < count:
        raise Failure(f"there are not {count} files that can be changed")
    return [files[len(files) * (2 * at + 1) // (2 * count)] for at in range(count)]
