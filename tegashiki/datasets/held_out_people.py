"""People who are held out of training, by one rule for all files of UNIPEN.

Many people occur in several files of UNIPEN: 104 of the 147 writers of `unipen-lines` also wrote isolated characters.
Therefore a person is held out by name in all files. The same name under several contributors (`apb-Chris_Hess` and
`apd-Chris_Hess`) counts as one person.
"""

import hashlib
import re
from collections.abc import Iterable

from tegashiki.errors import UserError

# People whose salted hash is below this share are held out. The salt is the first of 0, 1, 2, ... that holds out 14 to
# 16 % of the people and 13 to 17 % of the drawings in each of the three files (docs/datasets.md).
HELD_OUT_SALT = "32"
HELD_OUT_SHARE = 0.15

# Splits for the evaluation of models only. Training refuses them by name.
VALIDATION_ONLY = {
    "symbols": frozenset({"chars74k", "unipen_people", "detypify"}),
    "lines": frozenset({"validation"}),
    "people": frozenset({"validation"}),
}


def person_of(writer: str) -> str:
    """Return the person's name in the name of a UNIPEN writer: `chrishess` for `unipen-apb-Chris_Hess`."""
    name = writer.removeprefix("unipen-").partition("-")[2]
    return re.sub(r"[^a-z0-9]", "", name.lower())


def is_held_out(writer: str) -> bool:
    """Return whether a UNIPEN writer (`unipen-CONTRIBUTOR-NAME`) is held out of training.

    Raises:
        ValueError: The name is not of this form, so the person is unknown.
    """
    person = person_of(writer)
    if not writer.startswith("unipen-") or not person:
        raise ValueError(f"{writer!r} is not a writer of UNIPEN: expected unipen-CONTRIBUTOR-NAME")
    return _hash(HELD_OUT_SALT, person) < HELD_OUT_SHARE


def _hash(salt: str, person: str) -> float:
    """Return a number from 0 to 1 that depends only on the salt and the person."""
    return int.from_bytes(hashlib.sha256(f"{salt}:{person}".encode()).digest()[:4]) / 2**32


def check_training(dataset: str, splits: Iterable[str]) -> None:
    """Refuse to train on splits that are for validation only.

    Args:
        dataset: Name of a dataset with or without a variant (`symbols/limit_100`).
        splits: Names of splits or of parts of splits (`chars74k[:50%]`).

    Raises:
        UserError: One of the splits is for validation only.
    """
    refused = VALIDATION_ONLY.get(dataset.split("/")[0], frozenset())
    for split in splits:
        if split.split("[")[0] in refused:
            raise UserError(
                f"{dataset} {split} is for validation only and cannot be used for training: remove it from the data "
                "of the config"
            )
