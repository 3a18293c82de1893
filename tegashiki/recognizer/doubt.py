"""Which symbols of a reading are in doubt.

The probability of a symbol is that of its token and of the structure before it, which says where the symbol stands:
for the 2 of `x^{2}` the product of the probabilities of `^`, `{` and `2`. The last symbol also answers for everything
after it, including the end. `python -m benchmarks.accuracy.doubt` measures what the thresholds mean.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

# Chosen on `validation`. The shipped model doubts 5 % of the symbols there, among them half of the wrong ones; and of
# the readings that are less probable than REJECT_BELOW, three in four are wrong.
DOUBTFUL_BELOW = 0.8
REJECT_BELOW = 0.3


def doubtful_tokens(visible: Sequence[int], token_log_probabilities: Sequence[float]) -> tuple[int, ...]:
    """Return the indices of the visible tokens in doubt.

    Args:
        visible: The indices of all visible tokens of a reading, ascending.
        token_log_probabilities: The calibrated natural log probability of each token and of the end token.
    """
    limit = math.log(DOUBTFUL_BELOW)
    spans = zip(visible, symbol_spans(visible, len(token_log_probabilities)), strict=True)
    return tuple(index for index, (start, stop) in spans if sum(token_log_probabilities[start:stop]) < limit)


def symbol_spans(visible: Sequence[int], length: int) -> list[tuple[int, int]]:
    """Return for each visible token where the tokens that it answers for begin and end.

    Args:
        visible: The indices of all visible tokens of a reading, ascending.
        length: The number of tokens, including the end token.
    """
    cuts = [0, *(index + 1 for index in visible[:-1]), length]
    return list(pairwise(cuts)) if visible else []
