import json
import threading
import time

import numpy as np
import pytest

from tegashiki.ink.files import read_ink
from tegashiki.ink.ink import Ink, InkError
from tegashiki.ink.preprocess import preprocess
from tegashiki.latex.errors import LatexError
from tegashiki.memory.file import FORMAT, MemoryFileError
from tegashiki.memory.formula import GRID, Keys, LearningError, place_on_grid
from tegashiki.memory.memory import WriterMemory, make_room
from tegashiki.synthesis.embedded import Drawn
from tests.memory.teachable import strokes


def filled(*labels, path=None, **settings):
    memory = WriterMemory(path, **settings)
    for when, latex in enumerate(labels):
        memory.learn(strokes(2, when), latex, learnt=when)
    return memory


def labels(memory):
    return [formula.latex for formula in memory.formulas]


def known(formula, missed, model="one", width=3):
    formula.keys = Keys(model, np.ones((formula.size, width), np.int8), missed)


# --- formulas


def test_strokes_on_the_grid_preprocess_as_the_original():
    for example in Drawn("test", range(6)):
        kept = place_on_grid(example.ink.strokes)
        before, after = preprocess(example.ink), preprocess(kept)
        assert np.abs(before.points_SP2 - after.points_SP2).max() < 0.06
        assert np.abs(before.boxes_S3 - after.boxes_S3).max() < 0.03
        assert min(stroke.min() for stroke in kept) == 0


def test_the_unit_of_the_input_does_not_change_the_grid():
    ink = strokes(4)
    expected = place_on_grid(ink)
    for scale, shift in ((1e-6, 0.0), (1e5, 0.0), (1.0, 1e4)):
        for a, b in zip(place_on_grid([scale * stroke + shift for stroke in ink]), expected, strict=True):
            assert np.abs(a.astype(int) - b).max() <= 1


def test_dots_and_repeated_points_become_one_point():
    dot, line = place_on_grid([np.full((7, 2), 3.0), np.array([[0.0, 0], [0, 0], [4, 0], [4, 0]])])
    assert dot.tolist() == [[round(0.75 * GRID * 2), round(0.75 * GRID * 2)]]
    assert line.tolist() == [[0, 0], [2 * GRID, 0]]
    tiny = np.array([[0.0, 0], [0.1, 0.3], [0.4, 0.1], [0.2, 0.5]]) / GRID  # far smaller than a grid step
    large = np.array([[0.0, 0], [9, 0]])
    assert place_on_grid([large, tiny, large + 1])[1].tolist() == [[0, 0]]


@pytest.mark.parametrize("distance", [1e-5, 1.0, 1e5])
def test_an_ink_of_dots_keeps_the_distances_between_them(distance):
    placed = place_on_grid([np.array([[number * distance, 0.0]]) for number in range(3)])
    assert [stroke.tolist() for stroke in placed] == [[[0, 0]], [[GRID, 0]], [[2 * GRID, 0]]]


def test_300_formulas_take_less_than_a_megabyte(tmp_path):
    memory = WriterMemory(most_tokens=100_000)
    for when, example in enumerate(Drawn("test", range(300))):
        memory.learn(example.ink, " ".join(example.tokens), learnt=when)
    memory.save(tmp_path / "me.json")
    assert len(memory) == 300
    assert (tmp_path / "me.json").stat().st_size < 1e6


def test_labels_are_canonical_and_invalid_ones_are_refused():
    memory = filled("x^2")
    assert labels(memory) == ["x^{2}"]
    for latex, error in (("x^{", LatexError), ("", LearningError), (r"\,", LearningError)):
        with pytest.raises(error):
            memory.learn(strokes(), latex)
    with pytest.raises(LearningError, match="no ink to learn 'x' from"):
        memory.learn([], "x")
    with pytest.raises(InkError):
        memory.learn([[[0, float("nan")]]], "x")
    assert labels(memory) == ["x^{2}"]


def test_learning_the_same_strokes_again_replaces_the_label():
    memory = filled("x", "y")
    memory.learn(Ink(tuple(strokes(2, 0))), "z")
    assert labels(memory) == ["y", "z"]


# --- room


def test_the_oldest_formulas_are_dropped_first():
    memory = filled("x", "xy", "xyz", "y", most_tokens=8)
    assert labels(memory) == ["xyz", "y"]
    assert memory.tokens == 6


