"""Checkpoints are complete, self-contained and exact; errors about damaged ones have a single line."""

import io
import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest

from tegashiki.decoding.backend import encode_padded
from tegashiki.decoding.search import search
from tegashiki.errors import UserError
from tegashiki.ink.preprocess import preprocess
from tegashiki.input_pipeline.batching import Limits
from tegashiki.latex.vocabulary import EOS_ID, Vocabulary
from tegashiki.models.seq2seq import Seq2Seq
from tegashiki.recognizer.recognizer import Recognizer
from tegashiki.synthesis.embedded import generate
from tegashiki.training.checkpoint import (
    FORMAT,
    PARAMETERS,
    Checkpoint,
    CheckpointError,
    Checkpoints,
    find_checkpoint,
    load_checkpoint,
)
from tegashiki.training.checkpoint_backend import CheckpointBackend
from tegashiki.training.checksums import of_json
from tegashiki.training.config import Config, DataConfig
from tegashiki.training.optimizer import make_optimizer
from tegashiki.training.parameters import write_parameters
from tegashiki.training.state import create_state
from tegashiki.training.transfer import transfer_params
from tegashiki.training.workdir import LiteralPath
from tests.models.tiny import KINDS, VOCABULARY, tiny_batch, tiny_config, tiny_params


def checkpoint(kind="transformer", step=3, vocabulary=VOCABULARY, **settings):
    """A checkpoint of random numbers, so that parameters, average and moments all differ."""
    config = Config(name="tiny", model=tiny_config(kind, **settings))
    optimizer = make_optimizer(config.optimizer, config.train.steps)
    state = create_state(tiny_params(kind), optimizer).replace(step=np.int32(step))
    rng = np.random.default_rng(step)
    state = jax.tree.map(
        lambda leaf: leaf if leaf.dtype == np.int32 else rng.normal(size=leaf.shape).astype(leaf.dtype),
        jax.device_get(state),
    )
    progress = {"step": step, "best_step": 2, "best_exprate": 12.5, "stale": 1}
    return Checkpoint(state, config, vocabulary, progress)


def save(workdir, *checkpoints, kind="latest"):
    writer = Checkpoints(workdir)
    for each in checkpoints:
        writer.save(kind, each)
    writer.close()
    return Path(find_checkpoint(workdir, kind))


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A work directory with one checkpoint; tests copy it."""
    workdir = tmp_path_factory.mktemp("saved")
    save(workdir, checkpoint())
    return workdir


@pytest.fixture
def damaged(saved, tmp_path):
    """The checkpoint's folder in a copy of `saved`, for tests that damage it."""
    shutil.copytree(saved, tmp_path / "copy")
    return Path(find_checkpoint(tmp_path / "copy", "latest"))


@pytest.mark.parametrize(
    ("limits", "strokes", "tokens"), [(Limits(), 128, 128), (Limits(200, 256), 200, 256), (Limits(8, 10), 128, 10)]
)
def test_backend_has_the_limits_of_the_run(limits, strokes, tokens, tmp_path):
    """A model that always predicts the same token, which is not the end token, reads up to the limit."""
    written = checkpoint()
    ema = jax.tree.map(np.array, written.state.ema)
    ema["model"]["tokens"]["bias"][EOS_ID + 1] += 1e4
    config = replace(written.config, data=DataConfig(limits=limits))
    save(tmp_path, replace(written, config=config, state=written.state.replace(ema=ema)))
    backend = CheckpointBackend(tmp_path)
    assert (backend.stroke_sizes[-1], backend.max_tokens) == (strokes, tokens)
    encoded = encode_padded(backend, [backend.stem(np.zeros((32, 2), np.float32))], np.ones((1, 3), np.float32))
    [found] = search(backend, encoded)
    assert found.ids == (EOS_ID + 1,) * (tokens - 1)


