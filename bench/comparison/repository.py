"""Asks git about repositories, and makes some."""

import os
import subprocess
from pathlib import Path

from .measure import Failure

PERSON = ["-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "commit.gpgsign=false"]


def settle():
    """Makes git look at the repositories that it is told to, and at nothing else: no hook's variables, no network."""
    for name in git(["rev-parse", "--local-env-vars"]).split():
        os.environ.pop(name, None)
    os.environ["GIT_NO_LAZY_FETCH"] = "1"


def git(arguments, folder="."):
    ran = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise Failure(f"git {arguments[0]} in {folder}: {ran.stderr.strip()}")
    return ran.stdout.strip()


def root(path):
    """The folder of a repository, bare or not."""
    if not path.is_dir():
        raise Failure(f"{path} is not a folder")
    is_bare = git(["rev-parse", "--is-bare-repository"], path) == "true"
    return Path(git(["rev-parse", "--absolute-git-dir" if is_bare else "--show-toplevel"], path))


def bare(path, folder):
    """The folder of a bare repository, without files that others would scan along.

    Of a repository with a working tree a mirror is made in `folder`, which takes its objects from the first: Kingfisher
    would read the files, too, and one inside of `.git` does not know that it is a repository. One with linked worktrees
    it reads twice.
    """
    place = root(path)
    if git(["rev-parse", "--is-bare-repository"], place) == "false":
        git(["clone", "-q", "--mirror", "--shared", "--template=", str(place), str(folder)])
        return folder
    worktrees = git(["worktree", "list", "--porcelain"], place).split("\n\n")
    if len(worktrees) > 1:
        raise Failure(f"{path} has {len(worktrees) - 1} linked worktrees: others would read it as often; use a clone")
    return place


def commit_all(folder):
    """Makes a repository of a folder, with all of its files in one commit and in one pack."""
    git(["init", "-q", "--template=", "."], folder)
    # Nothing is gained by good compression, and much time is lost.
    git(["-c", "core.compression=1", "-c", "core.autocrlf=false", "add", "--all", "--force", "."], folder)
    git([*PERSON, "commit", "-q", "--no-verify", "-m", "all"], folder)
    git(["repack", "-adq", "--window=0"], folder)


def share(repository, folder):
    """Makes another repository with the same HEAD and index, which takes its objects from the first."""
    git(["clone", "-q", "--shared", "--no-checkout", "--template=", str(repository), str(folder)])
    index = Path(repository, git(["rev-parse", "--git-path", "index"], repository))
    for file in [index, *index.parent.glob("sharedindex.*")]:
        (folder / ".git" / file.name).write_bytes(file.read_bytes())
