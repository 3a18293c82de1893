r"""An introduction: the symbols that a writer draws once, each by itself, so that a memory knows them from the start.

    for symbol in introduction(memory):
        memory.learn(strokes_of(symbol), symbol)  # the app asks for a drawing of this symbol

They are the symbols that the model that comes with the package confuses most on inks of people it has not met. Signs
that consist of bars (`-`, `=`) are left out, because a drawing of a bar says little about its writer.
"""

from collections.abc import Collection

from tegashiki.memory.memory import WriterMemory

# The model's doubt about a symbol is the probability of other symbols (of at least 0.05 each) where the symbol is
# right, and its own probability where another symbol is right: its share of all doubts, averaged over
# CROHME's validation and `people/validation`. In the order of the shares.
SYMBOLS = (
    *("x", "1", "X", "0", "2", "s", "p", "S", "9", "a"),
    *("z", "l", "n", "u", "7", "k", "c", r"\times", "o", "v"),
)


def introduction(memory: WriterMemory | None = None, writable: Collection[str] | None = None) -> tuple[str, ...]:
    """Return the symbols that a writer should draw, the most confused first.

    Args:
        memory: Symbols that this memory holds as formulas of their own are left out.
        writable: The tokens that a recogniser can write, such as `Recognizer.writable`; None for all.
    """
    known = {formula.tokens for formula in memory.formulas} if memory else set()
    return tuple(symbol for symbol in SYMBOLS if (symbol,) not in known and (writable is None or symbol in writable))
