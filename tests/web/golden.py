"""Write the test vectors of the TypeScript recogniser: `python -m tests.web.golden`.

This writes six files into web/test/. golden.json has the vectors of `tegashiki.kit.vectors`, alternatives for the
tokens of readings, and the canonical tokens of typed LaTeX. sessions.json has the scripts of `tegashiki.kit.sessions`,
memory.json the vectors of `tegashiki.kit.memory_vectors`, pages.json those of `tegashiki.kit.page_vectors`,
conversions.json the formulas of `tegashiki.kit.conversions`, and answers.json what SymPy answers to those of
`tests.web.answers`. The tables of the converter go to web/src/convert/. Readings of the shipped model change with the
model, so a browser test compares them instead.
"""

from collections.abc import Sequence
from pathlib import Path

from tegashiki.decoding.calibration import Calibration
from tegashiki.kit.conversion_table import conversion_table
from tegashiki.kit.conversions import conversions
from tegashiki.kit.memory_vectors import memory_vectors
from tegashiki.kit.page_vectors import page_vectors
from tegashiki.kit.sessions import sessions
from tegashiki.kit.vectors import Entry, FormulaModel, as_text, vectors
from tegashiki.latex.automaton import as_text as one_line_a_key
from tegashiki.latex.normalize import normalize
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
from tegashiki.recognizer.recognizer import Recognizer
from tegashiki.recognizer.session import Candidates

from .answers import answers

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "web" / "test" / "golden.json"
SESSIONS = ROOT / "web" / "test" / "sessions.json"
MEMORY = ROOT / "web" / "test" / "memory.json"
PAGES = ROOT / "web" / "test" / "pages.json"
CONVERSIONS = ROOT / "web" / "test" / "conversions.json"
ANSWERS = ROOT / "web" / "test" / "answers.json"
CONVERSION_TABLE = ROOT / "web" / "src" / "convert" / "tables.json"
STRUCTURED = [*"{}^_[]", "\\frac", "\\sqrt", "\\binom", "\\hat", "\\vec", "\\sum"]

# LaTeX as people type it. The TypeScript recogniser reads all of these, and refuses what follows.
TYPED = (
    r"x^2_1  \frac12  \sqrt x  \sqrt[3]{x'}  f''(x)  x'^2  x^{'}_1  {x_1}^2  {x^a}^b  {}_nC_k  {ab}^2  x^{}  2 l o g x",
    r"\sin^2x  \left(\frac{a}{b}\right)^2  a\le b\ne c  \max_x f  \lim_{x\to0}  a...b  x\not=y  \operatorname{sin}x",
    r"\vec{AB}  \overrightarrow{a}  \bar x  \widehat{x_1}  \widehat{xy}  \mathbb R  \mathbb{R}^n  \|x\|  \cfrac12",
    r"\begin{pmatrix}1&2\\[2pt]3&\end{pmatrix}  \begin{matrix} [r] \end{matrix}  \begin{array}{cc}a&b\\\end{array}",
    r"\binom nk  \text{if}  \bigl[x\bigr.  \sqrt[{]}]{x}",
)
REFUSED = (r"\over", "x^", "x^2^3", "{x", "x}", r"\frac{}{x}", r"\foo{x}", r"\hat[x]{a}", r"\begin{foo}x\end{foo}")


def golden() -> dict[str, list[Entry]]:
    """Return all vectors as JSON values."""
    alternatives = [_replaced(seed, calibration) for seed in range(4) for calibration in (None, [0.76, 0.105, 1.5])]
    typed = [{"latex": latex, "tokens": normalize(latex)} for line in TYPED for latex in line.split("  ")]
    refused = [{"latex": latex, "tokens": None} for latex in REFUSED]
    return vectors(DEFAULT_VOCABULARY) | {"alternatives": alternatives, "typed": [*typed, *refused]}


def _replaced(seed: int, calibration: list[float] | None) -> Entry:
    """Record alternatives for each token of a reading, and again after a rejection under another restriction."""
    model = FormulaModel(len(DEFAULT_VOCABULARY), seed, 24)
    session = Recognizer(model, DEFAULT_VOCABULARY, calibration=Calibration(*calibration or (1.0, 0.0))).session()
    session.add_stroke([[0, 0], [3, 10], [6, 2]])
    first = [*STRUCTURED, *"xyz123"]
    session.restrict(first)
    reading = max(session.candidates(5), key=lambda candidate: len(candidate.tokens))
    found = [session.alternatives(index, reading) for index in range(len(reading.tokens))]
    rejected = next(others[0] for others in found if others)
    session.reject(rejected)
    # If the restriction excludes a token of the reading, only this token has alternatives.
    left_out = reading.tokens[0] if seed % 2 else "4"
    second = [token for token in (*STRUCTURED, *"xyz123456") if token != left_out]
    session.restrict(second)
    ruled = [session.alternatives(index, reading) for index in range(len(reading.tokens))]
    return {
        "seed": seed,
        "calibration": calibration,
        "tokens": reading.tokens,
        "complete": reading.complete,
        "restrict": [first, second],
        "rejected": rejected.tokens,
        "others": [_described(found), _described(ruled)],
    }


def _described(found: Sequence[Candidates]) -> list[list[list[str | float]]]:
    """Return for each token its alternatives: the replacing token and the log probability of the whole reading."""
    return [[[other.tokens[i], round(other.log_probability, 9)] for other in others] for i, others in enumerate(found)]


def conversion_vectors() -> str:
    """Return the vectors of the converter as JSON text."""
    return as_text({"conversions": conversions(DEFAULT_VOCABULARY)})


def conversion_tables() -> str:
    """Return the tables of the converter as JSON text."""
    return one_line_a_key(conversion_table())


if __name__ == "__main__":
    GOLDEN.write_text(as_text(golden()), "utf-8")
    SESSIONS.write_text(as_text(sessions(DEFAULT_VOCABULARY)), "utf-8")
    MEMORY.write_text(as_text(memory_vectors(DEFAULT_VOCABULARY)), "utf-8")
    PAGES.write_text(as_text(page_vectors(DEFAULT_VOCABULARY)), "utf-8")
    CONVERSIONS.write_text(conversion_vectors(), "utf-8")
    ANSWERS.write_text(as_text({"answers": answers()}), "utf-8")
    CONVERSION_TABLE.write_text(conversion_tables(), "utf-8")
