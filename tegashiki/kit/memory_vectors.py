r"""Test vectors of a writer's memory for recognisers in other languages. docs/memory.md specifies what they test.

The vectors need no model file. They have these parts:

    grids: The strokes of an ink on the grid. `ink` is the index of an entry of `preprocessing` in the other vectors.
    files: Content of files. A file is read (`formulas`), and written again as `written`; or the message of its
        `error` begins as given, with `me.json` as the file. `base64` replaces `content` that is not UTF-8.
    edits: Scripts of calls on an empty memory of `most_tokens`. Each step has the arguments, the result or error, and
        the LaTeX of the `formulas` after it. The message of a "latex" error is not given. `written` is the file.
    keys: The file `content`, and `written` after the formula with `seed` and `max_tokens` has made the keys.
    mixtures: Keys of formulas, and steps with the logits and the hidden vectors minus their mean. The result is, for
        each row, the neighbours with their weights, and the log probabilities. Keys are numbered over all formulas.
    sessions: Scripts as in `tegashiki.kit.sessions`, of a session with a memory. `learning` tells whether `commit`
        teaches it. `learn` and `forget` are calls of the memory. `state` also has the formulas: LaTeX, missed tokens
        (null without keys), and whether only some tokens were allowed.
"""

from __future__ import annotations

import base64
import json
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tegashiki.ink.ink import InkError
from tegashiki.kit.sessions import MAX_TOKENS, Player
from tegashiki.kit.vectors import Entry, FormulaModel, dots, formula, inks
from tegashiki.latex.errors import LatexError
from tegashiki.latex.vocabulary import Vocabulary
from tegashiki.memory.file import FORMAT, MemoryFileError, read_formulas, write_formulas
from tegashiki.memory.formula import Formula, LearningError, place_on_grid
from tegashiki.memory.memory import WriterMemory
from tegashiki.memory.neighbours import FEW, KEYS_A_TOKEN, NEIGHBOURS, KeySet, last_of_each, quantize
from tegashiki.recognizer.recognizer import Recognizer

NAME = "me.json"
CALIBRATION = (0.76, 0.105, 1.5)
MEMORY_CALLS = ("learn", "forget")


