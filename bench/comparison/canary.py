"""Makes what every program must find. One that does not find it would be compared for nothing."""

import base64
import hashlib

from .measure import output_of, run

NOISE = hashlib.sha384(b"canary")
TOKEN = "PT" + NOISE.hexdigest()[:48]
# Programs with rules of their own know this one.
OTHER = "AKIA" + base64.b32encode(NOISE.digest()).decode()[:16]
NAME = "config.env"


def write(folder):
    folder.mkdir(exist_ok=True)
    (folder / NAME).write_text(f"signalwire_token = '{TOKEN}'\naws_key = '{OTHER}'\n")


def found_by(row, folder, work, signs=(NAME, TOKEN)):
    """Whether the program, run in this way, sees what is in the folder: one of the signs is in what it prints."""
    row = row._replace(output=None)
    run(row, folder, work)
    printed = output_of(work, row).read_text(errors="replace")
    seen = any(sign in printed for sign in signs)
    if not seen:
        print(f"{row.name}: left out, because it does not see what was put there for it")
    return seen
