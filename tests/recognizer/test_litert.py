"""The metadata of a model file, and the refusal of other files. tests/export tests the results of the model."""

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tegashiki.cli import main
from tegashiki.decoding.calibration import Calibration
from tegashiki.export.model_file import finish
from tegashiki.ink.ink import Ink
from tegashiki.ink.inkml import write_inkml
from tegashiki.recognizer import metadata as metadata_module
from tegashiki.recognizer.candidate import RecognizerError
from tegashiki.recognizer.litert import LiteRTBackend, read_description
from tegashiki.recognizer.metadata import FORMAT, read_metadata
from tegashiki.recognizer.recognizer import DEFAULT_MODEL, Recognizer

PREPARED = {"points_per_stroke": 32, "rdp_epsilon": 0.02}
METADATA = {"format": FORMAT, "vocabulary": ["x", r"\alpha", "語"], "max_tokens": 4, **PREPARED}
SIZES = {"stroke_sizes": [4], "beam_sizes": [1], "row_axes": {}}


def empty_tflite():
    """Return a .tflite with an empty graph and metadata of another tool."""
    graph, model, other = schema.SubGraphT(), schema.ModelT(), schema.MetadataT()
    model.version = 3
    graph.tensors, graph.operators, graph.inputs, graph.outputs = [], [], [], []
    buffers = [schema.BufferT(), schema.BufferT()]
    buffers[1].data = list(b"1.5.0")
    other.name, other.buffer = "min_runtime_version", 1
    model.subgraphs, model.buffers, model.metadata, model.operatorCodes = [graph], buffers, [other], []
    builder = flatbuffers.Builder(64)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.tflite"


def test_metadata_can_be_read_back(path):
    path.write_bytes(finish(empty_tflite(), METADATA))
    assert read_metadata(path) == METADATA


def test_other_metadata_is_kept():
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(finish(empty_tflite(), METADATA), 0))
    assert [entry.name for entry in model.metadata] == [b"min_runtime_version", b"tegashiki"]
    assert bytes(model.buffers[model.metadata[0].buffer].data) == b"1.5.0"


def test_a_newer_format_is_refused_with_both_numbers(path):
    path.write_bytes(finish(empty_tflite(), {**METADATA, "format": FORMAT + 1}))
    with pytest.raises(RecognizerError, match=rf"has format {FORMAT + 1}, .* up to {FORMAT}: update tegashiki"):
        read_metadata(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"x", b"not a model at all", b"\x89PNG\r\n\x1a\n" + bytes(100), bytes(64), b"\x10\0\0\0TFL3", b"\xff" * 64],
)
def test_a_foreign_file_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(RecognizerError, match=r"model\.tflite"):
        Recognizer.load(path)


def test_a_tflite_of_another_tool_is_refused(path):
    path.write_bytes(empty_tflite())
    with pytest.raises(RecognizerError, match="not written by `tegashiki export`"):
        Recognizer.load(path)


@pytest.mark.parametrize("metadata", [[1], {}, {"format": "1"}, "text"])
def test_metadata_of_another_shape_is_refused(path, metadata):
    path.write_bytes(finish(empty_tflite(), metadata))
    with pytest.raises(RecognizerError, match="not written by `tegashiki export`"):
        read_metadata(path)


def test_incomplete_metadata_is_refused(path):
    path.write_bytes(finish(empty_tflite(), METADATA))
    with pytest.raises(RecognizerError, match="damaged: 'stroke_sizes'"):
        LiteRTBackend(path)


def test_a_truncated_file_is_refused(path):
    whole = finish(empty_tflite(), METADATA)
    for length in range(0, len(whole), 3):
        path.write_bytes(whole[:length])
        with pytest.raises(RecognizerError):
            LiteRTBackend(path)


def test_a_file_with_a_changed_byte_is_read_or_refused(path):
    whole = finish(empty_tflite(), METADATA)
    random = np.random.default_rng(0)
    for place in random.integers(0, len(whole), 200):
        changed = bytearray(whole)
        changed[place] = random.integers(256)
        path.write_bytes(changed)
        try:
            read_metadata(path)
        except RecognizerError as error:
            assert str(path) in str(error)