def memory_vectors(vocabulary: Vocabulary) -> dict[str, list[Entry]]:
    """Return all vectors for a vocabulary as JSON values."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        return {
            "grids": [_grid(index, ink.strokes) for index, ink in enumerate((inks() | dots()).values())],
            "files": [*_files(path), *_refused_files(path)],
            "edits": [_edited(path, script) for script in _EDITS],
            "keys": [_keyed(path, vocabulary, seed) for seed in range(2)],
            "mixtures": [_mixed(**case) for case in _MIXTURES],
            "sessions": [_recorded(vocabulary, seed, script) for seed, script in enumerate(_SCRIPTS)],
        }


def _grid(index: int, strokes: Sequence[np.ndarray]) -> Entry:
    return {"ink": index, "strokes": [stroke.tolist() for stroke in place_on_grid(strokes)]}


# --- files


def _strokes(seed: int, count: int = 2) -> list[list[list[float]]]:
    """Return strokes of three points. Their values in the formula are not close to a rounding boundary."""
    chooser = random.Random(seed)
    ends = [(chooser.choice((1, 4, 6, 9)), chooser.choice((1, 4, 6, 9))) for _ in range(count)]
    return [[[12 * i, 0], [12 * i + 10, 10], [12 * i + x, y]] for i, (x, y) in enumerate(ends)]


def _filled() -> WriterMemory:
    """Return a memory with formulas of all kinds, without keys."""
    memory = WriterMemory()
    odd = ['"', "\\alpha", "\u00e9", "\n\u001f", "\u007f\u2028", "\U0001d4d0"]
    memory.learn(_strokes(0), r"x^2", learnt=1_793_700_000)
    memory.learn(_strokes(1), r"\frac{a}{b}", learnt=1_793_700_060, allowed=["x", *odd])
    memory.learn(_strokes(2, 3), r"\begin{pmatrix}1&\alpha x\\ [y]&\mathbb{R}\end{pmatrix}", learnt=2**53)
    memory.learn([[[3, 4]], [[0, 0], [9, 1]]], r"\operatorname*{argmax}\{\log x\}", learnt=0, allowed=["x", "1", "x"])
    memory.learn(_strokes(4), r"\sqrt[3]{\hat{y}}", learnt=7, allowed=["1", "x"])
    return memory


def _with_keys() -> str:
    """Return the file of a memory with keys of two models, one of which has none for its formula."""
    content = json.loads(write_formulas(_filled().formulas))
    keys = base64.b64encode(bytes((7 * i) % 256 for i in range(6 * 3))).decode()
    content["formulas"][0]["keys"] = {"model": "one", "missed": 2, "width": 3, "vectors": keys}
    content["formulas"][3]["keys"] = {"model": '"\u00e9', "missed": 0, "width": 16, "vectors": ""}
    return json.dumps(content, ensure_ascii=False)


def _files(path: Path) -> Iterator[Entry]:
    content = json.loads(_with_keys())
    content["more"] = [{"of": None}, 1.5e3, True]
    content["restrictions"] = [["z"], ["x", "1", "1"], *content["restrictions"]]
    for entry in content["formulas"]:
        entry["also"] = "later"
        entry["restriction"] = entry.get("restriction", -2) + 2
    for entry, restriction in zip(content["formulas"], (None, 2, None, 3, 1), strict=True):
        entry["restriction"] = restriction
        if restriction is None:
            del entry["restriction"]
    yield _file(path, write_formulas([]))
    yield _file(path, write_formulas(_filled().formulas))
    yield _file(path, _with_keys())
    yield _file(path, json.dumps(content, indent=1, sort_keys=True))


def _file(path: Path, content: str) -> Entry:
    path.write_text(content, "utf-8")
    formulas = read_formulas(path)
    described = [_described(each) for each in formulas]
    return {"content": content, "formulas": described, "written": write_formulas(formulas)}


def _described(each: Formula) -> Entry:
    keys = each.keys
    return {
        "latex": each.latex,
        "tokens": list(each.tokens),
        "learnt": each.learnt,
        "strokes": [stroke.tolist() for stroke in each.strokes],
        "allowed": None if each.allowed is None else sorted(each.allowed),
        "keys": None
        if keys is None
        else {"model": keys.model, "missed": keys.missed, "vectors": keys.vectors_ND.tolist()},
    }


def _refused_files(path: Path) -> Iterator[Entry]:
    few = json.loads(_with_keys())
    few.update(restrictions=few["restrictions"][:1], formulas=few["formulas"][:2])
    whole = json.dumps(few, ensure_ascii=False)
    for text in ("", "[" * 2000, "{}", "[1]", '{"strokes": []}', "null", whole[:-30], whole + "]", f"{whole[:-1]},}}"):
        yield _refused(path, text.encode())
    for wrong in ('"format": 01', '"format": +1', '"format": 1.', '"format": 0x1', "'format': 1", '"for\tmat": 1'):
        yield _refused(path, whole.replace('"format": 1', wrong).encode())
    for content in (b"\xff\xfe\x00", whole.encode("latin-1", "replace").replace(b"?", b"\xe9")):
        yield _refused(path, content)
    for change in _CHANGES:
        content = json.loads(whole)
        change(content)
        yield _refused(path, json.dumps(content).encode())


def _refused(path: Path, content: bytes) -> Entry:
    path.write_bytes(content)
    try:
        read_formulas(path)
    except MemoryFileError as error:
        message = str(error).replace(str(path), NAME)
        damaged = f"{NAME} is damaged"  # what follows in detail is the language's own
        place = message.split(": ")[1] if message.startswith(f"{damaged}: formula") else ""
        known = ": ".join(part for part in (damaged, place) if part) if message.startswith(damaged + ":") else message
        try:
            return {"content": content.decode(), "error": known}
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(content).decode(), "error": known}
    raise AssertionError(content)


def _change(part: str, **changes: Any) -> Callable[[Entry], None]:
    """Return a change of the head (`part` is empty), a formula (its number), or the keys of a formula (`keys`)."""

    def change(content: Entry) -> None:
        formulas = content["formulas"]
        target = {"": content, "keys": formulas[0]["keys"]}[part] if not part.isdigit() else formulas[int(part)]
        for name, value in changes.items():
            if value is ...:
                del target[name]
            else:
                target[name] = value

    return change


_NO_STROKES: Sequence[Any] = (
    *(..., 1, [], [7], [[]], [[1, 2, 3]], [[1, -2]], [[0.5, 1]], [[1, "2"]]),
    *([[2**30 + 1, 0]], [[2**30, 0, 1, 0]], [[0, 1, 0, -2]], [[0, 0]] * 2049),
)
_CHANGES: Sequence[Callable[[Entry], None]] = (
    _change("", kind="a writer's memory"),
    _change("", kind=...),
    _change("", format="1"),
    _change("", format=True),
    _change("", format=FORMAT + 1),
    _change("", restrictions=...),
    _change("", restrictions={}),
    _change("", restrictions=[["x", 1]]),
    _change("", restrictions=[["x\udc00"]]),
    _change("", formulas=...),
    _change("", formulas=[7]),
    *(_change("1", latex=latex) for latex in (..., 3, None, "", " ", "x\ud800")),
    *(_change("0", learnt=learnt) for learnt in (..., -1, 0.5, "1", True, 2**53 + 2)),
    *(_change("0", strokes=strokes) for strokes in _NO_STROKES),
    *(_change("1", restriction=restriction) for restriction in (1, -1, None, "0", 0.5)),
    _change("0", keys=None),
    *(_change("keys", vectors=vectors) for vectors in (..., 3, "AAAA", "???", "A", "AA=A")),
    *(_change("keys", width=width) for width in (..., 0, 2, 6, 2**15, "3")),
    *(_change("keys", missed=missed) for missed in (..., 7, -1, None)),
    *(_change("keys", model=model) for model in (..., 7, "\ud800")),
)


# --- edits


class _Editor:
    """Makes and records calls of one memory."""

    def __init__(self, path: Path, most_tokens: int) -> None:
        self.memory = WriterMemory(most_tokens=most_tokens)
        self.steps: list[Entry] = []
        self._path = path

    def __call__(self, call: str, **arguments: Any) -> None:
        step: Entry = {"call": call, "arguments": arguments}
        try:
            result = getattr(self if call in ("learn", "merge") else self.memory, call)(**arguments)
            step["returns"] = result
        except (LearningError, LatexError, InkError) as error:
            kinds = {LearningError: "learning", LatexError: "latex", InkError: "ink"}
            step["error"] = {"kind": kinds[type(error)]}
            if isinstance(error, LearningError):
                step["error"]["message"] = str(error)
        step["formulas"] = [each.latex for each in self.memory.formulas]
        self.steps.append(step)

    def learn(self, strokes: Any, **settings: Any) -> None:
        """Learn strokes."""
        self.memory.learn(strokes, **settings)

    def merge(self, content: str) -> int:
        """Merge a file of this content."""
        self._path.write_text(content, "utf-8")
        return self.memory.merge(WriterMemory.open(self._path))


def _edited(path: Path, script: Callable[[_Editor], None]) -> Entry:
    editor = _Editor(path, 8 if script in _SMALL else 4000)
    script(editor)
    return {
        "name": script.__name__.strip("_").replace("_", " "),
        "most_tokens": editor.memory.most_tokens,
        "steps": editor.steps,
        "written": write_formulas(editor.memory.formulas),
    }


def _learning(edit: _Editor) -> None:
    edit("learn", strokes=_strokes(0), latex="x^{2}", learnt=5, allowed=None)
    edit("learn", strokes=_strokes(1), latex=r"\frac{a}{\alpha x}", learnt=3, allowed=["x", "2", "x"])
    edit("learn", strokes=_strokes(0), latex="y", learnt=6, allowed=None)
    same = [[[1000 + 3.7 * x, 500 + 3.7 * y] for x, y in stroke for _ in range(2)] for stroke in _strokes(0)]
    edit("learn", strokes=same, latex="z", learnt=6, allowed=["2", "x"])
    edit("learn", strokes=_strokes(0)[:1], latex="x", learnt=6, allowed=None)
    tiny = [[[0, 0], [0.001, 0.003], [0.004, 0.001], [0.002, 0.005]], [[0, 0], [9, 0]], [[0, 1], [9, 1]]]
    edit("learn", strokes=tiny, latex=".=", learnt=7, allowed=None)
    edit("learn", strokes=[[[0, 0], [1, 0]], [[0, 0], [1, 1]], [[1e12, 5]]], latex="q", learnt=8, allowed=None)
    edit("learn", strokes=[], latex="x", learnt=9, allowed=None)
    edit("learn", strokes=_strokes(2), latex="", learnt=9, allowed=None)
    edit("learn", strokes=_strokes(2), latex="x^{", learnt=9, allowed=None)
    for stroke in ([], [[1]], [[0, 1e13]]):
        edit("learn", strokes=[*_strokes(2), stroke], latex="x", learnt=9, allowed=None)


def _forgetting(edit: _Editor) -> None:
    for number, latex in enumerate(("x", "y", "x", r"\frac{a}{b}", "z", "10")):
        edit("learn", strokes=_strokes(number), latex=latex, learnt=number, allowed=["1", "0"] if number > 4 else None)
    for which in (1, "x", 3, -1, "q", r"\frac{a}{b}", 0):
        edit("forget", which=which)
    edit("clear")
    edit("forget", which=0)
    edit("learn", strokes=_strokes(7), latex="1", learnt=1, allowed=None)


def _merging(edit: _Editor) -> None:
    other = WriterMemory()
    for number, (latex, learnt) in enumerate((("x", 5), ("y", 20), ("z", 20), ("a", 11))):
        other.learn(_strokes(number), latex, learnt=learnt, allowed=["a", "b"] if number > 2 else None)
    edit("learn", strokes=_strokes(9), latex="c", learnt=20, allowed=["b", "c"])
    edit("learn", strokes=_strokes(1), latex="v", learnt=10, allowed=None)
    edit("learn", strokes=_strokes(2), latex="w", learnt=20, allowed=None)
    edit("learn", strokes=_strokes(3), latex="b", learnt=30, allowed=["a", "b"])
    content = write_formulas(other.formulas)
    edit("merge", content=content)
    edit("merge", content=content)
    edit("merge", content=write_formulas([]))


def _room(edit: _Editor) -> None:
    for number, latex in enumerate(("x", "xy", "xyz", "y")):
        edit("learn", strokes=_strokes(number), latex=latex, learnt=number, allowed=None)
    edit("learn", strokes=_strokes(5), latex="abcdefgh", learnt=9, allowed=None)
    edit("learn", strokes=_strokes(3), latex="abcdefg", learnt=9, allowed=None)


def _redundant_formulas(edit: _Editor) -> None:
    edit("merge", content=_known("xyzabc", (1, 0, 0, 0, 1, 0)))
    edit("learn", strokes=_strokes(40), latex="d", learnt=9, allowed=None)
    edit("learn", strokes=_strokes(41), latex="ef", learnt=9, allowed=None)


def _redundant_formulas_in_the_middle(edit: _Editor) -> None:
    edit("merge", content=_known("xyzab", (None, 1, 0, 0, 0)))


def _known(letters: str, missed: Sequence[int | None]) -> str:
    """Return a file of formulas of one letter with keys, or without where `missed` is None."""
    memory = WriterMemory()
    for number, latex in enumerate(letters):
        memory.learn(_strokes(20 + number), latex, learnt=number)
    content = json.loads(write_formulas(memory.formulas))
    vectors = base64.b64encode(bytes(2)).decode()
    for entry, count in zip(content["formulas"], missed, strict=True):
        if count is not None:
            entry["keys"] = {"model": "one", "missed": count, "width": 1, "vectors": vectors}
    return json.dumps(content)


_SMALL = (_room, _redundant_formulas, _redundant_formulas_in_the_middle)
_EDITS: Sequence[Callable[[_Editor], None]] = (_learning, _forgetting, _merging, *_SMALL)


# --- keys


def _keyed(path: Path, vocabulary: Vocabulary, seed: int) -> Entry:
    """Record the keys that the formula makes, for formulas with keys of this model, of another one and without any."""
    memory = WriterMemory()
    for number, latex in enumerate(("x^2", r"\frac{a}{b+c}", r"\begin{matrix}1\\2\end{matrix}", "y", "z")):
        memory.learn(_strokes(seed + number, 1 + number), latex, learnt=number, allowed=["y"] if number > 2 else None)
    memory.learn(_strokes(9), r"\notavailable x", learnt=5)  # not in the vocabulary
    memory.learn(_strokes(10), "1+1+1+1+1+1", learnt=6)  # too long
    memory.learn(_strokes(11, 9), "x", learnt=7)  # too many strokes
    content = json.loads(write_formulas(memory.formulas))
    own = base64.b64encode(bytes(range(32))).decode()
    content["formulas"][3]["keys"] = {"model": f"formula {seed}", "missed": 1, "width": 16, "vectors": own}
    content["formulas"][4]["keys"] = {"model": "another", "missed": 1, "width": 16, "vectors": own}
    path.write_text(json.dumps(content), "utf-8")
    opened, max_tokens = WriterMemory.open(path), 11
    Recognizer(FormulaModel(len(vocabulary), seed, max_tokens), vocabulary, memory=opened).make_keys()
    return {
        "seed": seed,
        "max_tokens": max_tokens,
        "content": json.dumps(content),
        "written": write_formulas(opened.formulas),
    }


# --- mixtures


_MIXTURES: Sequence[Entry] = (
    {"count": 0, "width": 4},
    {"count": 3, "width": 8},
    {"count": 40, "width": 8},
    {"count": 40, "width": 8, "restricted": True},
    {"count": NEIGHBOURS + 4, "width": 4, "equal": True},
    {"count": 9 * KEYS_A_TOKEN, "width": 16, "size": 7, "restricted": True},
    {"count": FEW + 40, "width": 32, "size": 24, "restricted": True},
)


def _mixed(count: int, width: int, size: int = 11, restricted: bool = False, equal: bool = False) -> Entry:
    """Record mixtures with keys around a few centres, in formulas of five tokens."""
    centres_CD = 2 * formula(np.arange(6)[:, None] + count, np.arange(width)) - 1
    noise_ND = 2 * formula(np.arange(count)[:, None] + 1000, np.arange(width)) - 1
    numbers_N = np.arange(count)
    vectors_ND = quantize(centres_CD[numbers_N % 6] + 0.8 * noise_ND * (numbers_N % 4 > 0)[:, None])
    ids_N = 3 + (formula(numbers_N + 500, np.array(7)) * (size - 3)).astype(int)
    if equal:
        vectors_ND[:] = quantize(centres_CD[:1])
    parts = [slice(at, at + 5) for at in range(0, count, 5)]
    masks = [(1 + np.arange(size) // 2) % (2 + part % 2) > 0 for part in range(len(parts))]
    allowed = [mask if restricted and part % 3 else None for part, mask in enumerate(masks)]
    keys = KeySet.stack([vectors_ND[part] for part in parts], [ids_N[part].tolist() for part in parts], allowed)
    rows_WD = centres_CD[:5] + 0.6 * (formula(np.arange(5)[:, None] + 3000, np.arange(width)) - 0.5)
    hidden_WD = np.vstack([rows_WD, -rows_WD[:1], 0 * rows_WD[:1]]).round(3).astype(np.float32)
    logits_WV = (8 * formula(np.arange(7)[:, None] + 4000, np.arange(size))).round(2).astype(np.float32)
    return {
        "width": width,
        "formulas": [
            {
                "vectors": base64.b64encode(vectors_ND[part].tobytes()).decode(),
                "ids": ids_N[part].tolist(),
                "allowed": None if mask is None else np.flatnonzero(mask).tolist(),
            }
            for part, mask in zip(parts, allowed, strict=True)
        ],
        "logits": [[float(f"{value:.2f}") for value in row] for row in logits_WV],
        "hidden": [[float(f"{value:.3f}") for value in row] for row in hidden_WD],
        "neighbours": _neighbours(keys, ids_N, hidden_WD),
        "log_probabilities": _log_softmax(keys.mix(logits_WV, hidden_WD)).round(6).tolist(),
    }


def _neighbours(keys: KeySet, ids_N: np.ndarray, hidden_WD: np.ndarray) -> list[list[list[float]]]:
    """Return for each row the neighbours and their weights."""
    if not len(ids_N):
        return [[] for _ in hidden_WD]
    near_U, weights_WU = keys.nearest_keys(hidden_WD)
    numbers_U = last_of_each(ids_N, KEYS_A_TOKEN)[near_U]
    return [
        [[int(number), float(f"{weight:.6g}")] for number, weight in zip(numbers_U, row, strict=True) if weight]
        for row in weights_WU
    ]


def _log_softmax(scores_WV: np.ndarray) -> np.ndarray:
    """Return log probabilities of logits or of log probabilities."""
    return scores_WV - np.log(np.exp(scores_WV).sum(axis=1, keepdims=True))


# --- sessions


class MemoryPlayer(Player):
    """Makes and records calls of a session and of its memory."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        seed: int,
        max_tokens: int,
        calibration: Sequence[float] | None,
        learning: bool = True,
    ) -> None:
        """Begin a session with an empty memory; see `Player`."""
        self.memory = WriterMemory()
        super().__init__(vocabulary, seed, max_tokens, calibration, memory=self.memory, learning=learning)

    def method(self, call: str) -> Callable[..., Any]:
        """Return the function that a step calls. `learn` returns nothing."""
        if call == "learn":
            return self._learn
        return getattr(self.memory if call in MEMORY_CALLS else self.session, call)

    def _learn(self, strokes: Any, **settings: Any) -> None:
        self.memory.learn(strokes, **settings)

    def state(self) -> Entry:
        """Return the session's properties and the formulas."""
        learnt = [
            [each.latex, None if each.keys is None else each.keys.missed, each.allowed is not None]
            for each in self.memory.formulas
        ]
        return super().state() | {"learnt": learnt}


