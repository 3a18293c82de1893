"""People who are kept out of training, by name: one rule for every file of UNIPEN.

UNIPEN's people wrote several of our files: 104 of the 147 writers of `unipen-lines` wrote isolated characters too. A
person is therefore held out by name, not file by file. The same name occurs under several contributors
(`apb-Chris_Hess` and `apd-Chris_Hess`), and counts as one person.
"""

import hashlib
import re
from collections.abc import Iterable

from tegashiki.errors import UserError

# Held-out people are those whose salted hash is below this share. Of the salts 0, 1, 2, ... this is the first with
# which 14 to 16 % of the people and 13 to 17 % of the drawings are held out, in each of the three files
# (docs/datasets.md).
HELD_OUT_SALT = "32"
HELD_OUT_SHARE = 0.15

# Splits that exist to judge models. Training refuses them by name.
VALIDATION_ONLY = {
    "symbols": frozenset({"chars74k", "unipen_people", "detypify"}),
    "lines": frozenset({"validation"}),
    "people": frozenset({"validation"}),
}


def person_of(writer: str) -> str:
    """Return the name by which a UNIPEN writer is held out: `unipen-apb-Chris_Hess` is the person `chrishess`."""
    name = writer.removeprefix("unipen-").partition("-")[2]
    return re.sub(r"[^a-z0-9]", "", name.lower())


def is_held_out(writer: str) -> bool:
    """Return whether a UNIPEN writer (`unipen-CONTRIBUTOR-NAME`) is kept out of training.

    Raises:
        ValueError: the writer has no name, so that nobody can say who it is.
    """
    person = person_of(writer)
    if not writer.startswith("unipen-") or not person:
        raise ValueError(f"{writer!r} is no writer of UNIPEN: expected unipen-CONTRIBUTOR-NAME")
    return _hash(HELD_OUT_SALT, person) < HELD_OUT_SHARE


def _hash(salt: str, person: str) -> float:
    """A number from 0 to 1 that depends on the person alone."""
    return int.from_bytes(hashlib.sha256(f"{salt}:{person}".encode()).digest()[:4]) / 2**32


def check_training(dataset: str, splits: Iterable[str]) -> None:
    """Refuse to train on splits that are for validation only.

    Args:
        dataset: a dataset's name, with or without a variant (`symbols/limit_100`).
        splits: names of splits or of parts of them (`chars74k[:50%]`).

    Raises:
        UserError: one of the splits is for validation only.
    """
    refused = VALIDATION_ONLY.get(dataset.split("/")[0], frozenset())
    for split in splits:
        if split.split("[")[0] in refused:
            raise UserError(
                f"{dataset} {split} is for validation only and cannot be trained on: its people judge models; "
                "leave it out of the config's data"
            )
