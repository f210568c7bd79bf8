"""Compares scans of all that a repository holds, and how the cost grows from one repository to the next."""

import statistics
from collections import namedtuple

from . import build, canary, peers, repository
from .measure import Failure, Row, in_turns, machine, median, output_of
from .outcome import Outcome
from .table import ANON, CPU, LEGEND, PEAK, WALL, Table

CODES = (0, 1, 3)
ONE_THREAD = "barewire, 1 thread"
MODES = ["blobs", "contents", "all"]
CAT = "cat-file --batch-all-objects --batch --unordered --buffer"

# Kingfisher counts the files of a bare repository, too: refs, packs, hooks.
FILES = 2000

# What barewire may use beside the largest chain of deltas: this, and so much for each object.
MEMORY, OBJECT = 64 << 20, 60

# What a repository showed: its name, gigabytes of content, and the median of CPU seconds.
Size = namedtuple("Size", "name size cpu")


def scan(barewire, threads, *flags):
    argv = [barewire, "history", ".", "-j", str(threads), "-f", "json", *flags]
    return Row(" ".join(["barewire", *flags]), argv, CODES, str(threads))


def compare(args, work):
    repository.settle()
    folders = [repository.bare(path, work / f"mirror-{at}") for at, path in enumerate(args.repositories)]
    found = peers.find(args.peers.split(","), peers.OF_REPOSITORIES)
    print(f"  {build.version_of(['git', '--version'])}")
    barewire, decode = build.barewire(), build.bench_if_there("decode")
    peers.write_rules(work)
    ours, rows = candidates(barewire, found, args.threads, work)
    if decode:
        rows += [Row(f"decode only, {mode}", [decode, ".", ours.threads, mode], (0,), ours.threads) for mode in MODES]
    print(f"\n{args.runs} pairs a row, warm cache.\n{machine()}")
    sizes = [measure(ours, rows, (path, folder), args, work) for path, folder in zip(args.repositories, folders)]
    if len(sizes) > 1:
        growth(sorted(sizes, key=lambda one: one.size))


def candidates(barewire, found, threads, work):
    """barewire, and the rows that find what is committed in a small repository."""
    canary.write(work / "canary")
    repository.commit_all(work / "canary")
    folder = repository.bare(work / "canary", work / "canary-mirror")
    ours = scan(barewire, threads)
    if not canary.found_by(ours, folder, work):
        raise Failure("barewire does not find a token that was committed")
    rows = [row for program in found.values() for row in peers.history_rows(program, threads)]
    rows.append(Row("git cat-file, all objects", ["git", *CAT.split()], (0,), "1", "/dev/null"))
    rows = [row for row in rows if canary.found_by(row, folder, work)]
    rows.append(scan(barewire, threads, "--no-story"))
    if threads > 1:
        rows.append(scan(barewire, 1)._replace(name=ONE_THREAD))
    return ours, rows


def measure(ours, rows, place, args, work):
    """Prints the table of one repository."""
    path, folder = place
    outcome, costs, notes = Outcome("coverage"), [], []
    print(f"\n### {path}\n")
    table = Table(CPU, WALL, PEAK, ANON)
    table.head()
    for row in rows:
        check = outcome.check if row.name == ONE_THREAD else None
        pairs = in_turns((ours, folder, outcome.check), (row, folder, check), args.runs, work)
        costs += [pair[0] for pair in pairs]
        note, fair = held_against(outcome.report["coverage"], row, output_of(work, row))
        notes += note
        if fair:
            table.show(row, pairs)
    print(f"\nCPU, wall, peak, anon: {LEGEND}")
    outcome.tell(args.threads)
    for line in notes:
        print(line)
    return sum_up(path, outcome.report["coverage"], costs)


def held_against(coverage, row, output):
    """What a row says that it has read, and whether that is about as many blobs as barewire has read."""
    if row.name.startswith("kingfisher"):
        said, blobs = peers.told_by_kingfisher(output), coverage["git"]["blobs"]
        fair = 0.9 * blobs < said["blobs_scanned"] < 1.1 * blobs + FILES
        note = f"{row.name}: {said['blobs_scanned']:,} blobs and files, {said['bytes_scanned']:,} bytes"
        return [f"{note}." if fair else f"{note}: left out, because that is not the same work."], fair
    if row.name.startswith("decode"):
        said = output.read_text().partition(": ")[2].partition(", CPU")[0]
        return [f"{row.name}: {said}."], True
    return [], True


def sum_up(path, coverage, costs):
    """Prints what barewire has read, and what it needed."""
    git, size = coverage["git"], coverage["bytes"] / 1e9
    counts = ", ".join(f"{git[what]:,} {what}" for what in ("refs", "commits", "trees", "blobs", "tags"))
    lacking = ", ".join(f"{git[what]:,} {what}" for what in ("missing", "oversize", "damaged", "shallow") if git[what])
    print(f"barewire: {counts}; {coverage['bytes']:,} bytes; {lacking or 'nothing'} left out.")
    objects = sum(git[what] for what in ("commits", "trees", "blobs", "tags"))
    most, cpu = max(cost.anon for cost in costs), median(costs, "cpu")
    allowed = (MEMORY + OBJECT * objects) / (1 << 20)
    print(f"Median of all {len(costs)} runs: {cpu:.3f} CPU s, {median(costs, 'wall'):.3f} s.")
    print(f"Anonymous memory: {most:.1f} MiB; 64 MiB and {OBJECT} B for each of {objects:,} objects: {allowed:.1f}.")
    return Size(str(path), size, cpu)


def growth(sizes):
    """Prints how the cost grows with the size of the repository."""
    print("\n### growth\n\n| repository | GB scanned | CPU s | CPU s per GB |\n|---|---|---|---|")
    for one in sizes:
        print(f"| {one.name} | {one.size:.3f} | {one.cpu:.3f} | {one.cpu / one.size:.3f} |")
    shares = [one.cpu / one.size for one in sizes]
    middle = statistics.median(shares)
    least, most = (100 * (share / middle - 1) for share in (min(shares), max(shares)))
    print(f"\nCPU s per GB: {min(shares):.3f} to {max(shares):.3f}; {least:+.0f} % to {most:+.0f} % from the median.")
    small, large = sizes[0], sizes[-1]
    if large.size > small.size:
        slope = (large.cpu - small.cpu) / (large.size - small.size)
        print(f"From the smallest to the largest each GB more costs {slope:.3f} CPU s.")