def test_redundant_formulas_of_the_older_half_are_dropped_first():
    formulas = filled("x", "y", "z", "a", "b", "c").formulas
    for formula, missed in zip(formulas, (1, 0, 0, 0, 1, 0), strict=True):
        known(formula, missed)
    kept = make_room(formulas, 8)
    assert [formula.latex for formula in kept] == ["x", "a", "b", "c"]
    assert [formula.latex for formula in make_room(formulas, 6)] == ["x", "b", "c"]
    assert [formula.latex for formula in make_room(formulas, 4)] == ["b", "c"]


def test_a_formula_longer_than_the_memory_is_refused():
    memory = filled("x", most_tokens=4)
    with pytest.raises(LearningError, match="5 tokens are more than the 4"):
        memory.learn(strokes(), "a+b+"[:3] + "c")
    assert labels(memory) == ["x"]


# --- forgetting, merging


def test_forgetting_by_number_by_latex_and_all():
    memory = filled("x", "y", "x", "z", "a")
    assert memory.forget(1) == 1
    assert memory.forget("{x}") == 2
    assert labels(memory) == ["z", "a"]
    for which in (2, -1, "q", memory.formulas[0].latex + "z"):
        with pytest.raises(LearningError, match="no formula"):
            memory.forget(which)
    assert memory.forget(memory.formulas[1]) == 1
    memory.clear()
    assert len(memory) == memory.tokens == 0


def test_merging_orders_by_age_and_keeps_the_later_label():
    one, other = WriterMemory(), WriterMemory()
    one.learn(strokes(2, 0), "x", learnt=5)
    one.learn(strokes(2, 1), "y", learnt=20)
    other.learn(strokes(2, 2), "a", learnt=10)
    other.learn(strokes(2, 1), "v", learnt=30)
    assert one.merge(other) == 1
    assert labels(one) == ["x", "a", "v"]
    assert labels(other) == ["a", "v"]
    assert one.merge(other) == 0