@pytest.mark.parametrize("name", ["[!x] a*b?", "#1 100%, né"])
def test_checkpoint_can_be_loaded_from_folders_with_special_names(name, tmp_path):
    save(tmp_path / name, checkpoint())
    (tmp_path / name).rename(tmp_path / "plain")  # a checkpoint does not depend on the name of its folder
    assert int(load_checkpoint(tmp_path / "plain").state.step) == 3
    (tmp_path / "plain").rename(tmp_path / name)
    assert int(load_checkpoint(tmp_path / name).state.step) == 3


@pytest.mark.parametrize("name", ["a\\b", "\udcc3\udca9"])
def test_names_that_tensorstore_cannot_find_are_reported_before_it_tries(name, saved, tmp_path):
    """Bytes of an accent that Python did not decode are what a wrong locale makes of its name."""
    shutil.copytree(saved, tmp_path / name)
    with pytest.raises(CheckpointError, match=r"cannot be restored: (tensorstore interprets|its name needs UTF-8)"):
        load_checkpoint(tmp_path / name)


def test_first_checkpoint_that_cannot_be_restored_is_reported_at_once(tmp_path, monkeypatch):
    monkeypatch.delattr(LiteralPath, "glob")  # with the glob of epath, Orbax does not find what it wrote
    writer = Checkpoints(tmp_path / "run[1]")
    with pytest.raises(CheckpointError, match=r"is lost: .*latest/3 cannot be restored: NOT_FOUND.*--workdir"):
        writer.save("latest", checkpoint())
    writer.close()


