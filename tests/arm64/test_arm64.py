"""An arm64 processor, as phones have, reads like this machine's. `make test-arm64` runs this in an emulator."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.arm64.readings import readings

REPOSITORY = Path(__file__).parents[2]
EMULATORS = ["qemu-aarch64-static", "qemu-aarch64"]
PROCESSOR = "cortex-a76"  # of a phone of 2019; LiteRT crashes on features that the emulator offers beyond it
CLOSE = 0.5  # nats; candidates that are further apart do not change places by rounding


def emulated_readings(count, output):
    """Read inks with an emulated processor; skip the test where that is not possible."""
    folder = os.environ.get("TEGASHIKI_ARM64")
    if not folder:
        pytest.skip("TEGASHIKI_ARM64 does not name a folder made by tests/arm64/root.sh")
    emulator = next((found for name in EMULATORS if (found := shutil.which(name))), None)
    if emulator is None:
        pytest.skip(f"not installed here: {' or '.join(EMULATORS)}")
    root = Path(folder) / "root"
    command = [emulator, "-cpu", PROCESSOR, "-L", root, root / "usr/bin/python3", "-m", "tests.arm64.readings", output]
    environment = {
        **os.environ,
        "PYTHONPATH": f"{REPOSITORY}:{root / 'packages'}",
        "PYTHONHOME": str(root / "usr"),
        "OPENBLAS_NUM_THREADS": "1",
    }
    subprocess.run([*command, *count], check=True, cwd=REPOSITORY, env=environment)
    return list(map(json.loads, output.read_text("utf-8").splitlines()))


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The readings of this processor and of the emulated one."""
    count = [os.environ["TEGASHIKI_ARM64_INKS"]] if "TEGASHIKI_ARM64_INKS" in os.environ else []
    there = emulated_readings(count, tmp_path_factory.mktemp("arm64") / "readings.json")
    assert {reading["machine"] for reading in there} == {"aarch64"}
    here = json.loads(json.dumps(list(readings(*map(int, count)))))
    return tuple({reading["name"]: reading for reading in found} for found in (here, there))


def test_the_first_candidate_differs_only_where_two_were_close(both):
    here, there = both
    assert list(here) == list(there)
    different = [name for name in here if here[name]["tokens"][0] != there[name]["tokens"][0]]
    print(f"{len(different)} of {len(here)} inks have another first candidate")
    for name in different:
        first = here[name]["log_probabilities"]
        assert here[name]["tokens"].index(there[name]["tokens"][0]) > 0, name
        assert first[0] - first[here[name]["tokens"].index(there[name]["tokens"][0])] < CLOSE, name
    assert len(different) <= len(here) / 20


def test_equal_candidates_have_equal_probabilities_and_strokes(both):
    here, there = both
    differences, same = [], 0
    for name in here:
        mine, theirs = here[name], there[name]
        pairs = dict(zip(map(tuple, theirs["tokens"]), theirs["log_probabilities"], strict=True))
        for tokens, value in zip(mine["tokens"], mine["log_probabilities"], strict=True):
            if tuple(tokens) in pairs:
                differences.append(abs(np.exp(value) - np.exp(pairs[tuple(tokens)])))
        same += mine["tokens"] == theirs["tokens"]
        if mine["tokens"][0] == theirs["tokens"][0]:
            assert mine["strokes"] == theirs["strokes"], name
    print(f"{same} of {len(here)} inks have the same candidates in the same order; probabilities differ by at most")
    print(f"{max(differences):.2g}, on average {np.mean(differences):.2g}, over {len(differences)} candidates")
    assert max(differences) < 0.1
    assert same >= 0.8 * len(here)
