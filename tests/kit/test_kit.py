"""The kit for apps is complete, agrees with its model, and its Java reference agrees with its test vectors."""

import hashlib
import json
import math
import os
import re
import shutil
import struct
import subprocess
import tomllib
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from tegashiki.cli import main
from tegashiki.ink.ink import Ink
from tegashiki.kit import kit as kit_module
from tegashiki.kit.kit import SOURCES, write_kit
from tegashiki.memory.memory import WriterMemory
from tegashiki.recognizer.metadata import read_metadata
from tegashiki.recognizer.recognizer import DEFAULT_MODEL, Recognizer
from tests.programs import needs_programs
from tests.web.golden import GOLDEN, MEMORY, PAGES, SESSIONS

from .android_stubs import write_stubs

ROOT = Path(__file__).parents[2]
JAVA = Path(__file__).parent / "java"
pytestmark = pytest.mark.skipif(not DEFAULT_MODEL.exists(), reason="this installation has no shipped model")
needs_jdk = needs_programs("javac", "java")  # JDK 11 or later
QUICK = {**os.environ, "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1"}  # halves the time of runs this short
SHOWN = """
import java.util.*;
import tegashiki.*;

abstract class Shown {
  abstract void show(List<Recognizer.Candidate> readings);

  abstract void insert(String latex);

  void shown(Recognizer recognizer, double[][] points, double[][] morePoints, Recognizer.Candidate chosen) {
%s
  }
}
"""


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kit") / "kit"
    write_kit(DEFAULT_MODEL, folder)
    return folder


def load(kit, name):
    return json.loads((kit / name).read_text("utf-8"))


def test_every_file_has_a_checksum(kit):
    sums = dict(reversed(line.split("  ")) for line in (kit / "SHA256SUMS").read_text().splitlines())
    files = {path.relative_to(kit).as_posix() for path in kit.rglob("*") if path.is_file()} - {"SHA256SUMS"}
    assert sums == {name: hashlib.sha256((kit / name).read_bytes()).hexdigest() for name in files}
    assert sums["model.tflite"] == hashlib.sha256(DEFAULT_MODEL.read_bytes()).hexdigest()


def test_the_pages_are_filled_in_and_name_existing_files(kit):
    for page in ("README.md", "preprocessing.md"):
        text = (kit / page).read_text("utf-8")
        assert "<<" not in text
        named = re.findall(r"`([\w/]+\.(?:tflite|json|md|java))`", text)
        missing = [name for name in named if not list(kit.rglob(name)) and not (kit / name).exists()]
        assert named and not missing
    assert "(-0.500000, -0.250000) (-0.451613, -0.250000)" in (kit / "preprocessing.md").read_text("utf-8")


def test_the_vectors_are_the_same_as_in_the_browser(kit):
    if not GOLDEN.exists():
        pytest.skip("this installation does not have the sources of the page")
    vectors, browser = load(kit, "golden/vectors.json"), json.loads(GOLDEN.read_text("utf-8"))
    assert vectors == {name: browser[name] for name in vectors}
    assert (kit / "golden" / "sessions.json").read_text("utf-8") == SESSIONS.read_text("utf-8")
    assert (kit / "golden" / "memory.json").read_text("utf-8") == MEMORY.read_text("utf-8")
    assert (kit / "golden" / "pages.json").read_text("utf-8") == PAGES.read_text("utf-8")


def test_the_kit_has_the_metadata_and_the_licence_of_the_model(kit):
    metadata, about = read_metadata(DEFAULT_MODEL), load(kit, "model.json")
    assert load(kit, "vocabulary.json")["tokens"] == metadata.pop("vocabulary")
    assert {name: about[name] for name in metadata} == metadata
    assert about["signatures"]["stem"]["inputs"] == {"points": [1, metadata["points_per_stroke"], 2]}
    terms = (kit / "MODEL-LICENSE").read_text("utf-8")
    assert metadata["licence"] in terms and "NON-COMMERCIAL" in terms
    assert (kit / "LICENSE").read_text("utf-8") == (ROOT / "LICENSE").read_text("utf-8")


# Recorded values have seven digits. An int8 product rounds its inputs to steps; a difference of one step is this large.
NEAR = {"stem": 1e-5, "encode": 0.1, "decode": 0.1}


