"""Formulas by people who are not in training, each composed of the drawings of one person.

The dataset is made from prepared datasets in the same data directory: `crohme` (its validation writers), `symbols`
(`chars74k` and `unipen_people`) and `lines` (`validation`). The formulas are those that are held out of training, from
`formulas/im2latex-val-test.norm.txt.xz` in the data directory and from the grammars of this project. The same data
gives the same inks.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, ClassVar
from zlib import crc32

import numpy as np
import tensorflow_datasets as tfds
from tqdm import tqdm

from tegashiki.datasets.builder import DatasetError, InkBuilder
from tegashiki.datasets.prepared import load_examples, open_builder
from tegashiki.datasets.terms import CHARS74K, UNIPEN
from tegashiki.ink.example import Example
from tegashiki.ink.ink import Ink
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
from tegashiki.synthesis.formula_source import FormulaSource, validation_lines
from tegashiki.synthesis.held_out_formulas import is_held_out_formula
from tegashiki.synthesis.numbers import write_number
from tegashiki.synthesis.person import Drawing, Person, Written, write_formula
from tegashiki.synthesis.school import write_algebra, write_calculus, write_sum
from tegashiki.synthesis.tables import write_table

SEED = 24
FORMULAS = "formulas/im2latex-val-test.norm.txt.xz"
# The splits of CROHME whose formulas are not used, because training may have seen them.
TRAINING = ("train", "train_2019_extra", "test_2011", "test_2012", "test_2013")
KINDS = ("numbers", "algebra", "calculus", "sums", "matrices")
INKS = {  # source -> number of inks of each kind in KINDS per person
    "chars74k": (3, 3, 2, 2, 2),
    "unipen": (3, 3, 2, 2, 2),
    "crohme": (10, 10, 8, 6, 6),
}
FEWEST_CLASSES = 40  # minimum number of classes of a CROHME writer; 11 of the 19 writers have only one ink
LONGEST = 48  # tokens
PAPERS = 0.5  # share of formulas from papers for the kinds that papers have
ATTEMPTS = 400  # maximum number of formulas drawn for one ink


@dataclass(frozen=True)
class Place:
    """The identity of an ink: its source, kind, person and number."""

    source: str
    kind: str
    person: str
    number: int

    def __str__(self) -> str:
        return f"{self.source}/{self.kind}/{self.person}/{self.number:02d}"


class People(InkBuilder):
    """TFDS builder `people`; prepare it with `tegashiki prepare people`.

    Attributes:
        borrowed: Percentage of symbols that another person drew, by source and by source and kind (`chars74k/sums`).
    """

    name = "people"
    VERSION = tfds.core.Version("1.0.0")
    MANUAL_DOWNLOAD_INSTRUCTIONS = __doc__
    DESCRIPTION = """Formulas by people who are not in training, for the selection of models; training refuses them.

