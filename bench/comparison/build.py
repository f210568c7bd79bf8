"""Builds the programs of this repository."""

import json
import re
import subprocess
from pathlib import Path

from .measure import Failure

ROOT = Path(__file__).resolve().parent.parent.parent


def barewire():
    """Builds barewire in release mode and returns its path."""
    program = build(["cargo", "build", "--release", "--locked", "--bin", "barewire"], "barewire")
    print(f"  {version_of([program, '--version'])}, {commit()}")
    return program


def bench(name):
    """Builds a bench target and returns its path."""
    return build(["cargo", "bench", "--no-run", "--locked", "--bench", name], name)


def bench_if_there(name):
    """Builds a bench target and returns its path, or `None` if this commit has no such target."""
    command = ["cargo", "metadata", "--no-deps", "--format-version", "1", "--locked"]
    told = json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)
    targets = (target for package in told["packages"] for target in package["targets"])
    if any(target["name"] == name and "bench" in target["kind"] for target in targets):
        return bench(name)
    print(f"  there is no bench target {name}: the rows that need it are left out")
    return None


def build(command, name):
    print(f"building {name} …", flush=True)
    built = subprocess.run([*command, "--message-format", "json"], cwd=ROOT, stdout=subprocess.PIPE, check=False)
    if built.returncode:
        raise Failure(f"{name} could not be built")
    for line in built.stdout.splitlines():
        message = json.loads(line)
        if message.get("executable") and message["target"]["name"] == name:
            program = message["executable"]
    return program


def run(command, folder):
    """Runs a program that has to succeed."""
    if code := code_of(command, folder):
        raise Failure(f"{' '.join(command)} ended with {code}")


def code_of(command, folder):
    """The exit code of a program, whatever it says."""
    return subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode


def commit():
    git = ["git", "-C", str(ROOT)]
    head = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=False)
    changed = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=False)
    return f"commit {head.stdout.strip() or 'unknown'}{', with changes' if changed.stdout else ''}"


def version_of(command):
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    line = said.splitlines()[0] if said else "unknown"
    return line if re.search("[a-z]", line) else f"{Path(command[0]).name} {line}"