class Caller:
    """Calls signatures as described in the kit's README, without code of the package."""

    def __init__(self, kit):
        self.about = load(kit, "model.json")
        self.interpreter = Interpreter(model_path=str(kit / "model.tflite"), num_threads=1)
        self.stems, self.encoded, self.caches = [], {}, {}

    def __call__(self, signature, inputs):
        kind, _, size = signature.partition("_")
        outputs = getattr(self, kind)(signature, inputs, size)
        assert {name: list(array.shape) for name, array in outputs.items()} == self.about["signatures"][signature][
            "outputs"
        ]
        return outputs

    def run(self, signature, inputs):
        assert {name: list(array.shape) for name, array in inputs.items()} == self.about["signatures"][signature][
            "inputs"
        ]
        return self.interpreter.get_signature_runner(signature)(**inputs)

    def stem(self, signature, inputs, _):
        outputs = self.run(signature, {"points": array_of(inputs["points"])})
        self.stems.append(outputs["stem"])
        return outputs

    def encode(self, signature, inputs, size):
        count, size = inputs["strokes_written"], int(size)
        padding = ((0, 0), (0, size - count), (0, 0))
        strokes = np.pad(np.concatenate(self.stems)[None], padding)
        self.mask = (np.arange(size) < count).astype(np.float32)[None]
        boxes = np.pad(array_of(inputs["boxes"]), padding)
        outputs = self.run(signature, {"strokes": strokes, "boxes": boxes, "mask": self.mask})
        self.encoded = {name: array for name, array in outputs.items() if name.startswith("encoded_")}
        self.first = {name: array for name, array in outputs.items() if name.startswith("cache_")}
        return outputs

    def decode(self, signature, inputs, _):
        (position,), tokens = inputs["position"], np.array(inputs["tokens"], np.int32)
        shapes = self.about["signatures"][signature]["inputs"]
        if position == 0:
            self.caches = {name: np.repeat(array, len(tokens), axis=0) for name, array in self.first.items()}
            self.caches |= {name: np.zeros(shapes[name], np.float32) for name in self.about["row_axes"]}
        last = {"tokens": tokens, "position": np.array([position], np.int32)}
        outputs = self.run(signature, {"mask": self.mask, **self.encoded, **self.caches, **last})
        for name in self.caches:
            if name in self.about["row_axes"]:
                np.moveaxis(self.caches[name], self.about["row_axes"][name], 0)[position] = np.moveaxis(
                    outputs[name], self.about["row_axes"][name], 0
                )[0]
            else:
                self.caches[name] = outputs[name]
        return outputs


def array_of(recorded):
    assert recorded["every"] == 1
    return np.array(recorded["values"], np.float32).reshape(recorded["shape"])


def test_the_signatures_return_the_recorded_outputs(kit):
    call = Caller(kit)
    recorded = load(kit, "golden/signatures.json")["calls"]
    assert {each["signature"] for each in recorded} == set(call.about["signatures"])
    for each in recorded:
        outputs = call(each["signature"], each["inputs"])
        for name, wanted in each["outputs"].items():
            found = outputs[name].ravel()[:: wanted["every"]]
            near = NEAR[each["signature"].partition("_")[0]]
            np.testing.assert_allclose(found, wanted["values"], rtol=1e-5, atol=near, err_msg=each["signature"])


