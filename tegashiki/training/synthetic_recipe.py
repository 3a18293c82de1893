"""Recombination of ink in advance: the recipe that `tegashiki prepare synthetic` follows."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from tegashiki.datasets.prepared import EMBEDDED, DatasetNotReadyError, find_data_dir, load_examples, open_builder
from tegashiki.datasets.synthetic import Recipe
from tegashiki.errors import UserError
from tegashiki.ink.example import Example
from tegashiki.input_pipeline.batching import decode_example
from tegashiki.input_pipeline.recombined import Recombination
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
from tegashiki.synthesis.recombine import RecombineConfig
from tegashiki.training.config import Config
from tegashiki.training.feed import made_ahead, open_recombination, open_stores, recombination_settings


@dataclass(frozen=True)
class InkMaker:
    """Function that makes a range of inks. Each process that calls it indexes the source inks once."""

    config: Config
    data_dir: str

    def __call__(self, start: int, count: int) -> Iterator[Example]:
        """Yield `count` inks, from index `start` on."""
        for number, ink in enumerate(_recombination(self.config, self.data_dir).inks(start, count), start):
            yield decode_example(ink, DEFAULT_VOCABULARY, f"{self.config.name}/{number}")


@lru_cache(maxsize=1)
def _recombination(config: Config, data_dir: str) -> Recombination:
    return open_recombination(config, DEFAULT_VOCABULARY, data_dir, [])


def recipe(config: Config, inks: int, data_dir: str | Path | None) -> Recipe:
    """Return the recipe for the first inks that a training run with this config sees.

    Args:
        config: A config that recombines its ink.
        inks: Number of inks.
        data_dir: Directory of the prepared source datasets; None for the default one.

    Raises:
        UserError: The config does not recombine ink, or reads ink that was recombined in advance.
        DatasetNotReadyError: A dataset has not been prepared.
    """
    data, place = config.data, find_data_dir(data_dir)
    if config.recombine == RecombineConfig.none():
        raise UserError(
            f"config {config.name} does not recombine its ink: give a config with `recombine=RecombineConfig()`"
        )
    if made_ahead(data.dataset):
        raise UserError(
            f"config {config.name} reads {data.dataset}, whose ink is recombined already: give a config that reads "
            "original ink"
        )
    names = [data.dataset] + ["symbols"] * bool(data.symbols) + ["lines"] * bool(data.lines)
    sources = [_source(name, place) for name in names]
    if data.dataset not in EMBEDDED:  # encodes the ink here, instead of in every process at the same time
        open_stores(config, str(place))
    return Recipe(
        make=InkMaker(config, str(place)),
        inks=inks,
        settings=recombination_settings(config),
        made_from=tuple(name for name, _ in sources),
        terms="; ".join(f"{name}: {terms}" for name, terms in sources),
        validation=load_examples(data.dataset, data.validation, place),
    )


def _source(name: str, data_dir: Path) -> tuple[str, str]:
    """Return the full name of a dataset, with its version, and its licence. Embedded ink need not be prepared."""
    try:
        info: Any = open_builder(name, data_dir).info
    except DatasetNotReadyError:
        if name not in EMBEDDED:
            raise
        from tegashiki.datasets.embedded import Embedded

        return name, Embedded.LICENSE
    return info.full_name, str(info.redistribution_info.license)
