import dataclasses
import json

import jax
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tegashiki.cli import main
from tegashiki.decoding.search import search
from tegashiki.errors import UserError
from tegashiki.export import export as export_module
from tegashiki.export.convert import ConversionError, to_tflite
from tegashiki.export.export import check_inks, export, sizes_for
from tegashiki.export.hidden import describe_hidden, hidden_vectors
from tegashiki.export.model_file import ALIGNMENT, finish
from tegashiki.export.model_metadata import build_metadata, licence
from tegashiki.export.parity import ParityError, encode
from tegashiki.export.quantize import quantize
from tegashiki.export.signatures import DEFAULT_SIZES, Signature, make_signatures
from tegashiki.input_pipeline.batching import Limits
from tegashiki.latex.vocabulary import BOS_ID
from tegashiki.models.seq2seq import Seq2Seq
from tegashiki.recognizer.litert import LiteRTBackend
from tegashiki.recognizer.metadata import read_metadata
from tegashiki.training.checkpoint import Checkpoints
from tegashiki.training.checkpoint_backend import CheckpointBackend
from tegashiki.training.config import DataConfig
from tests.export.conftest import make_checkpoint


def sure(checkpoint):
    """The same model with a large bias for one token, which it always predicts, also after quantisation."""
    ema = jax.tree.map(np.array, checkpoint.state.ema)
    ema["model"]["tokens"]["bias"][-1] += 50.0
    return dataclasses.replace(checkpoint, state=checkpoint.state.replace(ema=ema))


def test_float32_file_matches_the_model(made, converted, tmp_path):
    given, said = converted(made), []
    result = export(made.checkpoint, tmp_path / "model.tflite", "none", made.inks, made.sizes, said.append)
    assert result.parity.logits < 1e-4
    assert result.parity.same_tokens == 1
    assert not result.parity.differing
    assert result.parity.inks == len(made.inks) == 6
    assert result.size == result.path.stat().st_size
    assert {"stem", "encode_24", "decode_24x1", "decode_24x3"} <= set(result.signatures)
    assert len(said) == 3
    hidden = LiteRTBackend(result.path).hidden
    assert result.metadata["hidden"]["fingerprint"] == hidden.fingerprint
    assert hidden.mean_D.shape == (made.checkpoint.config.model.width,)
    jax.tree.map(np.testing.assert_array_equal, given[0], {"model": made.checkpoint.state.ema["model"]})
    assert [path.name for path in tmp_path.iterdir()] == ["model.tflite"]


def test_logits_are_computed_from_the_hidden_vector(made, tmp_path):
    path = tmp_path / "model.tflite"
    path.write_bytes(finish(made.content, describe_made(made)))
    backend, ink = LiteRTBackend(path), next(iter(made.inks.values()))
    encoded = encode(backend, ink)
    tokens_W = np.array([BOS_ID], np.int32)
    logits_WV, _, hidden_WD, cache = backend.decode_hidden(encoded, backend.init_cache(encoded, 1), tokens_W, 0)
    dense = jax.tree.map(np.asarray, made.checkpoint.state.ema["model"]["tokens"])
    np.testing.assert_allclose(hidden_WD @ dense["kernel"] + dense["bias"], logits_WV, atol=1e-4)
    assert "hidden" not in cache
    same_WV, *_ = backend.decode_step(encoded, backend.init_cache(encoded, 1), tokens_W, 0)
    np.testing.assert_array_equal(same_WV, logits_WV)
    vectors_LD = hidden_vectors(backend, ink)
    assert len(vectors_LD) == len(ink.tokens)
    np.testing.assert_array_equal(vectors_LD[0], hidden_WD[0])
    about = describe_hidden(backend, made.content, [ink])
    np.testing.assert_allclose(about["mean"], vectors_LD.mean(axis=0), atol=1e-5)
    assert about == describe_hidden(backend, made.content, [ink])
    assert about["fingerprint"] != describe_hidden(backend, made.content + b"x", [ink])["fingerprint"]
    assert about["fingerprint"] != describe_hidden(backend, made.content, made.inks.values())["fingerprint"]


