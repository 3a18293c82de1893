r"""A widget to write mathematics on, for JupyterLab, Notebook 7 and VS Code.

    from tegashiki.notebook import Pad

    pad = Pad()
    pad  # the last line of a cell shows it
    pad.latex  # in another cell: the formula

docs/notebook.md describes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tegashiki.errors import UserError
from tegashiki.ink.ink import Ink
from tegashiki.notebook.requests import BrowserReader, candidate_from
from tegashiki.recognizer.recognizer import Recognizer

try:
    import anywidget
    import traitlets
except ModuleNotFoundError as error:
    missing = f"the pad needs the notebook extra (no module {error.name}): pip install 'tegashiki[notebook]'"
    raise ModuleNotFoundError(missing, name=error.name) from error


class Pad(anywidget.AnyWidget):
    """A sheet with the readings of what is written on it. The recogniser of this Python process reads.

    Attributes:
        latex: The formula: the accepted reading of the ink, else the likeliest. Setting it clears the ink.
        strokes: The ink as lists of points [x, y], y downwards. Setting it has it read.
        candidates: The readings offered, `Candidate`s, the likeliest first. Read-only.
        formulas: LaTeX of the formulas that were finished (Done, or Enter), the last one last.
        choices: The number of readings offered, 1 to 5.
        restrict: The name of a preset, such as "calculator", or the allowed tokens with spaces between them; "" for
            all.
        several_lines: Whether lines under each other are told apart; otherwise all ink is one line.
        language: "en", "de" or "ja"; "" for the browser's.
        height: The height of the sheet in CSS pixels.

    The first six can be observed: `pad.observe(lambda change: print(change.new), "latex")`.
    """

    _esm = Path(__file__).parent.parent / "assets" / "notebook.js"

    latex = traitlets.Unicode().tag(sync=True)
    strokes: traitlets.List[Any] = traitlets.List().tag(sync=True)
    candidates = traitlets.Tuple(read_only=True)
    formulas = traitlets.List(traitlets.Unicode())
    choices = traitlets.Int(5, min=1, max=5).tag(sync=True)
    restrict = traitlets.Unicode().tag(sync=True)
    several_lines = traitlets.Bool().tag(sync=True)
    language = traitlets.Unicode().tag(sync=True)
    height = traitlets.Int(220, min=60).tag(sync=True)

    def __init__(self, recognizer: Recognizer | None = None, **traits: Any) -> None:
        """Make a pad.

        Args:
            recognizer: What reads the ink, by default the model that comes with the package. With a writer's memory
                it learns the formulas that are finished.
            **traits: Attributes to start with, such as `latex` or `restrict`.
        """
        super().__init__(**traits)
        self.recognizer = recognizer or Recognizer.load()
        self._reader = BrowserReader(self.recognizer)
        self.on_msg(self._hear)

    @property
    def ink(self) -> Ink:
        """The ink that is on the sheet."""
        return Ink(tuple(self.strokes))

    def sympy(self) -> Any:
        """Return the formula as a SymPy object.

        Raises:
            UserError: SymPy cannot read the formula.
        """
        from sympy.parsing.latex import LaTeXParsingError, parse_latex

        try:
            return parse_latex(self.latex)
        except LaTeXParsingError as error:
            reason = str(error).splitlines()[0]
            raise UserError(f"SymPy cannot read {self.latex!r} ({reason}): write a formula that it knows") from error

    def to_cell(self) -> None:
        """Put the formula into a new cell below, as a cell that shows it."""
        from IPython import get_ipython

        get_ipython().set_next_input(f"%%latex\n$${self.latex}$$")

    def _hear(self, _: Any, message: Mapping[str, Any], buffers: Sequence[Any]) -> None:
        """Take a message of the browser: ink to read, readings that are shown, a formula that is finished."""
        if message["kind"] == "read":
            self._read(message)
        elif message["kind"] == "reading":
            self.set_trait("candidates", tuple(map(candidate_from, message["candidates"])))
        elif message["kind"] == "commit":
            for line in message["lines"]:
                self.recognizer.learn(Ink(tuple(line["strokes"])).strokes, candidate_from(line["candidate"]))
            self.formulas = [*self.formulas, message["latex"]]

    def _read(self, message: Mapping[str, Any]) -> None:
        answer: dict[str, Any] = {"error": "the reading was interrupted: undo and redo a stroke to read again"}
        try:
            answer = {"reading": self._reader.read(message["request"])}
        except UserError as error:
            answer = {"error": str(error)}
        finally:  # the browser waits for an answer, even if there is a bug
            self.send({"kind": "answer", "id": message["id"], **answer})