Numbers, algebra, calculus, sums and matrices, each composed of the drawings of one held-out person (from Chars74K, from
UNIPEN, or a validation writer of CROHME), and lines of numbers that held-out people of UNIPEN wrote. Signs that a
person did not draw come from one other held-out person. The name of an ink is SOURCE/KIND/PERSON/NUMBER.
"""
    HOMEPAGE = "https://zenodo.org/records/1195803"
    CITATION = """@inproceedings{decampos2009character,
  title={Character Recognition in Natural Images},
  author={de Campos, Teofilo E. and Babu, Bodla Rakesh and Varma, Manik}, booktitle={VISAPP}, year={2009}
}
@inproceedings{guyon1994unipen,
  title={{UNIPEN} Project of On-line Data Exchange and Recognizer Benchmarks},
  author={Guyon, Isabelle and Schomaker, Lambert and Plamondon, R{\\'e}jean and Liberman, Mark and Janet, Stan},
  booktitle={ICPR}, year={1994}
}
@inproceedings{mouchere2014icfhr,
  title={{ICFHR} 2014 Competition on Recognition of On-line Handwritten Mathematical Expressions ({CROHME} 2014)},
  author={Mouch{\\`e}re, Harold and Viard-Gaudin, Christian and Zanibbi, Richard and Garain, Utpal},
  booktitle={ICFHR}, year={2014}
}"""
    LICENSE = f"CROHME (CC BY-NC-SA 3.0); {UNIPEN}; {CHARS74K}: for validation on this machine, do not redistribute"
    TRAINING_SPLITS: ClassVar = frozenset()

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.borrowed: dict[str, float] = {}

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        if self.source:
            raise DatasetError("people is made from prepared datasets and has no source: leave out --source")
        return {"validation": self._generate_examples("validation", self._write(Path(self.data_dir_root)))}

    def _write(self, data_dir: Path) -> Iterator[Example]:
        by_source = read_people(data_dir)
        yield from self._compose(by_source, Texts(data_dir))
        for number, example in enumerate(load_examples("lines", "validation", data_dir)):
            if number == self.limit:
                break
            yield _renamed(example, f"lines/{example.ink.source}")

    def _compose(self, by_source: dict[str, list[Person]], texts: "Texts") -> Iterator[Example]:
        """Compose formulas of every kind for every person."""
        lenders = by_source["crohme"] + by_source["unipen"]
        counts: Counter[tuple[str, str]] = Counter()  # (source or source/kind, "symbols" or "borrowed") -> number
        for source, people in by_source.items():
            places = [place for person in people for place in places_of(source, person.name)][: self.limit]
            by_name = {person.name: person for person in people}
            for place in tqdm(places, desc=source, unit=" inks", dynamic_ncols=True):
                found = texts.written(place, by_name[place.person], lenders)
                if found is None:
                    self.skip("validation", str(place), "this person drew too few classes for formulas of this kind")
                    continue
                tokens, written = found
                for part in (source, f"{source}/{place.kind}"):
                    counts.update({(part, "symbols"): written.symbols, (part, "borrowed"): written.borrowed})
                yield _example(place, tokens, written)
        self.borrowed = {
            part: round(100 * counts[part, "borrowed"] / total, 1)
            for (part, what), total in counts.items()
            if what == "symbols"
        }

    def _download_and_prepare(self, *args: Any, **kwargs: Any) -> None:
        super()._download_and_prepare(*args, **kwargs)
        names = [open_builder(name, Path(self.data_dir_root)).info.full_name for name in ("crohme", "symbols", "lines")]
        self.info.metadata.update({"made_from": names, "seed": SEED, "borrowed": self.borrowed})


class Texts:
    """Distinct formulas that are held out of training."""

    def __init__(self, data_dir: Path) -> None:
        """Read the formulas of papers, and the training formulas of CROHME, which are not used.

        Raises:
            DatasetError: There is no file of formulas.
        """
        path = data_dir / FORMULAS
        if not path.is_file():
            raise DatasetError(
                f"there is no file of formulas {path}: put the formulas of im2latex there, as for training"
            )
        self._papers = FormulaSource(
            [("x",)], validation_lines(path), DEFAULT_VOCABULARY, grammar_formulas=0.0, paper_formulas=1.0
        )
        splits = open_builder("crohme", data_dir).info.splits
        training = [load_examples("crohme", split, data_dir) for split in TRAINING if split in splits]
        self._known = {example.tokens for examples in training for example in examples}

    def written(
        self, place: Place, person: Person, lenders: Sequence[Person]
    ) -> tuple[tuple[str, ...], Written] | None:
        """Return a formula for a place and its ink, or None if the person can write none of ATTEMPTS formulas."""
        seed = crc32(str(place).encode())
        random, rng = Random(seed + SEED), np.random.default_rng((SEED, seed))
        for _ in range(ATTEMPTS):
            tokens = self.draw(place.kind, random)
            if tokens in self._known:
                continue
            written = write_formula(tokens, person, lenders, rng)
            if written is not None:
                self._known.add(tokens)
                return tokens, written
        return None

    def draw(self, kind: str, random: Random) -> tuple[str, ...]:
        """Draw a formula of the given kind with at most LONGEST tokens that is held out of training."""
        while True:
            tokens = self._any(kind, random)
            if is_held_out_formula(tokens) and len(tokens) <= LONGEST and not DEFAULT_VOCABULARY.missing(tokens):
                return tokens

    def _any(self, kind: str, random: Random) -> tuple[str, ...]:
        if kind in PAPER_KINDS and random.random() < PAPERS:
            tokens = self._papers.paper(random)
            return tokens if kind_of(tokens) == kind else ()
        return WRITE[kind](random)


WRITE = {
    "numbers": write_number,
    "algebra": write_algebra,
    "calculus": write_calculus,
    "sums": write_sum,
    "matrices": write_table,
}
PAPER_KINDS = {
    "sums": frozenset({r"\sum", r"\prod"}),
    "calculus": frozenset({r"\int", r"\oint", r"\partial", r"\lim", r"\nabla"}),
    "algebra": frozenset({"=", "+", "-", r"\frac"}),
}


def kind_of(tokens: Sequence[str]) -> str:
    """Return the first kind of PAPER_KINDS with a sign that occurs in the formula, "" if there is none."""
    return next((kind for kind, signs in PAPER_KINDS.items() if signs & set(tokens)), "")


def places_of(source: str, person: str) -> Iterator[Place]:
    """Yield the places of all inks that a person writes."""
    for kind, count in zip(KINDS, INKS[source], strict=True):
        yield from (Place(source, kind, person, number) for number in range(count))


def read_people(data_dir: Path) -> dict[str, list[Person]]:
    """Return the held-out people of every source in the order of their names.

    Raises:
        DatasetNotReadyError: One of the datasets is not prepared.
    """
    chars74k = people_of(load_examples("symbols", "chars74k", data_dir))
    unipen = people_of(load_examples("symbols", "unipen_people", data_dir))
    crohme = people_of(load_examples("crohme", "validation", data_dir))
    return {
        "chars74k": chars74k,
        "unipen": unipen,
        "crohme": [person for person in crohme if len(person.classes) >= FEWEST_CLASSES],
    }


def people_of(examples: Iterable[Example]) -> list[Person]:
    """Cut all symbols out of the inks whose strokes are all linked to tokens and return one person per writer."""
    drawn: dict[str, dict[str, list[tuple[str, Drawing]]]] = defaultdict(lambda: defaultdict(list))
    for example in examples:
        owners = example.stroke_tokens
        if not example.ink.writer or not len(owners) or (owners < 0).any():
            continue
        for token in sorted(set(owners.tolist())):
            strokes = tuple(example.ink.strokes[index] for index in np.flatnonzero(owners == token))
            drawn[example.ink.writer][example.tokens[token]].append((example.ink.source, strokes))
    return [
        Person(
            writer,
            {
                token: [strokes for _, strokes in sorted(drawings, key=lambda each: each[0])]
                for token, drawings in by_token.items()
            },
        )
        for writer, by_token in sorted(drawn.items())
    ]


def _example(place: Place, tokens: tuple[str, ...], written: Written) -> Example:
    ink = Ink(strokes=written.strokes, label=" ".join(tokens), writer=place.person, source=str(place))
    return Example(ink, tokens, written.stroke_tokens.astype(np.int32))


def _renamed(example: Example, name: str) -> Example:
    ink = example.ink
    return Example(Ink(ink.strokes, ink.label, ink.writer, name), example.tokens, example.stroke_tokens)