def describe_made(made):
    model = Seq2Seq(made.checkpoint.config.model, len(made.checkpoint.vocabulary))
    params = {"model": made.checkpoint.state.ema["model"]}
    return build_metadata(made.checkpoint, make_signatures(model, params, made.sizes), made.sizes, "none")


def test_differing_file_is_refused_and_the_old_one_stays(transformer, converted, tmp_path):
    converted(transformer)
    ema = jax.tree.map(lambda leaf: leaf, transformer.checkpoint.state.ema)
    ema["model"]["tokens"]["bias"] = ema["model"]["tokens"]["bias"] + 2e-4
    other = dataclasses.replace(transformer.checkpoint, state=transformer.checkpoint.state.replace(ema=ema))
    path = tmp_path / "model.tflite"
    path.write_text("old")
    with pytest.raises(ParityError, match=r"not written: logits differ by up to 0\.0002"):
        export(other, path, "none", transformer.inks, transformer.sizes, print)
    assert path.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["model.tflite"]


def test_error_for_a_differing_quantised_file_names_the_inks(transformer, converted, tmp_path):
    converted(transformer)
    other = make_checkpoint("transformer", seed=1)
    with pytest.raises(ParityError, match="known tokens") as refused:
        export(other, tmp_path / "model.tflite", "int8", transformer.inks, transformer.sizes, print)
    assert str(refused.value).count("\n") == len(transformer.inks)
    assert "validation[:40][0]" in str(refused.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["transformer", "gru"])
def test_quantised_files_are_smaller_and_read_the_same(kind, request, monkeypatch, tmp_path):
    made = request.getfixturevalue(kind)
    checkpoint = sure(made.checkpoint)
    # Instead of converting the changed model, replace its only changed array in the existing conversion.
    old = np.asarray(made.checkpoint.state.ema["model"]["tokens"]["bias"]).tobytes()
    new = np.asarray(checkpoint.state.ema["model"]["tokens"]["bias"]).tobytes()
    assert old in made.content
    monkeypatch.setattr(export_module, "to_tflite", lambda *_: bytes(made.content).replace(old, new))
    results = {
        name: export(checkpoint, tmp_path / f"{name}.tflite", name, made.inks, made.sizes, lambda line: None)
        for name in ("none", "float16", "int8")
    }
    assert results["none"].size > results["float16"].size > results["int8"].size
    assert results["none"].parity.logits < results["float16"].parity.logits < results["int8"].parity.logits
    assert all(result.parity.same_tokens == 1 for result in results.values())


def model_of(content):
    return schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))


def test_file_has_only_builtin_operators(made):
    codes = {max(code.builtinCode, code.deprecatedBuiltinCode) for code in model_of(made.content).operatorCodes}
    assert schema.BuiltinOperator.CUSTOM not in codes
    assert all(code.customCode is None for code in model_of(made.content).operatorCodes)


def test_signatures_share_the_weights(made):
    weights = sum(leaf.nbytes for leaf in jax.tree.leaves(made.checkpoint.state.ema["model"]))
    constants = sum(
        len(buffer.data) for buffer in model_of(finish(made.content, {})).buffers if buffer.data is not None
    )
    assert weights < constants < 1.5 * weights


@pytest.mark.parametrize("kind", ["none", "int8"])
def test_finished_files_are_smaller_and_aligned(transformer, kind):
    content = quantize(transformer.content, kind)
    finished = finish(content, {"format": 1})
    assert len(finished) < len(content)
    model = schema.Model.GetRootAs(finished, 0)
    for i in range(model.BuffersLength()):
        buffer = model.Buffers(i)
        assert buffer.Offset() == 0
        if buffer.DataLength():
            start = buffer._tab.Vector(buffer._tab.Offset(4))
            assert start % ALIGNMENT == 0