def test_threads_can_learn_at_the_same_time():
    memory = WriterMemory()
    threads = [
        threading.Thread(target=lambda start=start: [memory.learn(strokes(1, start + i), "x") for i in range(20)])
        for start in range(0, 100, 20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(memory) == 100


def test_threads_can_learn_and_save_at_the_same_time(tmp_path):
    memory, path = WriterMemory(tmp_path / "me.json"), tmp_path / "me.json"
    failures = []

    def learn_and_save(start):
        try:
            for i in range(25):
                memory.learn(strokes(1, start + i), "x")
                memory.save()
        except OSError as error:
            failures.append(error)

    threads = [threading.Thread(target=learn_and_save, args=(start,)) for start in range(0, 100, 25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(WriterMemory.open(path)) == 100


# --- the file


def test_a_file_holds_everything(tmp_path):
    path = tmp_path / "me.json"
    memory = filled("x", r"\frac{a}{b}", path=path)
    memory.learn(strokes(3, 7), "12", allowed=["1", "2"])
    known(memory.formulas[1], 2)
    memory.save()
    again = WriterMemory.open(path)
    for a, b in zip(again.formulas, memory.formulas, strict=True):
        assert a.same_ink(b)
        assert (a.tokens, a.learnt, a.allowed) == (b.tokens, b.learnt, b.allowed)
    assert abs(again.formulas[2].learnt - time.time()) < 60
    assert again.formulas[0].keys is None
    keys = again.formulas[1].keys
    assert (keys.model, keys.missed, keys.vectors_ND.tolist()) == (
        "one",
        2,
        memory.formulas[1].keys.vectors_ND.tolist(),
    )
    again.save(tmp_path / "copy.json")
    assert (tmp_path / "copy.json").read_bytes() == path.read_bytes()
    assert len(path.read_text("utf-8").splitlines()) == 6
    assert sorted(each.name for each in tmp_path.iterdir()) == ["copy.json", "me.json"]


def test_a_missing_file_is_an_empty_memory(tmp_path):
    memory = WriterMemory.open(tmp_path / "new.json")
    assert len(memory) == 0
    assert not (tmp_path / "new.json").exists()
    memory.save()
    assert len(WriterMemory.open(tmp_path / "new.json")) == 0


def test_saving_without_a_file_is_an_error():
    with pytest.raises(LearningError, match="has no file"):
        filled("x").save()


def test_a_failed_save_leaves_the_old_file(tmp_path):
    path = tmp_path / "me.json"
    memory = filled("x", path=path)
    memory.save()
    before = path.read_bytes()
    with pytest.raises(OSError, match="nowhere"):
        memory.save(tmp_path / "nowhere" / "me.json")
    assert path.read_bytes() == before


def damaged(change):
    def edit(path):
        content = json.loads(path.read_text("utf-8"))
        change(content)
        path.write_text(json.dumps(content), "utf-8")

    return edit


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (lambda path: path.write_bytes(b""), "damaged, or not a writer's memory"),
        (lambda path: path.write_bytes(path.read_bytes()[:-30]), "damaged, or not a writer's memory"),
        (lambda path: path.write_bytes(b"\xff\xfe\x00"), "damaged, or not a writer's memory"),
        (lambda path: path.write_text("[" * 100_000), "damaged, or not a writer's memory"),
        (lambda path: path.write_text('{"strokes": []}'), "is not a writer's memory"),
        (lambda path: path.write_text("[1]"), "is not a writer's memory"),
        (damaged(lambda content: content.update(format="1")), "is not a writer's memory"),
        (
            damaged(lambda content: content.update(format=FORMAT + 1)),
            f"has format {FORMAT + 1}, .* up to {FORMAT}: upd",
        ),
        (damaged(lambda content: content.pop("restrictions")), "is damaged"),
        (damaged(lambda content: content["formulas"][1].update(latex="x^{")), "is damaged: formula 1"),
        (damaged(lambda content: content["formulas"][1].update(latex=3)), "is damaged: formula 1"),
        (damaged(lambda content: content["formulas"][0].pop("strokes")), "is damaged: formula 0"),
        (damaged(lambda content: content["formulas"][0].update(strokes=[])), "is damaged: formula 0"),
        (damaged(lambda content: content["formulas"][0].update(strokes=[[1, 2, 3]])), "is damaged: formula 0"),
        (damaged(lambda content: content["formulas"][0].update(strokes=[[1, -2]])), "is damaged: formula 0"),
        (damaged(lambda content: content["formulas"][0].update(strokes=[[0.5, 1]])), "is damaged: formula 0"),
        (damaged(lambda content: content["formulas"][0].update(strokes=[[2**40, 1]])), "is damaged: formula 0"),
        (damaged(lambda content: content["formulas"][0].update(learnt=-1)), "is damaged: formula 0"),
        (damaged(lambda content: content["formulas"][0].update(restriction=4)), "is damaged: formula 0"),
        (damaged(lambda content: content["formulas"][0]["keys"].update(vectors="AAAA")), "is damaged: formula 0"),
        (damaged(lambda content: content["formulas"][0]["keys"].update(vectors="???")), "is damaged: formula 0"),
        (damaged(lambda content: content["formulas"][0]["keys"].update(width=0)), "is damaged: formula 0"),
        (damaged(lambda content: content["formulas"][0]["keys"].update(missed=9)), "is damaged: formula 0"),
        (
            damaged(lambda content: content["formulas"][0]["keys"].update(model="\ud800")),
            "formula 0: '.ud800' is no valid",
        ),
        (damaged(lambda content: content.update(restrictions=[["x\udc00"]])), "damaged: 'x.udc00' is no valid text"),
        (damaged(lambda content: content["formulas"].__setitem__(0, 7)), "is damaged: formula 0"),
    ],
)
def test_a_damaged_or_foreign_file_is_refused_with_its_name(tmp_path, edit, reason):
    path = tmp_path / "me.json"
    memory = filled("x", "y", path=path)
    known(memory.formulas[0], 0)
    memory.save()
    edit(path)
    with pytest.raises(MemoryFileError, match=reason) as caught:
        WriterMemory.open(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_is_not_a_memory(tmp_path):
    with pytest.raises(MemoryFileError, match="cannot be read"):
        WriterMemory.open(tmp_path)


def test_exported_ink_reads_back(tmp_path):
    memory = filled("x", r"\frac{a}{b}")
    assert memory.export(tmp_path / "inks", writer="me") == 2
    ink = read_ink(tmp_path / "inks" / "0001.inkml")
    assert (ink.label, ink.writer, len(ink.strokes)) == (r"\frac{a}{b}", "me", 2)
    assert preprocess(ink).boxes_S3 == pytest.approx(preprocess(memory.formulas[1].strokes).boxes_S3)
