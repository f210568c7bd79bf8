"""Compares a scan that remembers what was clean with the one before, and with one that remembers nothing."""

from . import build, repository
from .history import scan
from .measure import Failure, Row, machine, median, output_of, run
from .outcome import Outcome
from .table import CPU_MS, PEAK, WALL_MS, Table


def compare(args, work):
    repository.settle()
    folder = repository.root(args.repository)
    barewire = build.barewire()
    print(f"\nrescan {args.repository}: {args.runs} times each, warm cache of the system.\n{machine()}\n")
    outcome, turns = Outcome("complete"), []
    for turn in range(args.runs + 1):
        cache = work / f"cache-{turn}"
        cache.mkdir()
        cached = scan(barewire, args.threads, "--cache", str(cache))._replace(name="barewire, cache")
        costs = []
        for row in (scan(barewire, args.threads), cached, cached):
            costs.append(run(row, folder, work))
            outcome.check(output_of(work, row))
        if not any(cache.iterdir()):
            raise Failure("barewire has kept no cache")
        if turn:
            turns.append(costs)
    table = Table(CPU_MS, WALL_MS, PEAK)
    table.head()
    for at, name in enumerate(["without a cache", "the first scan with one"]):
        table.show(Row(name, [], (), str(args.threads)), [(turn[2], turn[at]) for turn in turns])
    size = sum(file.stat().st_size for file in cache.rglob("*") if file.is_file())
    more = median([turn[1] for turn in turns], "cpu") - median([turn[0] for turn in turns], "cpu")
    print("\nCPU, wall, peak: the second scan with a cache divided by the row, median (least-most). The rest: both.")
    print(f"The cache takes {size:,} bytes; to fill it takes {more:.3f} CPU s.")
    outcome.tell(args.threads)
