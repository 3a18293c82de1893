"""Use of the builders by functions of TFDS: by name, and without TensorFlow where TFDS does not need it.

The test class of TFDS needs TensorFlow (the extra `export`) and dill (`dev`).
"""

import importlib.util
import json
import subprocess
import sys

import pytest
import tensorflow_datasets as tfds

from tegashiki.datasets.builder import FEATURES, limit_of
from tegashiki.datasets.crohme import Crohme
from tegashiki.datasets.embedded import Embedded
from tegashiki.datasets.ink_folder import InkFolder
from tegashiki.datasets.lines import Lines
from tegashiki.datasets.mathwriting import MathWriting
from tegashiki.datasets.people import People
from tegashiki.datasets.symbols import Symbols
from tegashiki.synthesis.embedded import generate

from .sources import ink, write

BUILDERS = [Crohme, MathWriting, InkFolder, Symbols, Lines, People, Embedded]
NAMED_WITHOUT_TENSORFLOW = """
import sys
from importlib.machinery import PathFinder

find_spec = PathFinder.find_spec
PathFinder.find_spec = lambda name, *rest: None if name.split(".")[0] == "tensorflow" else find_spec(name, *rest)
import tensorflow_datasets as tfds

source = tfds.data_source("crohme/limit_2", split="train", data_dir=sys.argv[1])
assert len(source) == 2 and source[0]["tokens"]
assert not any(name.startswith("tegashiki") for name in sys.modules)
assert "tensorflow" not in sys.modules
"""


@pytest.mark.parametrize("name", ["limit_3", "wide_limit_3"])
def test_tfds_prepares_and_reads_a_variant_by_name(name, tmp_path):
    dialect = "wide" if name.startswith("wide") else "easy"
    source = tfds.data_source(f"embedded/{name}", split="train", data_dir=tmp_path)
    expected = {
        example.ink.source.encode(): " ".join(example.tokens) for example in generate("train", 3, dialect=dialect)
    }
    assert {record["source"]: record["tokens"].decode() for record in source} == expected


def test_tfds_reads_a_dataset_without_tegashiki_and_tensorflow(crohme_source, tmp_path):
    Crohme(data_dir=tmp_path, source=crohme_source, limit=2).download_and_prepare()
    command = [sys.executable, "-W", "error", "-c", NAMED_WITHOUT_TENSORFLOW, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_limit_is_read_from_a_variants_name():
    assert limit_of("limit_100") == limit_of("mine_limit_100") == 100
    assert limit_of("mine") is limit_of("limit_") is limit_of("limit_0") is limit_of("limit_5_more") is None


@pytest.mark.parametrize("builder_class", BUILDERS)
def test_builders_describe_themselves_their_features_and_their_terms(builder_class, tmp_path):
    info = builder_class(data_dir=tmp_path).info
    assert len(info.description.split()) > 25
    assert info.redistribution_info.license
    assert set(info.features) == set(FEATURES)
    assert all(feature.doc.desc for feature in info.features.values())


@pytest.mark.parametrize("builder_class", [Crohme, MathWriting, Symbols, Lines, People])
def test_builders_of_published_ink_cite_it(builder_class, tmp_path):
    info = builder_class(data_dir=tmp_path).info
    assert info.citation.count("@") >= 1
    assert info.homepage.startswith("https://")


@pytest.mark.slow
@pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in ("tensorflow", "dill")), reason="needs TensorFlow and dill"
)
def test_tfds_own_test_case_passes(crohme_source, tmp_path):
    """Run in a separate process, because TensorFlow warns on import, and warnings are errors here."""
    crohme_source.rename(tmp_path / "crohme")
    for name in ("mathwriting", "ink_folder"):
        inks = {"train/a": ink("x+1", "x + 1"), "train/b": ink("y", "y"), "valid/c": ink("z", "z")}
        write(tmp_path / name, inks)
    (tmp_path / "symbols").mkdir()
    rows = [{"label": label, "strokes": [[[0, 0], [3, number]]]} for number, label in enumerate("ab")]
    (tmp_path / "symbols/unipen-isolated.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    (tmp_path / "lines").mkdir()
    people = ("unipen-x-MWBK4038", "unipen-x-BNGM-227")  # one in training, one held out
    written = [
        {"text": "1+2", "label": None, "lines": 1, "writer": name, "strokes": [[[0, 0], [3, 1]]]} for name in people
    ]
    (tmp_path / "lines/unipen-lines.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in written))
    command = [sys.executable, "-m", "tests.datasets.tfds_test_case", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-5000:]
    assert done.stderr.count(".test_download_and_prepare_as_dataset\n") == 2 * 7  # start and end for seven builders
