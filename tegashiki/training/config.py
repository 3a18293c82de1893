"""A run's whole configuration: composed of the parts that their consumers define, exact through JSON."""

import dataclasses
import json
import math
import runpy
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

from tegashiki.errors import UserError, check_range
from tegashiki.input_pipeline.batching import Limits
from tegashiki.models.seq2seq import ModelConfig
from tegashiki.synthesis.habits import HabitsConfig
from tegashiki.synthesis.recombine import RecombineConfig
from tegashiki.training.augment import AugmentConfig
from tegashiki.training.losses import LossConfig
from tegashiki.training.optimizer import OptimizerConfig


@dataclass(frozen=True)
class DataConfig:
    """Which ink is read, and how it is batched."""

    dataset: str = "crohme"  # a dataset that `tegashiki prepare` made, or "embedded", which needs none
    train: tuple[str, ...] = ("train",)  # splits
    symbols: tuple[str, ...] = ()  # splits of the dataset "symbols" that recombination may draw from
    lines: tuple[str, ...] = ()  # splits of the dataset "lines" that are trained on beside the others
    formulas: str = (
        ""  # text file of LaTeX formulas (.xz too), one a line, in the data directory: for recombine.paper_formulas
    )
    validation: str = "validation"  # split
    validation_inks: int = 0  # at most this many of them at each validation; 0 is all
    train_inks: int = 0  # at most this many; 0 is all
    buckets: int = 8  # shapes that may be compiled
    inks_per_step: int = 24  # average, over all devices (more where they are many: each gets at least one ink of every
    # shape); steps of every bucket cost about the same
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class TrainConfig:
    """How long, how often, and what is kept."""

    steps: int = 10_000
    validate_every: int = 1_000  # steps
    checkpoint_every: int = 500  # steps
    log_every: int = 20  # steps
    patience: int = 0  # validations without a better ExpRate before stopping early; 0 never stops
    accumulate: int = 1  # micro-batches a step, for batches larger than the memory
    seed: int = 0


# What numbers can be, from and to: of all of a section, and of single settings instead.
RANGES: dict[str, tuple[float, float]] = {
    "data": (0, math.inf),
    "data.buckets": (1, math.inf),
    "data.inks_per_step": (1, math.inf),
    "data.limits": (1, math.inf),
    "recombine": (0, 1),
    "habits": (0, 1),
    "augment": (0, math.inf),
    "augment.token_noise": (0, 1),
    "loss": (0, math.inf),
    "loss.label_smoothing": (0, 1),
    "optimizer": (0, 1),
    "optimizer.learning_rate": (0, math.inf),
    "optimizer.warmup_steps": (0, math.inf),
    "optimizer.weight_decay": (0, math.inf),
    "optimizer.clip": (0, math.inf),
    "train": (1, math.inf),
    "train.patience": (0, math.inf),
    "train.seed": (0, 2**63 - 1),
}


# What settings were called in checkpoints and datasets of 0.1.0.
SECTIONS_BEFORE = {"hands": "habits"}
RECOMBINE_BEFORE = {
    "foreign": "external_symbols",
    "layout": "typeset",
    "wide": "grammar_formulas",
    "papers": "paper_formulas",
    "medley": "symbol_rows",
}


