"""Formulas for the tests of conversion: walks through the grammar, and those of the project's generators."""

from collections.abc import Iterator
from random import Random

from tegashiki.latex.nodes import Row
from tegashiki.latex.normalize import canonical_tree, normalize
from tegashiki.synthesis.formulas import WIDE, compose
from tegashiki.synthesis.numbers import write_number
from tegashiki.synthesis.school import write_algebra, write_calculus, write_sum
from tegashiki.synthesis.tables import write_table
from tests.latex.walks import walk

LENGTHS = (1, 2, 5, 20, 60)


def walks(count: int) -> Iterator[tuple[str, ...]]:
    """Yield formulas that lead everywhere in the grammar."""
    for seed in range(count):
        random = Random(seed)
        yield walk([random.randrange(2000) for _ in range(random.randrange(1, 40))], random.choice(LENGTHS))


def written(count: int) -> Iterator[tuple[str, ...]]:
    """Yield formulas as people write them: algebra, calculus, sums, numbers, tables, and the whole vocabulary."""
    for seed in range(count):
        for write in (write_algebra, write_calculus, write_sum, write_number, write_table):
            yield normalize(write(Random(seed)))
        yield compose(Random(seed), WIDE)


def tree(latex: str) -> Row:
    """Return the tree of LaTeX."""
    return canonical_tree(latex)