def replay(vocabulary: Vocabulary, script: Entry) -> list[Entry]:
    """Make the calls of a session's script again and return its steps with the new results."""
    settings = {name: script[name] for name in ("seed", "max_tokens", "calibration", "learning")}
    player = MemoryPlayer(vocabulary, **settings)
    for step in script["steps"]:
        player.make(step)
    return player.steps


def _recorded(vocabulary: Vocabulary, seed: int, script: Callable[[MemoryPlayer], None]) -> Entry:
    calibration, learning = CALIBRATION if seed % 2 else None, script is not _learning_is_off
    player = MemoryPlayer(vocabulary, seed, MAX_TOKENS, calibration, learning)
    script(player)
    return {
        "name": script.__name__.strip("_").replace("_", " "),
        "seed": seed,
        "max_tokens": MAX_TOKENS,
        "calibration": calibration,
        "learning": learning,
        "steps": player.steps,
    }


def _learn(play: MemoryPlayer, seed: int, latex: str, **settings: Any) -> None:
    play("learn", strokes=_strokes(seed), latex=latex, learnt=seed, **settings)


def _read(play: MemoryPlayer, seed: int, n: int = 5) -> None:
    play("replace_strokes", strokes=_strokes(seed))
    play("stream", n=n)


def _commit_teaches(play: MemoryPlayer) -> None:
    _read(play, 0, 2)
    play("accept", candidate=play.last(1, 1))
    play("commit", meanwhile={"at": 1, "steps": [{"call": "add_stroke", "arguments": {"points": _strokes(5)[0]}}]})
    _read(play, 0, 2)
    play("commit")
    _read(play, 1)
    play("commit")
    _read(play, 1)


