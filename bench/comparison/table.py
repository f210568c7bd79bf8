"""Prints rows of pairs: barewire divided by the row, and the median of each."""

import statistics
from collections import namedtuple

# One thing that was measured: its field in `Cost`, the heads of its ratio and of its medians, what a medians' unit is
# in those of `Cost`, the digits after the point, and how wide both cells are. A wide ratio shows its spread.
Measure = namedtuple("Measure", "field ratio unit factor digits widths")

CPU = Measure("cpu", "CPU", "CPU s", 1, 3, (18, 15))
WALL = Measure("wall", "wall", "wall s", 1, 3, (18, 15))
PEAK = Measure("peak", "peak", "MiB", 1, 1, (5, 13))
ANON = Measure("anon", "anon", "anon MiB", 1, 1, (5, 13))
CPU_MS = CPU._replace(unit="CPU ms", factor=1000, digits=2)
WALL_MS = WALL._replace(unit="wall ms", factor=1000, digits=2)

LEGEND = "barewire divided by the row, median of the pairs (least-most). The rest: barewire / row."


class Table:
    """A table in the making: one line is printed as soon as its row was measured."""

    def __init__(self, *measures):
        self.measures = measures
        self.widths = [30, 4, *(one.widths[0] for one in measures), *(one.widths[1] for one in measures)]

    def head(self):
        self.line(["row", "thr.", *(one.ratio for one in self.measures), *(one.unit for one in self.measures)])
        self.line(["-" * width for width in self.widths])

    def line(self, cells):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, self.widths)) + " |", flush=True)

    def show(self, row, pairs):
        """Prints the median over pairs of barewire / row, and for each of both its median."""
        ratios = [ratio(one, pairs) for one in self.measures]
        self.line([row.name, row.threads, *ratios, *(medians(one, pairs) for one in self.measures)])


def ratio(measure, pairs):
    shares = [getattr(ours, measure.field) / max(getattr(theirs, measure.field), 0.001) for ours, theirs in pairs]
    wide = measure.widths[0] > 10
    return f"{statistics.median(shares):.2f}" + (f" ({min(shares):.2f}-{max(shares):.2f})" if wide else "")


def medians(measure, pairs):
    both = ([measure.factor * getattr(pair[at], measure.field) for pair in pairs] for at in (0, 1))
    return " / ".join(f"{statistics.median(values):.{measure.digits}f}" for values in both)