def test_signatures_compute_the_same_as_the_model(made, tmp_path):
    """Compare each signature with the jitted model, and the candidates of the same search with both."""
    path = tmp_path / "model.tflite"
    metadata = build_metadata(made.checkpoint, signatures_of(made), made.sizes, "none")
    path.write_bytes(finish(made.content, metadata))
    file, jitted = LiteRTBackend(path), jax_backend(made)
    for ink in list(made.inks.values())[:2]:
        np.testing.assert_allclose(file.stem(ink.points[0]), jitted.stem(ink.points[0]), atol=1e-4)
        encoded = [encode(backend, ink, 24) for backend in (file, jitted)]
        for name, array in encoded[0].memory.items():
            expected = encoded[1][name.removeprefix("encoded_")]
            np.testing.assert_allclose(array, expected, atol=1e-4, err_msg=name)
        found, expected = (search(b, e, beams=3, results=3) for b, e in zip((file, jitted), encoded, strict=True))
        for one, other in zip(found, expected, strict=True):
            assert one.ids == other.ids
            assert one.log_probability == pytest.approx(other.log_probability, abs=1e-3)
            np.testing.assert_allclose(one.attention, other.attention, atol=1e-4)


def signatures_of(made):
    return make_signatures(made.checkpoint.model, {"model": made.checkpoint.state.ema["model"]}, made.sizes)


def jax_backend(made):
    backend = CheckpointBackend.__new__(CheckpointBackend)  # without a checkpoint on disk
    backend.vocabulary_size, backend.max_tokens = len(made.checkpoint.vocabulary), made.sizes.tokens
    backend.stroke_sizes, backend.beam_sizes = made.sizes.strokes, made.sizes.beams
    backend._bind(made.checkpoint.model, made.checkpoint.state.ema)
    return backend


def test_default_limits_give_default_sizes():
    assert sizes_for(Limits()) == DEFAULT_SIZES
    assert sizes_for(Limits(strokes=32, tokens=64)) == dataclasses.replace(DEFAULT_SIZES, tokens=64)


def test_default_sizes_of_a_file_fit_the_limits_of_its_run(transformer, monkeypatch, tmp_path):
    """The fake converter records the shapes and stops."""
    asked = {}

    def to_tflite(functions, params):
        asked.update({function.name: function.inputs for function in functions})
        raise ConversionError("stop here")

    monkeypatch.setattr(export_module, "to_tflite", to_tflite)
    data = dataclasses.replace(transformer.checkpoint.config.data, limits=Limits(strokes=200, tokens=256))
    config = dataclasses.replace(transformer.checkpoint.config, data=data)
    with pytest.raises(ConversionError, match="stop here"):
        export(dataclasses.replace(transformer.checkpoint, config=config), tmp_path / "m.tflite", "none", {})
    assert asked["decode_200x5"]["mask"].shape == (1, 200)
    assert asked["decode_200x5"]["cache_key0"].shape == (5, 2, 256, 8)


def test_row_caches_are_found_and_unused_arrays_are_not_inputs(transformer):
    signatures = signatures_of(transformer)
    assert signatures.row_axes == {"cache_key0": 2, "cache_value0": 2, "cache_key1": 2, "cache_value1": 2}
    step = {function.name: function for function in signatures.functions}["decode_12x3"]
    assert "encoded_strokes" not in step.inputs
    assert step.inputs["encoded_key0"].shape[0] == 1
    assert step.inputs["cache_key0"].shape == (3, 2, 128, 8)


@pytest.mark.parametrize(
    ("data", "earlier", "expected"),
    [
        ({"dataset": "embedded"}, [], "Apache-2.0"),
        ({"dataset": "ink_folder/mine"}, [], "that of the ink it was trained on"),
        ({"dataset": "crohme"}, [], "trained on CROHME (CC BY-NC-SA 3.0): for non-commercial use"),
        ({"dataset": "ink_folder"}, ["crohme", "mathwriting"], "CROHME (CC BY-NC-SA 3.0) and MathWriting"),
        (
            {"dataset": "crohme", "symbols": ("unipen[:85%]",)},
            [],
            "and isolated symbols and lines of UNIPEN (CC BY 4.0)",
        ),
        (
            {"dataset": "synthetic"},
            ["crohme", "symbols"],
            "UNIPEN (CC BY 4.0); Detexify (ODbL 1.0): for non-commercial use",
        ),
        ({"dataset": "embedded", "symbols": ("omniglot",)}, [], "Omniglot (MIT): name these sources"),
        ({"dataset": "embedded", "symbols": ("digilets",)}, [], "DigiLeTs (no licence stated"),
        ({"dataset": "embedded", "symbols": ("digilets",)}, [], "for non-commercial use; see"),
        ({"dataset": "lines"}, ["symbols/omniglot"], "lines of UNIPEN (CC BY 4.0); Omniglot (MIT)"),
        ({"dataset": "synthetic/mine"}, ["embedded"], "Apache-2.0"),
        ({"dataset": "synthetic"}, [], "that of the ink it was trained on"),
    ],
)
def test_licence_names_all_ink_trained_on(data, earlier, expected):
    made = make_checkpoint("gru")
    config = dataclasses.replace(made.config, data=DataConfig(**data))
    assert expected in licence(dataclasses.replace(made, config=config, progress={"learnt_from": earlier}))