@dataclass(frozen=True)
class Config:
    """Everything that a run depends on; stored with every checkpoint."""

    name: str = "run"
    model: ModelConfig = field(default_factory=ModelConfig)
    data: DataConfig = field(default_factory=DataConfig)
    recombine: RecombineConfig = field(default_factory=RecombineConfig.none)
    habits: HabitsConfig = field(default_factory=HabitsConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    train: TrainConfig = field(default_factory=TrainConfig)

    def __post_init__(self) -> None:
        """Refuse numbers beyond `RANGES`: raises UserError."""
        for section, values in dataclasses.asdict(self).items():
            if section in RANGES:  # a model has its own, it is built without a config too
                _check_ranges(values, section)

    def to_json(self) -> dict[str, Any]:
        """Return plain dictionaries, lists and numbers."""
        return json.loads(json.dumps(dataclasses.asdict(self)))

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Config":
        """Rebuild a config from `to_json`, of an older version too.

        Raises:
          UserError: an unknown setting or a wrong type, which it names.
        """
        return _from_json(cls, with_current_names(data), "config")


def with_current_names(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a config's `to_json` form, or some of its sections, under their names of today."""
    if not isinstance(settings, dict):
        return settings
    settings = {SECTIONS_BEFORE.get(name, name): section for name, section in settings.items()}
    recombine = settings.get("recombine")
    if isinstance(recombine, dict):
        settings["recombine"] = {RECOMBINE_BEFORE.get(name, name): value for name, value in recombine.items()}
    return settings


def load_config(path: str | Path, overrides: Iterable[str] = ()) -> Config:
    """Run a config file, which must define `config`, and apply `section.key=value` overrides."""
    path = Path(path)
    if not path.is_file():
        raise UserError(f"no config file {path}; the ones that come along are in configs/")
    try:
        config = runpy.run_path(str(path)).get("config")
    except UserError:
        raise
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        if isinstance(error, ModuleNotFoundError) and frames[-1].filename != str(path):
            raise  # of something that a part of tegashiki needs
        lines = [frame.lineno for frame in frames if frame.filename == str(path)]
        if isinstance(error, SyntaxError) and error.filename == str(path):
            lines = [error.lineno]
        raise UserError(f"{path}:{lines[-1] if lines else '?'}: {type(error).__name__}: {error}") from error
    if not isinstance(config, Config):
        raise UserError(f"{path} defines no `config = Config(...)`")
    return override(config, overrides)


def override(config: Config, settings: Iterable[str]) -> Config:
    """Apply settings such as `model.width=256`; values are JSON, or plain text where JSON fails."""
    data = config.to_json()
    for setting in settings:
        name, equals, text = setting.partition("=")
        *sections, key = name.split(".")
        place: Any = data
        for section in sections:
            place = place.get(section) if isinstance(place, dict) else None
        if not equals or not isinstance(place, dict) or key not in place or isinstance(place[key], dict):
            known = ", ".join(place) if isinstance(place, dict) else ", ".join(data)
            raise UserError(f"--set {setting}: want section.key=value; here one can set: {known}")
        try:
            place[key] = json.loads(text)
        except (ValueError, RecursionError):  # no JSON, or JSON of sizes that no setting has
            place[key] = text
    return Config.from_json(data)


def differences(old: dict[str, Any], new: dict[str, Any], prefix: str = "") -> list[str]:
    """Describe every setting that differs between two `to_json` forms, one line each."""
    lines = []
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key), new.get(key)
        if isinstance(before, dict) and isinstance(after, dict):
            lines += differences(before, after, f"{prefix}{key}.")
        elif before != after:
            lines.append(f"{prefix}{key}: {before!r} -> {after!r}")
    return lines


def _check_ranges(values: dict[str, Any], place: str) -> None:
    for name, value in values.items():
        setting = f"{place}.{name}"
        if isinstance(value, dict):
            _check_ranges(value, setting)
        elif isinstance(value, int | float):
            check_range(setting, value, *RANGES.get(setting, RANGES[place]))


def _from_json(kind: Any, value: Any, place: str) -> Any:
    if dataclasses.is_dataclass(kind):
        if not isinstance(value, dict):
            raise UserError(f"{place} is {value!r}; it must be a table of settings")
        hints = get_type_hints(kind)
        unknown = value.keys() - hints.keys()
        if unknown:
            raise UserError(f"{place} has settings that this version does not know: {', '.join(sorted(unknown))}")
        build: Any = kind  # a setting that an older run did not have yet keeps its default
        return build(**{name: _from_json(hints[name], item, f"{place}.{name}") for name, item in value.items()})
    if kind is float and type(value) is int:
        return float(value)
    if kind == tuple[str, ...]:
        items = value if isinstance(value, list | tuple) else [value]
        return tuple(_from_json(str, item, place) for item in items)
    if type(value) is not kind:
        raise UserError(f"{place} is {value!r}; it must be of type {kind.__name__}")
    return value