def _corrections_are_learnt_and_forgotten(play: MemoryPlayer) -> None:
    _read(play, 0, 2)
    _learn(play, 0, "x+y")
    play("candidates", n=2)  # the reading is there already
    _read(play, 0, 2)
    play("commit")
    _learn(play, 1, "x-y")
    _read(play, 0)
    _read(play, 2)
    play("forget", which="x-y")
    play("forget", which=0)
    _read(play, 0, 2)


def _rules_hold_with_a_memory(play: MemoryPlayer) -> None:
    for seed, latex in enumerate(("x+y", "a^{2}", r"\frac{a}{b}", "x+1")):
        _learn(play, seed, latex)
    _read(play, 0)
    first = play.last(0, 1)
    play("accept", candidate=play.last(1, 1))
    play("add_stroke", points=_strokes(1)[0])
    play("candidates", n=2)
    play("undo")
    play("reject", candidate=first)
    play("candidates", n=2)
    play("undo")
    play("undo")
    play("reject", candidate=first)
    play("candidates", n=2)
    play("restrict", tokens=["a", "b", "1", "2", "+", r"\frac"])
    _read(play, 2)
    play("alternatives", token_index=0)
    play("restrict", tokens="calculator")
    _read(play, 3, 1)
    play("commit")


def _alternatives_use_the_memory(play: MemoryPlayer) -> None:
    for seed, latex in enumerate(("x+y", "x-y", "x+z", "y+y")):
        _learn(play, seed, latex)
    _read(play, 0)
    longest = play.last(4, 1)
    for index in range(3):
        play("alternatives", token_index=index, candidate=longest)
    play("accept", candidate=play.last(0))
    play("commit")
    _read(play, 0)


