"""Runs programs in turns and says what each run cost."""

import ctypes
import os
import re
import select
import signal
import statistics
import subprocess
import time
from collections import namedtuple
from pathlib import Path

LIMIT = 1800  # seconds that one run may take
SAMPLE = 15  # milliseconds between two looks at the memory of a program

# One way to run one program: its name in the table, its arguments, and the exit codes that are no failure.
# `{work}` in an argument is the folder for temporary files. What is printed goes to `output`, or to a file of its own.
Row = namedtuple("Row", "name argv codes threads output", defaults=[None])

# What one run cost: seconds, seconds, MiB, MiB.
Cost = namedtuple("Cost", "cpu wall peak anon")


class Failure(Exception):
    """Something that makes the figures worthless."""


def prepare():
    """Lets this process wait for the children of its children, see `run`, and not for ever."""
    if ctypes.CDLL(None, use_errno=True).prctl(36, 1, 0, 0, 0):
        raise Failure("the system does not allow to wait for grandchildren")
    signal.signal(signal.SIGALRM, too_slow)


def too_slow(*_):
    raise Failure(f"a program did not end within {LIMIT} seconds")


def output_of(work, row):
    return Path(row.output or work / (re.sub(r"\W+", "-", row.name) + ".out"))


def run(row, folder, work, source="/dev/null"):
    """Runs a program and says what it cost.

    A process takes the peak memory of the one that started it along, even over `exec`: Python's would hide that of
    every small program. So a shell, which is smaller, makes the child and goes away, and this process inherits it.
    The child waits at a gate until then, and the clock starts when the gate opens.
    What is printed goes to a file for all alike; on `/dev/null` some programs do less. A row that prints all that
    there is to read, because it has no other way to do its work, is the exception.
    """
    argv = [part.replace("{work}", str(work)) for part in row.argv]
    errors = work / "errors"
    start = 'exec "$@" <"$source" >"$output" 2>"$errors" 3<&-'
    script = f"source=$1 output=$2 errors=$3; shift 3; exec 3<&0; {{ read -r _ <&3; {start}; }} >&2 & echo $!"
    shell = ["/bin/sh", "-c", script, "sh", str(source), str(output_of(work, row)), str(errors), *argv]
    waiting, gate = os.pipe()
    child = int(subprocess.run(shell, cwd=folder, stdin=waiting, stdout=subprocess.PIPE, check=True).stdout)
    os.close(waiting)
    signal.alarm(LIMIT)
    begin = time.perf_counter()
    os.close(gate)
    try:
        anon = watch(child)
        wall = time.perf_counter() - begin
        _, status, usage = os.wait4(child, 0)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    finally:
        signal.alarm(0)
    code = os.waitstatus_to_exitcode(status)
    if code not in row.codes:
        said = errors.read_text(errors="replace").strip().splitlines()[-3:]
        raise Failure(f"{row.name} ended with {code}: {' / '.join(said)}")
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024, anon)


def watch(child):
    """Waits for the end of a process and returns the most anonymous memory that was seen, in MiB.

    The system keeps no peak of it, so a shorter peak than the pause between two looks is not seen.
    """
    most = 0
    handle = os.pidfd_open(child)
    try:
        ended = select.poll()
        ended.register(handle, select.POLLIN)
        while not ended.poll(SAMPLE):
            with open(f"/proc/{child}/status", "rb") as status:
                seen = re.search(rb"RssAnon:\s*(\d+) kB", status.read())
            most = max(most, int(seen[1]) if seen else 0)
    finally:
        os.close(handle)
    return most / 1024


def in_turns(ours, theirs, runs, work):
    """Runs two programs in turns, after once each to warm the cache. Each is its row, its folder and its check."""
    pairs = []
    for turn in range(runs + 1):
        pair = []
        for row, folder, check in (ours, theirs):
            pair.append(run(row, folder, work))
            if check:
                check(output_of(work, row))
        if turn:
            pairs.append(pair)
    return pairs


def median(costs, what):
    return statistics.median(getattr(cost, what) for cost in costs)


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        model = re.search(r"model name\s*: (.*)", info.read())
    count, name, load = len(os.sched_getaffinity(0)), model[1] if model else "unknown", os.getloadavg()[0]
    return f"{count} processors ({name}), load {load:.1f} at the start."