def test_a_failure_leaves_nothing_behind(tmp_path, monkeypatch):
    def fail(path):
        assert [path.name for path in tmp_path.rglob("*.tflite")] == ["model.tflite"]  # the kit is partly written
        raise OSError("no space left")

    monkeypatch.setattr(kit_module, "shapes", fail)
    with pytest.raises(OSError, match="no space"):
        write_kit(DEFAULT_MODEL, tmp_path / "kit")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["default", "--kit", "old"], "--kit old exists already"),
        (["default", "--kit", "none/kit"], "there is no folder none"),
        (["run", "--kit", "kit"], "run is not a .tflite file, and a kit needs one: give --output FILE too"),
        (["missing.tflite", "--kit", "kit"], "missing.tflite cannot be read"),
        (["foreign.tflite", "--kit", "kit"], "foreign.tflite is damaged"),
        (["foreign.tflite", "--kit", "kit", "--output", "x.tflite"], "is exported already: leave out --output"),
        (["default"], "nothing to write: give --output FILE, --kit DIR or both"),
    ],
)
def test_the_command_rejects_bad_arguments(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old").mkdir()
    (tmp_path / "foreign.tflite").write_text("no model")
    assert main(["export", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["foreign.tflite", "old"]


def test_an_installation_contains_the_sources_of_the_kit():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    globs = project["tool"]["setuptools"]["package-data"]["tegashiki"]
    packaged = {path for pattern in globs for path in (ROOT / "tegashiki").glob(pattern)}
    assert packaged >= {path for path in SOURCES.rglob("*") if path.is_file()}


def run(command, **where):
    return subprocess.run(command, capture_output=True, text=True, check=False, env=QUICK, **where)


@pytest.fixture(scope="module")
def reference(kit, tmp_path_factory):
    """Compile the reference, the Android sources (against stubs) and the code in README.md. Returns their folder."""
    folder = tmp_path_factory.mktemp("java")
    (shown,) = re.findall(r"```java\n(.*?)```", (kit / "README.md").read_text("utf-8"), re.DOTALL)
    (folder / "Shown.java").write_text(SHOWN % shown, "utf-8")
    sources = [*kit.rglob("*.java"), *JAVA.rglob("*.java"), *write_stubs(folder / "stubs"), folder / "Shown.java"]
    command = ["javac", "--release", "11", "-Xlint:all", "-Werror", "-d", folder / "classes", *sources]
    ran = run(command)
    assert not ran.returncode, ran.stderr
    return folder / "classes"


@needs_jdk
def test_the_command_of_the_readme_checks_the_java_reference(kit, tmp_path):
    copy = shutil.copytree(kit, tmp_path / "kit")
    command = re.search(r"^ {4}(javac .*)$", (copy / "README.md").read_text("utf-8"), re.MULTILINE)[1]
    ran = run(["sh", "-c", command], cwd=copy)
    assert ran.returncode == 0, ran.stderr
    memory = {f"memory, {part}": entries for part, entries in load(kit, "golden/memory.json").items()}
    pages = {f"pages, {part}": entries for part, entries in load(kit, "golden/pages.json").items()}
    vectors = load(kit, "golden/vectors.json") | memory | load(kit, "golden/sessions.json") | pages
    wanted = [f"{part}: {len(entries)} agree" for part, entries in vectors.items()]
    assert ran.stdout.splitlines()[1:] == wanted and wanted
    assert ran.stdout.splitlines()[0] == f"frames: {len(load(kit, 'golden/frames.json')['strokes'])} agree"


def lower(numbers):
    numbers[-1] -= 1


def step_of(content, call, key):
    """Return the first step of the scripts with the given call and key."""
    steps = (step for script in content["sessions"] for step in script["steps"])
    return next(step for step in steps if step["call"] == call and key in step)


@needs_jdk
@pytest.mark.parametrize(
    ("file", "change", "named"),
    [
        ("golden/frames", lambda it: lower(it["strokes"][3]["points"][7]), "frame "),
        ("golden/frames", lambda it: lower(it["ink_boxes"][0]), "boxes of all frames, number 2"),
        ("golden/vectors", lambda it: lower(it["preprocessing"][1]["boxes"][0]), "preprocessing 1, boxes"),
        ("golden/vectors", lambda it: lower(it["walks"][2]["allowed"]), "walks 2, what may be token"),
        ("golden/vectors", lambda it: it["searches"][7].update(calibration=[0.9, 0.1]), "searches 7, log"),
        (
            "golden/vectors",
            lambda it: lower(it["searches"][7]["results"][0]["token_log_probabilities"]),
            "searches 7, log",
        ),
        ("golden/vectors", lambda it: lower(it["doubts"][9]["doubtful"]), "doubts 9"),
        ("grammar", lambda it: it["constants"].update(doubtful_below=0.9), "doubts "),
        ("golden/vectors", lambda it: lower(it["assignments"][9]["stroke_tokens"]), "assignments 9"),
        ("golden/memory", lambda it: lower(it["grids"][2]["strokes"][1][0]), "memory, grids 2"),
        ("golden/memory", lambda it: it["files"][1]["formulas"][1].update(learnt=1), "memory, files 1, formula 1, lea"),
        ("golden/memory", lambda it: it["files"][9].update(error="no"), "memory, files 9: me.json is"),
        ("golden/memory", lambda it: it["files"][-1].pop("error"), "memory, files 81: me.json is"),
        ("golden/memory", lambda it: it["edits"][3].update(most_tokens=9), "memory, edits 3, step"),
        ("golden/memory", lambda it: it["edits"][1]["steps"].pop(0), "memory, edits 1, step"),
        ("golden/memory", lambda it: it["keys"][1].update(seed=0), "memory, keys 1"),
        (
            "golden/memory",
            lambda it: lower(it["mixtures"][5]["neighbours"][2][3]),
            "memory, mixtures 5, neighbour of row 2",
        ),
        ("golden/memory", lambda it: lower(it["mixtures"][6]["log_probabilities"][1]), "memory, mixtures 6, row 1"),
        ("golden/memory", lambda it: it["sessions"][0].update(learning=False), "commit teaches, step"),
        ("grammar", lambda it: it["memory"].update(least_cosine=0.7), "commit teaches, step"),
        ("grammar", lambda it: it["memory"].update(keys_a_token=47), "memory, mixtures 5"),
        ("grammar", lambda it: it["constants"].update(gap_cost=5), "assignments "),
        ("grammar", lambda it: it["gestures"].update(scratch_sweeps=4), "gestures "),
        ("grammar", lambda it: it["constants"].update(distance_points=2), "assignments "),
        ("grammar", lambda it: it["constants"].update(alternatives_tried=1), "rules hold with a memory, step"),
        ("grammar", lambda it: it["restrictions"].pop("crohme"), "what is wrong is refused and changes nothing, step"),
        ("golden/pages", lambda it: it["places"][2]["place"].update(moved=3), "pages, places 2, moved"),
        ("golden/pages", lambda it: it["rows"][3].update(latex="x"), "pages, rows 3, LaTeX"),
        ("golden/pages", lambda it: it["pages"][1]["steps"].pop(2), "pages, pages 1, step 2"),
        ("grammar", lambda it: it["lines"].update(gap=0.9), "pages, places "),
        (
            "golden/sessions",
            lambda it: step_of(it, "undo", "state")["state"].update(can_redo=False),
            "every edit is undone",
        ),
        (
            "golden/sessions",
            lambda it: lower(step_of(it, "erase", "state")["state"]["strokes"][0][0]),
            "every edit is undone",
        ),
        ("golden/sessions", lambda it: step_of(it, "commit", "error").pop("error"), "what is wrong is refused"),
        (
            "golden/sessions",
            lambda it: step_of(it, "erase", "error")["error"].update(message="no"),
            "what is wrong is refused",
        ),
        (
            "golden/sessions",
            lambda it: step_of(it, "candidates", "meanwhile").pop("meanwhile"),
            "an edit supersedes a reading",
        ),
    ],
)
def test_the_java_check_names_the_difference(kit, reference, file, change, named, tmp_path):
    copy = shutil.copytree(kit, tmp_path / "kit", ignore=shutil.ignore_patterns("*.tflite"))
    path = copy / f"{file}.json"
    content = json.loads(path.read_text("utf-8"))
    change(content)
    path.write_text(json.dumps(content), "utf-8")
    command = ["java", "-cp", reference, "tegashiki.Check", copy]
    ran = run(command)
    assert ran.returncode == 1
    assert f"MISMATCH {named}" in ran.stderr


@needs_jdk
def test_a_java_session_can_be_used_from_any_thread(kit, reference):
    ran = run(["java", "-cp", reference, "tegashiki.SessionThreads", kit])
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == [
        *("superseded", "superseded, steps", "grown", "grown, outdated"),
        *("committing, empty", "committed", "committed, strokes", "committed, points", "committed, undo"),
        *("many threads", "many threads"),
    ]


@needs_jdk
def test_java_readings_with_the_model_are_the_same_as_in_python(kit, reference, tmp_path):
    """Tests Java's caches and calls with the real model. A stub forwards the calls of LiteRT to this process."""
    serve(["java", "-cp", reference, "ReadInks", kit, tmp_path / "read"], kit / "model.tflite")
    lines = [line.split("\t") for line in (tmp_path / "read").read_text("utf-8").splitlines()]
    wanted = [(ink["ink"], one) for ink in load(kit, "golden/readings.json")["readings"] for one in ink["candidates"]]
    assert [line[:2] for line in lines] == [[ink, one["latex"]] for ink, one in wanted]
    for (_, _, probability, stroke_tokens), (_, one) in zip(lines, wanted, strict=True):
        assert math.log(float(probability)) == pytest.approx(one["log_probability"], abs=1e-4)
        groups = [[] for _ in one["strokes_of_token"]]
        for stroke, token in enumerate(json.loads(stroke_tokens)):
            groups[token].append(stroke)
        assert groups == one["strokes_of_token"]


@needs_jdk
def test_java_reads_with_a_memory_like_python(kit, reference, tmp_path):
    """Each ink is learnt with its second reading as the label, so that most readings change."""
    memory = WriterMemory(tmp_path / "me.json")
    inks = load(kit, "golden/readings.json")["readings"]
    for when, ink in enumerate(inks):
        memory.learn(ink["strokes"], ink["candidates"][1]["latex"], learnt=when)
    memory.save()
    recognizer = Recognizer.load(kit / "model.tflite", memory=memory)
    found = [(ink["ink"], one) for ink in inks for one in recognizer.recognize(Ink(tuple(ink["strokes"])), 5)]
    arguments = [kit, tmp_path / "read", memory.path]
    serve(["java", "-cp", reference, "ReadInks", *arguments], kit / "model.tflite")
    lines = [line.split("\t") for line in (tmp_path / "read").read_text("utf-8").splitlines()]
    assert [line[:2] for line in lines] == [[ink, one.latex] for ink, one in found]
    for line, (_, one) in zip(lines, found, strict=True):
        assert math.log(float(line[2])) == pytest.approx(one.log_probability, abs=1e-4)
    likeliest = {ink: one.latex for ink, one in reversed(found)}
    assert likeliest != {ink["ink"]: ink["candidates"][0]["latex"] for ink in inks}
    with_keys = memory.path.read_bytes()  # written by Java
    memory.save()
    assert with_keys == memory.path.read_bytes()


@needs_jdk
def test_java_reads_with_a_file_of_format_1_and_says_that_it_cannot_learn(kit, reference, tmp_path):
    old = shutil.copytree(kit, tmp_path / "kit", ignore=shutil.ignore_patterns("*.tflite"))
    about = load(kit, "model.json")
    del about["hidden"]
    for signature in about["signatures"].values():
        signature["outputs"].pop("hidden", None)
    (old / "model.json").write_text(json.dumps(about), "utf-8")
    serve(["java", "-cp", reference, "ReadInks", old, tmp_path / "read"], kit / "model.tflite")
    lines = [line.split("\t") for line in (tmp_path / "read").read_text("utf-8").splitlines()]
    first = {ink: latex for ink, latex, *_ in reversed(lines)}
    wanted = {ink["ink"]: ink["candidates"][0]["latex"] for ink in load(kit, "golden/readings.json")["readings"]}
    assert first == wanted
    ran = run(["java", "-cp", reference, "ReadInks", old, tmp_path / "read", tmp_path / "me.json"])
    assert ran.returncode == 1
    assert "IllegalArgumentException: this model cannot learn: only files of format 2 and newer" in ran.stderr


@needs_jdk
def test_a_java_memory_writes_its_file_and_can_be_used_from_any_thread(kit, reference, tmp_path):
    ran = run(["java", "-cp", reference, "tegashiki.MemoryChecks", kit, tmp_path])
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == [
        *("a new file", "saved", "no other file", "not saved", "refused"),
        *("committed", "committed with keys", "committed without a folder", "logged"),
        *("cannot learn", "no memory", "not canonical", "kept as it is", "made again"),
        *("with a memory", "taken away", "learnt nothing", "many threads", "outlines"),
    ]


def test_the_java_code_uses_only_what_android_7_has(kit):
    """The list of README.md names the files that are not for Android."""
    newer = re.compile(
        r"java\.nio\.file|java\.util\.Base64|java\.net\.http|\b(?:List|Map|Set)\.(?:of|copyOf)\(|\.readAllBytes\("
    )
    checks = {"Check.java", "CheckSessions.java", "CheckMemory.java", "CheckPages.java"}
    sources = [path for path in kit.rglob("*.java") if path.name not in checks]
    assert len(sources) > 20
    assert [path.name for path in sources if newer.search(path.read_text("utf-8"))] == []


def serve(command, model):
    """Run a program that sends the calls of an interpreter to standard output and reads results from standard input."""
    interpreter = Interpreter(model_path=str(model), num_threads=1)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=QUICK) as process:

        def number(kind):
            return struct.unpack(kind, process.stdout.read(struct.calcsize(kind)))[0]

        def text():
            return process.stdout.read(number(">H")).decode()

        while process.stdout.peek(1):
            runner = interpreter.get_signature_runner(text())
            details, inputs = runner.get_input_details(), {}
            for _ in range(number(">i")):
                name = text()
                dtype = np.dtype(details[name]["dtype"])
                content = np.frombuffer(process.stdout.read(number(">i")), dtype.newbyteorder(">"))
                inputs[name] = content.astype(dtype).reshape(details[name]["shape"])
            outputs = runner(**inputs)
            for name in [text() for _ in range(number(">i"))]:
                content = outputs[name].astype(">f4").tobytes()
                process.stdin.write(struct.pack(">i", len(content)) + content)
            process.stdin.flush()
    assert process.returncode == 0