@pytest.mark.parametrize("kind", KINDS)
def test_loaded_checkpoint_equals_the_saved_one(kind, tmp_path):
    written = checkpoint(kind)
    save(tmp_path, written)
    read = load_checkpoint(tmp_path)
    assert (read.config, read.vocabulary, read.progress) == (written.config, written.vocabulary, written.progress)
    assert jax.tree.structure(read.state) == jax.tree.structure(written.state)
    for one, other in zip(*map(jax.tree.leaves, (read.state, written.state)), strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    assert read.model.config == written.config.model
    assert read.model.vocabulary_size == len(VOCABULARY)


def test_two_latest_and_one_best_checkpoint_are_kept(tmp_path):
    save(tmp_path, *(checkpoint(step=step) for step in (1, 2, 3)))
    save(tmp_path, *(checkpoint(step=step) for step in (1, 2)), kind="best")
    kept = {
        kind: sorted(folder.name for folder in (tmp_path / "checkpoints" / kind).iterdir())
        for kind in ("latest", "best")
    }
    assert kept == {"latest": ["2", "3"], "best": ["2"]}
    assert int(load_checkpoint(tmp_path).state.step) == 2, "the best checkpoint is the default"
    assert int(load_checkpoint(tmp_path, "latest").state.step) == 3


def test_newest_finished_checkpoint_is_found_by_number(tmp_path):
    for name in ("9", "10", "11.orbax-checkpoint-tmp-3"):
        (tmp_path / "checkpoints" / "latest" / name).mkdir(parents=True)
    assert find_checkpoint(tmp_path, "latest").name == "10"
    assert find_checkpoint(tmp_path, "best") is None


def test_checkpoint_can_be_loaded_by_its_own_folder(saved):
    folder = Path(find_checkpoint(saved, "latest"))
    assert int(load_checkpoint(folder).state.step) == 3
    assert int(load_checkpoint(str(folder)).state.step) == 3


def test_saving_the_same_step_twice_is_allowed(saved, tmp_path):
    save(tmp_path, checkpoint())
    save(tmp_path, checkpoint())
    assert int(load_checkpoint(tmp_path).state.step) == 3


def test_error_for_a_work_directory_without_checkpoints(tmp_path):
    with pytest.raises(CheckpointError, match=r"no checkpoint in .*checkpoints/latest"):
        load_checkpoint(tmp_path)
    assert issubclass(CheckpointError, UserError)


def edit(folder, change, seal=True):
    """Change the description as another version might; without `seal` its checksum becomes wrong, as by damage."""
    path = folder / "about" / "metadata"
    about = json.loads(path.read_text())
    change(about)
    if seal:
        about["checksums"]["about"] = of_json({name: about[name] for name in about if name != "checksums"})
    path.write_text(json.dumps(about))


def test_newer_format_is_refused(damaged):
    edit(damaged, lambda about: about.update(format=FORMAT + 1))
    with pytest.raises(CheckpointError, match=rf"has format {FORMAT + 1}; this version reads up to {FORMAT}: update"):
        load_checkpoint(damaged)


def test_error_names_settings_of_a_newer_version(damaged):
    edit(damaged, lambda about: about["config"]["model"].update(experts=8))
    with pytest.raises(UserError, match=r"config\.model has settings .* experts"):
        load_checkpoint(damaged)


def test_changed_description_is_detected(damaged):
    """The description is still valid, but one number is different."""
    edit(damaged, lambda about: about["progress"].update(best_exprate=99.0), seal=False)
    with pytest.raises(CheckpointError, match="its description is not what was written"):
        load_checkpoint(damaged)


def test_changed_array_is_detected(damaged):
    """Orbax restores it without an error."""

    def change(about):
        place = len(about["checksums"]["state"]) // 2
        about["checksums"]["state"][place] = "00000000"

    edit(damaged, change)
    with pytest.raises(CheckpointError, match=r"is damaged: \.\w+.* is not what was written"):
        load_checkpoint(damaged)


def test_flipped_bits_are_detected_or_have_no_effect(saved, tmp_path):
    """Some bytes of the files are never read. `benchmarks/reliability/faults` flips more bits."""
    whole = load_checkpoint(saved, "latest")
    rng = np.random.default_rng(0)
    folder = Path(find_checkpoint(saved, "latest"))
    names = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and path.stat().st_size]
    refused = 0
    names = rng.permutation(sorted(names))[:6]
    for turn, name in enumerate(names):
        copy = tmp_path / str(turn) / "3"
        shutil.copytree(folder, copy)
        data = bytearray((copy / name).read_bytes())
        data[rng.integers(len(data))] ^= 1 << rng.integers(8)
        (copy / name).write_bytes(data)
        try:
            read = load_checkpoint(copy)
        except CheckpointError as error:
            assert str(copy) in str(error)
            refused += 1
        else:
            jax.tree.map(np.testing.assert_array_equal, read.state, whole.state)
            assert (read.config, read.vocabulary, read.progress) == (whole.config, whole.vocabulary, whole.progress)
    assert refused, "no flipped bit was detected"


def test_error_for_a_damaged_checkpoint_names_an_intact_one(tmp_path):
    newest = save(tmp_path, *(checkpoint(step=step) for step in (1, 2, 3)))
    largest_file(newest / "state").unlink()
    with pytest.raises(CheckpointError, match=r"latest/3 .*; .*latest/2 is whole: remove the damaged folder"):
        load_checkpoint(tmp_path)
    largest_file(newest.with_name("2") / "state").unlink()
    with pytest.raises(CheckpointError, match="there is no other whole checkpoint beside it"):
        load_checkpoint(tmp_path)


def test_checkpoint_without_checksums_can_be_loaded(damaged):
    """Older versions wrote no checksums."""
    edit(damaged, lambda about: about.pop("checksums"), seal=False)
    assert int(load_checkpoint(damaged).state.step) == 3


def test_checkpoint_holds_seed_and_versions(saved):
    loaded = load_checkpoint(saved, "latest")
    assert loaded.config.train.seed == 0
    assert {"tegashiki", "python", "jax", "jaxlib", "flax", "optax", "numpy"} <= loaded.versions.keys()


@pytest.mark.parametrize("missing", ["config", "vocabulary", "progress", "format"])
def test_error_names_a_missing_part(damaged, missing):
    edit(damaged, lambda about: about.pop(missing))
    with pytest.raises(CheckpointError, match=missing) as caught:
        load_checkpoint(damaged)
    assert str(damaged) in str(caught.value)


