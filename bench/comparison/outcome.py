"""Reads barewire's reports: did it find the same in every run, and look at the same?"""

import hashlib
import json

from .measure import Failure

# What changes from day to day though nothing else does.
DATED = {"days_exposed"}


class Outcome:
    """What all runs of a comparison must have in common: what was found, and the other parts of the report named."""

    def __init__(self, *parts):
        self.parts = parts
        self.report = None
        self.digest = None

    def check(self, output):
        """Compares the report in a file with the ones before."""
        self.report = json.loads(output.read_bytes())
        digest = digest_of(self.report, self.parts)
        if self.digest not in (None, digest):
            raise Failure("barewire found different things in two runs over the same content")
        self.digest = digest

    def tell(self, threads):
        """Prints how much was found."""
        findings, credentials = len(self.report["findings"]), len(self.report["credentials"])
        print(f"barewire: {threads} threads, {findings} findings, {credentials} credentials.")
        print(f"Digest of what it found, the same in every run: {self.digest}")


def digest_of(report, parts):
    """A hash of what was found and where. It says nothing of the values."""
    found = [{key: value for key, value in finding.items() if key != "secret"} for finding in report["findings"]]
    whole = [found, report["credentials"], report["suppressed"], *(report[part] for part in parts)]
    return hashlib.sha256(json.dumps(undated(whole), sort_keys=True).encode()).hexdigest()[:32]


def undated(value):
    if isinstance(value, dict):
        return {key: undated(inner) for key, inner in value.items() if key not in DATED}
    return [undated(inner) for inner in value] if isinstance(value, list) else value
