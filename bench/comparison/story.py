"""Compares the life stories of many objects with one question to git."""

from . import build, repository
from .measure import Failure, Row, in_turns, machine
from .table import ANON, CPU, LEGEND, PEAK, WALL, Table


def compare(args, work):
    repository.settle()
    folder = repository.root(args.repository)
    story = build.bench_if_there("story")
    if not story:
        return
    ours = Row("barewire", [story, ".", str(args.objects)], (0,), "")
    # What git looks for makes no difference: it compares every commit with its parents.
    files = [line.split(maxsplit=3) for line in repository.git(["ls-tree", "-r", "HEAD"], folder).splitlines()]
    blobs = [id_ for _, kind, id_, _ in files if kind == "blob"]
    if not blobs:
        raise Failure(f"HEAD of {args.repository} holds no file")
    log = ["git", "log", "--all", f"--find-object={blobs[len(blobs) // 2]}"]
    row = Row("git log --find-object, once", log, (0,), "1")
    print(f"\nstory of {args.objects} objects in {args.repository}; {args.runs} pairs, warm cache.\n{machine()}\n")
    table = Table(CPU, WALL, PEAK, ANON)
    table.head()
    table.show(row, in_turns((ours, folder, None), (row, folder, None), args.runs, work))
    print(f"\nCPU, wall, peak, anon: {LEGEND}")
