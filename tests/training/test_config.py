import json
from dataclasses import replace
from pathlib import Path

import jax
import pytest

from tegashiki.errors import UserError
from tegashiki.input_pipeline.batching import Limits
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
from tegashiki.models.seq2seq import ModelConfig
from tegashiki.synthesis.recombine import RecombineConfig
from tegashiki.training.config import (
    RECOMBINE_BEFORE,
    Config,
    DataConfig,
    TrainConfig,
    differences,
    load_config,
    override,
)
from tegashiki.training.state import abstract_state

CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.py"))
ODD = Config(
    name="odd",
    model=ModelConfig(kind="gru", width=48, blind=True),
    data=DataConfig(train=("a", "b"), limits=Limits(strokes=7, tokens=9)),
    train=TrainConfig(steps=12, seed=3),
)


def test_expected_configs_exist():
    assert {path.stem for path in CONFIGS} >= {"debug", "quickstart", "transformer_cpu", "gru_cpu", "transformer"}


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_config_builds_a_model(path):
    """Shapes of parameters and optimiser state are found without computing them; the name is that of the file."""
    config = load_config(path)
    state = abstract_state(config, DEFAULT_VOCABULARY)
    assert config.name == path.stem
    assert jax.tree.structure(state.params) == jax.tree.structure(state.ema)
    assert sum(leaf.size for leaf in jax.tree.leaves(state.params)) > 1000
    assert config.model.width % config.model.heads == 0


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_config_describes_how_to_run_it(path):
    text = path.read_text()
    assert f"train.py configs/{path.name} --workdir" in text or f"make {path.stem}" in text
    assert "Data:" in text


@pytest.mark.parametrize("config", [load_config(path) for path in CONFIGS] + [ODD, Config()], ids=lambda c: c.name)
def test_config_survives_json(config):
    stored = json.loads(json.dumps(config.to_json()))
    assert Config.from_json(stored) == config
    assert differences(stored, config.to_json()) == []


def test_settings_override_a_config():
    config = override(
        ODD,
        [
            "model.width=256",
            "train.steps=7",
            "data.dataset=embedded",
            'data.train=["x"]',
            "augment.rotation=1",
            "name=q",
        ],
    )
    assert config == replace(
        ODD,
        name="q",
        model=replace(ODD.model, width=256),
        train=replace(ODD.train, steps=7),
        data=replace(ODD.data, dataset="embedded", train=("x",)),
        augment=replace(ODD.augment, rotation=1.0),
    )
    assert override(ODD, ["data.limits.strokes=99"]).data.limits == Limits(99, 9)
    assert override(ODD, ["data.train=only"]).data.train == ("only",)


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("model.widht=3", "width"),
        ("modle.width=3", "model"),
        ("model=3", "model"),
        ("model.width", "section.key=value"),
        ("model.width=wide", "config.model.width is 'wide'; it must be of type int"),
        ("model.width=3.5", "config.model.width is 3.5"),
        ("model.width=true", "config.model.width is True"),
        ("model.blind=1", "config.model.blind is 1; it must be of type bool"),
        ("model.width.more=1", "model.width.more=1"),
        ("data.train=3", "config.data.train is 3"),
        ("train.validate_every=0", "train.validate_every is 0; it can be 1 or more"),
        ("train.accumulate=0", "train.accumulate is 0; it can be 1 or more"),
        ("train.patience=-1", "train.patience is -1; it can be 0 or more"),
        ("train.seed=-1", "train.seed is -1; it can be 0 to 9223372036854775807"),
        ("train.seed=99999999999999999999", "train.seed is 99999999999999999999; it can be 0 to 9223372036854775807"),
        ("train.seed=" + "9" * 5000, "it must be of type int"),
        ("train.seed=" + "[" * 100_000, "it must be of type int"),
        ("data.inks_per_step=0", "data.inks_per_step is 0; it can be 1 or more"),
        ("data.validation_inks=-5", "data.validation_inks is -5; it can be 0 or more"),
        ("data.limits.tokens=0", "data.limits.tokens is 0; it can be 1 or more"),
        ("loss.label_smoothing=5", "loss.label_smoothing is 5.0; it can be 0 to 1"),
        ("optimizer.ema=1.5", "optimizer.ema is 1.5; it can be 0 to 1"),
        ("optimizer.learning_rate=NaN", "optimizer.learning_rate is nan; it can be 0 or more"),
        ("recombine.swap=Infinity", "recombine.swap is inf; it can be 0 to 1"),
    ],
)
def test_error_names_a_wrong_setting(setting, says):
    with pytest.raises(UserError) as caught:
        override(ODD, [setting])
    assert says in str(caught.value)