def test_error_names_the_operator_that_tflite_lacks():
    signature = Signature(
        "sorted",
        lambda params, inputs: {"y": jax.numpy.sort(inputs["x"])},
        {"x": jax.ShapeDtypeStruct((3,), np.float32)},
    )
    with pytest.raises(ConversionError, match=r"error: .*sort"):
        to_tflite([signature], {})


def test_check_inks_fit_the_file(transformer):
    inks = check_inks(transformer.checkpoint, None, 5, dataclasses.replace(transformer.sizes, strokes=(4, 8), tokens=8))
    assert len(inks) == 5
    assert all(len(ink.boxes) <= 8 and len(ink.tokens) <= 8 for ink in inks.values())
    with pytest.raises(UserError, match="no ink to compare on"):
        check_inks(transformer.checkpoint, None, 5, dataclasses.replace(transformer.sizes, tokens=1))


def test_export_command(transformer, monkeypatch, tmp_path, capsys):
    checkpoints = Checkpoints(tmp_path / "run")
    exported = sure(transformer.checkpoint)
    checkpoints.save("best", dataclasses.replace(exported, state=exported.state.replace(step=np.int32(1700))))
    checkpoints.close()
    old = np.asarray(transformer.checkpoint.state.ema["model"]["tokens"]["bias"]).tobytes()
    new = np.asarray(exported.state.ema["model"]["tokens"]["bias"]).tobytes()
    monkeypatch.setattr(export_module, "to_tflite", lambda *_: bytes(transformer.content).replace(old, new))
    model, report = tmp_path / "model.tflite", tmp_path / "report.json"
    arguments = [str(tmp_path / "run"), "--output", str(model), "--check-inks", "3", "--report", str(report)]
    arguments += ["--strokes", "12", "24", "--beams", "1", "3", "--kit", str(tmp_path / "kit")]
    assert main(["export", *arguments]) == 0
    printed = capsys.readouterr().out
    assert "step 1,700" in printed and "MB" in printed and "decode_24x3" in printed and "3 inks" in printed
    assert read_metadata(model)["quantize"] == "int8"
    written = json.loads(report.read_text())
    assert written["bytes"] == model.stat().st_size
    assert written["parity"]["same_tokens"] == 1
    assert (tmp_path / "kit" / "model.tflite").read_bytes() == model.read_bytes()
    about = json.loads((tmp_path / "kit" / "model.json").read_text())
    assert about["calibration"] == {"temperature": 1.0, "bonus": 0.0, "symbol_cost": 0.0}  # too few inks to fit one
    assert "decode_24x3" in about["signatures"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--output", "model.onnx"], "ending with .tflite"),
        (["--output", "none/model.tflite"], "folder that exists"),
        (["--output", "model.tflite", "--check-inks", "0"], "--check-inks 0"),
        (["--output", "model.tflite", "--strokes", "16", "8"], "--strokes 16 8"),
        (["--output", "model.tflite", "--beams", "0"], "--beams 0"),
        (["--kit", "kit", "--report", "r.json"], "--report describes the file of --output FILE"),
        (["--output", "model.tflite", "--report", "none/r.json"], "--report none/r.json cannot be written"),
        (
            ["--output", "model.tflite", "--report", "model.tflite"],
            "--report model.tflite is another file of this command",
        ),
        (["--output", "model.tflite"], "no checkpoint"),
    ],
)
def test_export_command_refuses_invalid_arguments(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["export", "run", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
