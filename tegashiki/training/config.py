"""The whole configuration of a run. Its sections are defined next to the code that uses them; JSON keeps it exactly."""

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

    dataset: str = "crohme"  # a dataset that `tegashiki prepare` made, or "embedded", which needs no preparation
    train: tuple[str, ...] = ("train",)  # splits to train on
    symbols: tuple[str, ...] = ()  # splits of the dataset "symbols" from which recombination may draw
    lines: tuple[str, ...] = ()  # splits of the dataset "lines" to train on in addition
    # Text file in the data directory with one LaTeX formula per line, may be .xz; for recombine.paper_formulas.
    formulas: str = ""
    validation: str = "validation"  # split
    validation_inks: int = 0  # maximum number of validation inks; 0 is all
    train_inks: int = 0  # maximum number of inks of each training split; 0 is all
    buckets: int = 8  # maximum number of shapes to compile
    # Average over all steps, for all devices together. It is exceeded with many devices, because each gets at least one
    # ink of every shape. Steps of all buckets cost about the same.
    inks_per_step: int = 24
    limits: Limits = field(default_factory=Limits)  # larger inks are left out


@dataclass(frozen=True)
class TrainConfig:
    """Length of a run, intervals of its periodic tasks, and its seed."""

    steps: int = 10_000
    validate_every: int = 1_000  # steps
    checkpoint_every: int = 500  # steps
    log_every: int = 20  # steps; the first step is logged too
    patience: int = 0  # stop after this many validations without a better ExpRate; 0 never stops early
    accumulate: int = 1  # micro-batches per step, for batches that do not fit into memory
    seed: int = 0


# Minimum and maximum of the numbers in each section, and of single settings that differ from their section.
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


# Old names of settings, in checkpoints and datasets of version 0.1.0.
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
    """All settings of a run; stored with every checkpoint."""

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
        """Check that the numbers are within `RANGES`.

        Raises:
            UserError: A number is out of range.
        """
        for section, values in dataclasses.asdict(self).items():
            if section in RANGES:  # ModelConfig checks itself, since it is also used without a Config
                _check_ranges(values, section)

    def to_json(self) -> dict[str, Any]:
        """Return plain dictionaries, lists and numbers."""
        return json.loads(json.dumps(dataclasses.asdict(self)))

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Config":
        """Rebuild a config from the result of `to_json`, also from an older version.

        Settings that are missing keep their defaults.

        Raises:
            UserError: A setting is unknown, has a wrong type or is out of range; the message names it.
        """
        return _from_json(cls, with_current_names(data), "config")


def with_current_names(settings: dict[str, Any]) -> dict[str, Any]:
    """Rename old settings.

    Args:
        settings: The `to_json` form of a config, or some of its sections.

    Returns:
        The settings with their current names.
    """
    if not isinstance(settings, dict):
        return settings
    settings = {SECTIONS_BEFORE.get(name, name): section for name, section in settings.items()}
    recombine = settings.get("recombine")
    if isinstance(recombine, dict):
        settings["recombine"] = {RECOMBINE_BEFORE.get(name, name): value for name, value in recombine.items()}
    return settings


def load_config(path: str | Path, overrides: Iterable[str] = ()) -> Config:
    """Run a config file, which must define `config`, and apply overrides.

    Args:
        path: The Python file.
        overrides: Settings such as `model.width=256`; see `override`.

    Raises:
        UserError: There is no such file, it fails (the message names the line), it defines no config, or a setting is
            invalid.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(f"no config file {path}; the configs of tegashiki are in configs/")
    try:
        config = runpy.run_path(str(path)).get("config")
    except UserError:
        raise
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        if isinstance(error, ModuleNotFoundError) and frames[-1].filename != str(path):
            raise  # a dependency of tegashiki is missing, which is no fault of the config file
        lines = [frame.lineno for frame in frames if frame.filename == str(path)]
        if isinstance(error, SyntaxError) and error.filename == str(path):
            lines = [error.lineno]
        raise UserError(f"{path}:{lines[-1] if lines else '?'}: {type(error).__name__}: {error}") from error
    if not isinstance(config, Config):
        raise UserError(f"{path} defines no `config = Config(...)`")
    return override(config, overrides)


def override(config: Config, settings: Iterable[str]) -> Config:
    """Return a config with changed settings.

    Args:
        config: The config.
        settings: Settings such as `model.width=256`. A value that is not valid JSON is taken as a string.

    Raises:
        UserError: A setting is unknown, has a wrong type or is out of range.
    """
    data = config.to_json()
    for setting in settings:
        name, equals, text = setting.partition("=")
        *sections, key = name.split(".")
        place: Any = data
        for section in sections:
            place = place.get(section) if isinstance(place, dict) else None
        if not equals or not isinstance(place, dict) or key not in place or isinstance(place[key], dict):
            known = ", ".join(place) if isinstance(place, dict) else ", ".join(data)
            raise UserError(f"--set {setting}: expected section.key=value; known settings here: {known}")
        try:
            place[key] = json.loads(text)
        except (ValueError, RecursionError):  # not JSON, or nested too deeply to be the value of a setting
            place[key] = text
    return Config.from_json(data)


def differences(old: dict[str, Any], new: dict[str, Any], prefix: str = "") -> list[str]:
    """Describe each setting that differs between two configs.

    Args:
        old: The `to_json` form of a config, or a section of it.
        new: The same of the other config.
        prefix: Text before the names of the settings, such as "model.".

    Returns:
        One line per setting: "model.width: 48 -> 64".
    """
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
    """Convert a JSON value to the type `kind`; `place` is the name of the setting for error messages."""
    if dataclasses.is_dataclass(kind):
        if not isinstance(value, dict):
            raise UserError(f"{place} is {value!r}; it must be a table of settings")
        hints = get_type_hints(kind)
        unknown = value.keys() - hints.keys()
        if unknown:
            raise UserError(f"{place} has settings that this version does not know: {', '.join(sorted(unknown))}")
        build: Any = kind  # settings that an older version did not have keep their defaults
        return build(**{name: _from_json(hints[name], item, f"{place}.{name}") for name, item in value.items()})
    if kind is float and type(value) is int:
        return float(value)
    if kind == tuple[str, ...]:
        items = value if isinstance(value, list | tuple) else [value]
        return tuple(_from_json(str, item, place) for item in items)
    if type(value) is not kind:
        raise UserError(f"{place} is {value!r}; it must be of type {kind.__name__}")
    return value