def _what_was_learnt_under_a_restriction_counts_less(play: MemoryPlayer) -> None:
    play("restrict", tokens=["1", "2", "+"])
    for seed in range(3):
        _read(play, seed, 1)
        play("commit")
    _read(play, 0, 2)
    play("restrict", tokens=None)
    _read(play, 0, 2)
    _read(play, 5)
    _learn(play, 7, "x", allowed=["x", "y"])
    _read(play, 7, 2)


def _many_neighbours(play: MemoryPlayer) -> None:
    for seed in range(30):
        _learn(play, seed, ("x+y", "x+1", "1+x", "y^{2}", "y+1")[seed % 5])
    for seed in (3, 40, 41):
        _read(play, seed)
    play("alternatives", token_index=0)


def _learning_is_off(play: MemoryPlayer) -> None:
    _learn(play, 0, "x+y")
    _read(play, 0, 1)
    play("commit")
    _read(play, 1, 1)
    play("commit")


def _what_the_model_cannot_write_has_no_keys(play: MemoryPlayer) -> None:
    _read(play, 0, 2)
    _learn(play, 0, r"\notavailable x")
    _learn(play, 1, "+".join("1" * 13))
    play("learn", strokes=_strokes(2, 9), latex="x", learnt=2)
    _read(play, 0, 2)
    _read(play, 1, 2)


_SCRIPTS: Sequence[Callable[[MemoryPlayer], None]] = (
    _commit_teaches,
    _corrections_are_learnt_and_forgotten,
    _rules_hold_with_a_memory,
    _alternatives_use_the_memory,
    _what_was_learnt_under_a_restriction_counts_less,
    _many_neighbours,
    _learning_is_off,
    _what_the_model_cannot_write_has_no_keys,
)
