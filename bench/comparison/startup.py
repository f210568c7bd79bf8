"""Measures what barewire costs when there is next to nothing to do."""

import shutil
import statistics

from . import build
from .measure import Row, machine, run


def compare(args, work):
    barewire = build.barewire()
    text = "SIGNALWIRE_SPACE = os.environ['SPACE']  # from the environment, never in the code\n"
    (work / "input").write_text(text.ljust(100))
    true = Row("true", [shutil.which("true")], (0,), "")
    rows = [
        Row("barewire --version", [barewire, "--version"], (0,), ""),
        Row("barewire stdin (100 bytes)", [barewire, "stdin", "-q"], (0,), ""),
    ]
    print(f"\nstartup: {args.runs} pairs a row. {machine()}\n")
    print("| row | wall ms | CPU ms | peak MiB | wall, more than true |\n|---|---|---|---|---|")
    for row in rows:
        pairs = [[run(one, work, work, work / "input") for one in (row, true)] for _ in range(args.runs)]
        cells = []
        for what, unit in ("wall", 1000), ("cpu", 1000), ("peak", 1):
            both = [statistics.median(unit * getattr(pair[at], what) for pair in pairs) for at in (0, 1)]
            cells.append(" / ".join(f"{one:.2f}" for one in both))
        more = statistics.median(1000 * (ours.wall - theirs.wall) for ours, theirs in pairs)
        print(f"| {row.name} | {' | '.join(cells)} | {more:.2f} ms |")
    print("\nEach cell is barewire's median and that of true, which ran in turns with it.")
