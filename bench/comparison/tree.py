"""Compares scans of the files of a folder."""

import os
import stat

from . import build, canary, peers
from .measure import Failure, Row, in_turns, machine
from .outcome import Outcome
from .table import CPU, LEGEND, PEAK, WALL, Table


def compare(args, work):
    path = args.path.resolve()
    files, size = measure_tree(path)
    found = peers.find(args.peers.split(","))
    barewire, read_all = build.barewire(), build.bench("read_all")
    peers.write_rules(work)
    scan = [barewire, "scan", "--no-ignore", "-j", str(args.threads), "-f", "json", "."]
    ours = Row("barewire", scan, (0, 1, 3), "")
    limit = Row("open, read, close", [read_all, ".", str(args.threads)], (0,), str(args.threads))
    others = [row for name, program in found.items() for row in peers.tree_rows(name, program, args.threads)]

    print(f"\ntree: {files:,} files, {size:,} bytes; {args.runs} pairs a row, warm cache.\n{machine()}\n")
    folder = work / "canary"
    canary.write(folder)
    rows = [limit] if canary.found_by(limit, folder, work, ['"files": 1']) else []
    rows += [row for row in others if canary.found_by(row, folder, work)]
    if not canary.found_by(ours, folder, work):
        raise Failure("barewire does not find a token that was put there")

    outcome = Outcome("coverage")

    def check(output):
        outcome.check(output)
        coverage = outcome.report["coverage"]
        if not outcome.report["complete"] or coverage["files"] != files:
            raise Failure(f"barewire scanned {coverage['files']:,} files of {files:,}, {coverage['problems'][:3]}")

    table = Table(CPU, WALL, PEAK)
    table.head()
    for row in rows:
        table.show(row, in_turns((ours, path, check), (row, path, None), args.runs, work))
    print(f"\nCPU, wall, peak: {LEGEND}")
    outcome.tell(args.threads)


def measure_tree(path):
    """Counts files and bytes. What not every program would read makes the comparison unfair, so it is refused."""
    if not path.is_dir():
        raise Failure(f"{path} is not a folder")
    files = size = 0
    for folder, folders, names in os.walk(path):
        if ".git" in folders or ".git" in names:
            raise Failure(f"{folder} holds .git, which barewire leaves out and others read; compare on an export")
        for name in names:
            status = os.lstat(os.path.join(folder, name))
            if stat.S_ISREG(status.st_mode):
                files, size = files + 1, size + status.st_size
    if not files:
        raise Failure(f"{path} holds no files")
    return files, size
