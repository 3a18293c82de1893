import json
from dataclasses import replace
from pathlib import Path

import jax
import pytest

from tegashiki.config import Config, DataConfig, TrainConfig, differences, load_config, override
from tegashiki.errors import UserError
from tegashiki.input_pipeline.batching import Limits
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
from tegashiki.models.seq2seq import ModelConfig
from tegashiki.training.checkpoint import abstract_state

CONFIGS = sorted((Path(__file__).parent.parent / "configs").glob("*.py"))
ODD = Config(
    name="odd",
    model=ModelConfig(kind="gru", width=48, blind=True),
    data=DataConfig(train=("a", "b"), limits=Limits(strokes=7, tokens=9)),
    train=TrainConfig(steps=12, seed=3),
)


def test_there_are_configs():
    assert {path.stem for path in CONFIGS} >= {"debug", "quickstart", "transformer_cpu", "gru_cpu", "transformer"}


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_config_builds_and_has_shapes(path):
    """The parameters and the optimiser's state, without computing any; the name is the file's."""
    config = load_config(path)
    state = abstract_state(config, DEFAULT_VOCABULARY)
    assert config.name == path.stem
    assert jax.tree.structure(state.params) == jax.tree.structure(state.ema)
    assert sum(leaf.size for leaf in jax.tree.leaves(state.params)) > 1000
    assert config.model.width % config.model.heads == 0


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_config_says_how_it_is_run(path):
    text = path.read_text()
    assert f"train.py configs/{path.name} --workdir" in text or f"make {path.stem}" in text
    assert "Data:" in text


@pytest.mark.parametrize("config", [load_config(path) for path in CONFIGS] + [ODD, Config()], ids=lambda c: c.name)
def test_json_and_back(config):
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
    ],
)
def test_a_wrong_setting_is_named_with_what_one_can_set(setting, says):
    with pytest.raises(UserError) as caught:
        override(ODD, [setting])
    assert says in str(caught.value)


def test_unknown_settings_are_named_and_missing_ones_keep_their_defaults():
    """A checkpoint of an older version lacks what came later; one of a newer version is not understood."""
    stored = ODD.to_json()
    del stored["model"]["width"], stored["augment"]
    older = Config.from_json(stored)
    assert older == replace(ODD, model=replace(ODD.model, width=ModelConfig().width))
    stored["model"]["depth"] = 3
    with pytest.raises(UserError, match=r"config\.model has settings that this version does not know: depth"):
        Config.from_json(stored)
    with pytest.raises(UserError, match=r"config\.model is 3; it must be a table"):
        Config.from_json(ODD.to_json() | {"model": 3})


def test_differences_name_each_setting_with_both_values():
    changed = replace(ODD, name="other", model=replace(ODD.model, width=64))
    assert differences(ODD.to_json(), changed.to_json()) == ["model.width: 48 -> 64", "name: 'odd' -> 'other'"]
    assert differences({"a": 1}, {}) == ["a: 1 -> None"]


def test_config_files_that_are_none_are_refused(tmp_path):
    with pytest.raises(UserError, match="no config file"):
        load_config(tmp_path / "absent.py")
    (tmp_path / "empty.py").write_text("configuration = 3\n")
    with pytest.raises(UserError, match="defines no `config"):
        load_config(tmp_path / "empty.py")