def test_truncated_description_is_detected(damaged):
    path = damaged / "about" / "metadata"
    path.write_text(path.read_text()[:50])
    with pytest.raises(CheckpointError, match="is not a whole checkpoint") as caught:
        load_checkpoint(damaged)
    assert str(damaged) in str(caught.value)


def largest_file(folder):
    return max((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)


DAMAGES = {
    "no state": lambda folder: shutil.rmtree(folder / "state"),
    "empty state": lambda folder: [path.unlink() for path in (folder / "state").rglob("*") if path.is_file()],
    "cut short": lambda folder: largest_file(folder / "state").write_bytes(
        largest_file(folder / "state").read_bytes()[:99]
    ),
    "file missing": lambda folder: largest_file(folder / "state").unlink(),
    "other model": lambda folder: edit(folder, lambda about: about["config"]["model"].update(width=32)),
    "other vocabulary": lambda folder: edit(folder, lambda about: about.update(vocabulary='{"tokens": ["x"]}')),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_error_names_the_damaged_checkpoint(damaged, damage):
    DAMAGES[damage](damaged)
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(damaged)
    assert str(damaged) in str(caught.value)
    assert "\n" not in str(caught.value)


# Initial parameters from another run


def by_name(params):
    return {jax.tree_util.keystr(path): np.asarray(leaf) for path, leaf in jax.tree_util.tree_leaves_with_path(params)}


WIDER = Vocabulary(["z", *reversed(VOCABULARY.tokens), r"\alpha"])  # two new tokens, and the others in another order


def wider_params(kind):
    """Parameters for the wider vocabulary, all of which are -7."""
    model = Seq2Seq(tiny_config(kind), len(WIDER))
    shapes = jax.eval_shape(model.init, jax.random.key(0), tiny_batch(1))["params"]
    return jax.tree.map(lambda leaf: np.full(leaf.shape, -7, np.float32), shapes)


@pytest.mark.parametrize("kind", KINDS)
def test_larger_vocabulary_keeps_the_rows_of_known_tokens(kind):
    """Rows of the average move to the new ids of their tokens; new tokens keep their initial rows."""
    old = checkpoint(kind)
    moved = by_name(transfer_params(old, wider_params(kind), WIDER))
    stored = by_name(old.state.ema)
    pairs = [(WIDER.index(token), VOCABULARY.index(token)) for token in VOCABULARY] + [
        (i, i) for i in range(EOS_ID + 1)
    ]
    new = [WIDER.index(token) for token in ("z", r"\alpha")]
    per_token = {"table": 0, "kernel": 1, "bias": 0}
    changed = [name for name in moved if moved[name].shape != stored[name].shape]
    assert len(changed) == 5, "expected the embedding, and kernel and bias of the output and of the symbol head"
    for name in moved.keys() - changed:
        np.testing.assert_array_equal(moved[name], stored[name])
    for name in changed:
        axis = next(axis for part, axis in per_token.items() if part in name.rsplit("[", 1)[1])
        rows, before = np.moveaxis(moved[name], axis, 0), np.moveaxis(stored[name], axis, 0)
        for place, source in pairs:
            np.testing.assert_array_equal(rows[place], before[source], err_msg=f"{name} {place}")
        assert (rows[new] == -7).all()


def test_same_vocabulary_copies_all_parameters():
    old = checkpoint()
    moved = transfer_params(old, tiny_params("transformer"), VOCABULARY)
    jax.tree.map(np.testing.assert_array_equal, moved, old.state.ema)


def test_rows_move_if_only_the_order_of_tokens_differs():
    """The shapes are equal in this case."""
    old, turned = checkpoint(), Vocabulary(reversed(VOCABULARY.tokens))
    moved = transfer_params(old, tiny_params("transformer"), turned)["model"]["embed_tokens"]["table"]
    stored = old.state.ema["model"]["embed_tokens"]["table"]
    np.testing.assert_array_equal(moved[turned.index("x")], stored[VOCABULARY.index("x")])


@pytest.mark.parametrize("settings", [{"width": 32}, {"encoder_layers": 2}, {"kind": "gru"}])
def test_parameters_of_a_different_model_are_refused(settings):
    fresh = tiny_params(settings.pop("kind", "transformer"), **settings)
    with pytest.raises(CheckpointError, match="--init"):
        transfer_params(checkpoint(), fresh, VOCABULARY)


def test_transfer_does_not_change_its_arguments():
    old, fresh = checkpoint(), wider_params("transformer")
    transfer_params(old, fresh, WIDER)
    assert all((leaf == -7).all() for leaf in jax.tree.leaves(fresh))
    assert replace(old).progress == old.progress


def test_best_checkpoint_also_writes_a_file_of_parameters(tmp_path):
    best = checkpoint()
    save(tmp_path, best, kind="best")
    loaded = load_checkpoint(tmp_path / PARAMETERS)
    assert (loaded.config, loaded.vocabulary, loaded.progress) == (best.config, best.vocabulary, best.progress)
    same = jax.tree.map(lambda a, b: np.allclose(a, b, rtol=1e-3, atol=1e-6), loaded.state.ema, best.state.ema)
    assert jax.tree.all(same)
    started = transfer_params(loaded, best.state.params, best.vocabulary)
    assert jax.tree.all(jax.tree.map(lambda a, b: (np.asarray(a) == b).all(), started, loaded.state.ema))
    whole = sum(leaf.nbytes for leaf in jax.tree.leaves(best.state.ema))
    assert (tmp_path / PARAMETERS).stat().st_size < whole
    assert not list(tmp_path.glob(f".{PARAMETERS}*")), "an unfinished file was left"


def stated_size(path, numbers):
    """Write a file whose array states a wrong size, for which no memory may be allocated."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (numbers,)})
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("about.npy", header.getvalue() + b"{}")


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda path: path.unlink(), "not a whole file of parameters"),
        (lambda path: path.write_bytes(path.read_bytes()[:-200]), "not a whole file of parameters"),
        (lambda path: np.savez(path, x=np.zeros(3)), "not a whole file of parameters"),
        (lambda path: np.savez_compressed(path, about=np.zeros(10**6, np.uint8)), "is compressed, or larger"),
        (lambda path: stated_size(path, 10**15), "about is not an array of shape"),
        (lambda path: write_parameters(path, {}, checkpoint().about), "cannot be restored"),
        (lambda path: write_parameters(path, {}, checkpoint().about | {"format": FORMAT + 1}), "update tegashiki"),
        (
            lambda path: write_parameters(path, jax.tree.map(np.ravel, checkpoint().state.ema), checkpoint().about),
            "has shape",
        ),
    ],
)
def test_damaged_file_of_parameters_is_refused(tmp_path, harm, message):
    save(tmp_path, checkpoint(), kind="best")
    harm(tmp_path / PARAMETERS)
    with pytest.raises(CheckpointError, match=message):
        load_checkpoint(tmp_path / PARAMETERS)


def test_shipped_parameters_belong_to_the_shipped_model():
    """`--init default` starts from the model that `tegashiki recognize` uses."""
    shipped = load_checkpoint("default")
    recognizer = Recognizer.load()
    assert recognizer.vocabulary == shipped.vocabulary
    assert recognizer.backend.metadata["name"] == shipped.config.name
    strokes = preprocess(generate("test", 1)[0].ink)
    stem = shipped.model.apply({"params": shipped.state.ema}, strokes.points_SP2, method="stem")
    found = [recognizer.backend.stem(points) for points in strokes.points_SP2]
    np.testing.assert_allclose(stem, found, atol=0.05 * float(np.abs(stem).max()))