def test_unknown_settings_are_refused_and_missing_ones_keep_their_defaults():
    """Checkpoints of older versions lack newer settings; those of newer versions have unknown ones."""
    stored = ODD.to_json()
    del stored["model"]["width"], stored["augment"]
    older = Config.from_json(stored)
    assert older == replace(ODD, model=replace(ODD.model, width=ModelConfig().width))
    stored["model"]["depth"] = 3
    with pytest.raises(UserError, match=r"config\.model has settings that this version does not know: depth"):
        Config.from_json(stored)
    with pytest.raises(UserError, match=r"config\.model is 3; it must be a table"):
        Config.from_json(ODD.to_json() | {"model": 3})


def test_settings_of_older_checkpoints_keep_their_values():
    before = Config(recombine=RecombineConfig(typeset=0.3, symbol_rows=0.2, external_symbols=0.1)).to_json()
    older = {"hands" if name == "habits" else name: section for name, section in before.items()}
    names = {new: old for old, new in RECOMBINE_BEFORE.items()}
    older["recombine"] = {names.get(name, name): value for name, value in before["recombine"].items()}
    assert {"foreign", "layout", "wide", "papers", "medley"} <= older["recombine"].keys()
    assert Config.from_json(older).to_json() == before


def test_differences_name_each_setting_with_both_values():
    changed = replace(ODD, name="other", model=replace(ODD.model, width=64))
    assert differences(ODD.to_json(), changed.to_json()) == ["model.width: 48 -> 64", "name: 'odd' -> 'other'"]
    assert differences({"a": 1}, {}) == ["a: 1 -> None"]


def test_missing_config_files_and_files_without_config_are_refused(tmp_path):
    with pytest.raises(UserError, match="no config file"):
        load_config(tmp_path / "absent.py")
    (tmp_path / "empty.py").write_text("configuration = 3\n")
    with pytest.raises(UserError, match="defines no `config"):
        load_config(tmp_path / "empty.py")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("from tegashiki.training.config import Config\nconfig = Config(", r"odd\.py:2: SyntaxError: "),
        ("from tegashiki.training.config import *\n\nconfig = TrainConfig(step=5)", r"odd\.py:3: TypeError: .*'step'"),
        ("\nimport json\njson.loads('{')", r"odd\.py:3: JSONDecodeError: "),
        ("import no_such_module", r"odd\.py:1: ModuleNotFoundError: No module named 'no_such_module'"),
        (
            "from tegashiki.training.config import *\nconfig = Config(train=TrainConfig(steps='5'))",
            "steps is '5'; it must be of",
        ),
    ],
)
def test_error_in_a_config_file_names_the_line(tmp_path, text, says):
    (tmp_path / "odd.py").write_text(text)
    with pytest.raises(UserError, match=says):
        load_config(tmp_path / "odd.py")


def test_missing_dependency_of_tegashiki_is_not_blamed_on_the_config_file(tmp_path, monkeypatch):
    (tmp_path / "fine.py").write_text("import tegashiki_needs_another as config")
    (tmp_path / "tegashiki_needs_another.py").write_text("import not_installed")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="not_installed"):
        load_config(tmp_path / "fine.py")