def test_the_command_reports_a_damaged_model_in_one_line(path, tmp_path, capsys):
    path.write_bytes(b"not a model")
    ink = tmp_path / "ink.inkml"
    ink.write_text(write_inkml(Ink((np.array([[0.0, 0.0], [1.0, 1.0]]),))))
    assert main(["recognize", str(path), str(ink)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "damaged, or not a model file" in error


@pytest.mark.parametrize(
    "wrong",
    [
        *({"vocabulary": [1]}, {"vocabulary": 3}, {"vocabulary": ["x", "x"]}, {"max_tokens": 1e999}, {"max_tokens": 0}),
        *({"stroke_sizes": []}, {"stroke_sizes": [[]]}, {"beam_sizes": [2, 1]}),
        *({"row_axes": {"cache": "0"}}, {"row_axes": [0]}),
    ],
)
def test_metadata_of_other_types_is_refused(path, wrong):
    path.write_bytes(finish(empty_tflite(), {**METADATA, **SIZES, **wrong}))
    with pytest.raises(RecognizerError, match="damaged"):
        LiteRTBackend(path)


def test_metadata_nested_too_deeply_is_refused(path):
    whole = finish(empty_tflite(), {"format": "x" * 5000})
    path.write_bytes(whole.replace(b'{"format":"' + b"x" * 4900, b"[" * 4911))
    with pytest.raises(RecognizerError, match="damaged, or not a model file"):
        read_metadata(path)


def test_a_huge_vector_length_is_limited(path, monkeypatch):
    """Only the first MAX_ENTRIES entries are read."""
    whole = finish(empty_tflite(), METADATA)
    looked = []
    element = metadata_module._element
    monkeypatch.setattr(metadata_module, "_count", lambda content, vector: 10**9)
    monkeypatch.setattr(
        metadata_module, "_element", lambda content, vector, index: looked.append(index) or element(content, vector, 0)
    )
    path.write_bytes(whole)
    with pytest.raises(RecognizerError, match="not written by"):
        read_metadata(path)
    assert 1 <= len(looked) <= metadata_module.MAX_ENTRIES


def test_a_vocabulary_of_another_model_is_refused(tmp_path):
    """Without the check, a missing token would cause a shape error in the search."""
    whole = DEFAULT_MODEL.read_bytes()
    metadata = read_metadata(DEFAULT_MODEL)
    metadata["vocabulary"].pop()
    path = tmp_path / "model.tflite"
    path.write_bytes(finish(without_metadata(whole), metadata))
    with pytest.raises(RecognizerError, match="they do not belong together"):
        Recognizer.load(path).recognize(Ink((np.array([[0.0, 0.0], [1.0, 1.0]]),)))


def without_metadata(content):
    """Return the same model with our metadata under another name."""
    return content.replace(b"\x09\0\0\0tegashiki\0", b"\x09\0\0\0something\0")


@pytest.mark.parametrize(
    "wrong",
    [
        *({"row_axes": {}}, {"row_axes": {"cache_key9": 2}}, {"row_axes": {"cache_previous0": 1}}),
        *({"row_axes": {"cache_key0": axis}} for axis in (7, -2, 1)),
        *({"max_tokens": 64}, {"max_tokens": 200}),
    ],
)
def test_metadata_that_contradicts_the_graph_is_refused(tmp_path, wrong):
    metadata = read_metadata(DEFAULT_MODEL)
    if wrong.get("row_axes"):
        metadata["row_axes"] |= wrong["row_axes"]
    else:
        metadata |= wrong
    path = tmp_path / "model.tflite"
    path.write_bytes(finish(without_metadata(DEFAULT_MODEL.read_bytes()), metadata))
    with pytest.raises(RecognizerError, match=r"damaged: cache_\w+ of decode_8x5 contradicts row_axes or max_tokens"):
        Recognizer.load(path).recognize(Ink((np.array([[0.0, 0.0], [1.0, 1.0]]),)))


@pytest.mark.parametrize("wrong", [{"points_per_stroke": 64}, {"rdp_epsilon": 0.01}])
def test_a_model_for_another_preprocessing_is_refused(path, wrong):
    path.write_bytes(finish(empty_tflite(), {**METADATA, **SIZES, **wrong}))
    with pytest.raises(RecognizerError, match=r"not 32 points a stroke and RDP's epsilon 0\.02: export it again"):
        LiteRTBackend(path)


@pytest.mark.parametrize("wrong", [{"temperature": 0}, {"bonus": "1"}, 3])
def test_an_invalid_calibration_is_refused(path, wrong):
    path.write_bytes(finish(empty_tflite(), {**METADATA, **SIZES, "calibration": wrong}))
    with pytest.raises(RecognizerError, match="damaged"):
        LiteRTBackend(path)


def test_unknown_fields_of_a_calibration_are_ignored(path):
    path.write_bytes(finish(empty_tflite(), {**METADATA, **SIZES, "calibration": {"bonus": 0.1, "slope": 1}}))
    assert read_description(path).calibration == Calibration(bonus=0.1)


@pytest.mark.parametrize(
    "hidden",
    [
        [1],
        {},
        {"mean": [0.5], "fingerprint": 3},
        {"mean": 3, "fingerprint": "a"},
        {"mean": ["0.5"], "fingerprint": "a"},
        {"mean": [float("nan")], "fingerprint": "a"},
    ],
)
def test_invalid_facts_about_hidden_vectors_are_refused(path, hidden):
    path.write_bytes(finish(empty_tflite(), {**METADATA, **SIZES, "hidden": hidden}))
    with pytest.raises(RecognizerError, match="is damaged"):
        read_description(path)


def test_files_of_format_1_load_and_cannot_learn(path):
    path.write_bytes(finish(empty_tflite(), {**METADATA, **SIZES, "format": 1}))
    assert read_description(path).hidden is None


def test_the_shipped_file_can_learn():
    hidden = read_description(DEFAULT_MODEL).hidden
    assert hidden is not None
    assert len(hidden.mean_D) == read_metadata(DEFAULT_MODEL)["model"]["width"]
