"""Fuzz every reader, guided by coverage (atheris, which is libFuzzer for Python).

    python -m benchmarks.reliability.fuzz --minutes 30

Each reader runs in a process of its own and gets an equal share of the minutes. It may answer or raise a UserError.
Findings are any other exception, a crash, an input that takes longer than 10 s and a process above 2 GiB: each is kept
as a file in --work/findings, and the exit status is 1. Inputs that reach new branches are kept in --work/corpus. The
next run starts from them and from the small corpus in tests/fixtures/fuzz, which --keep chooses from them. atheris is
not in requirements.lock: `pip install atheris` into an environment that has tegashiki with its extra `train`.

    python -m benchmarks.reliability.fuzz --replay FILE --targets inkml      # one input again, with its stack trace
"""

import argparse
import atexit
import importlib.util
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tegashiki.errors import UserError

CORPUS = Path(__file__).parents[2] / "tests" / "fixtures" / "fuzz"
SECONDS = 10  # limit for one input
MEGABYTES = 2048  # limit for a reader's process
KEPT_BYTES = 24_000  # size of a reader's small corpus
Reader = Callable[[bytes], object]


def inkml() -> Reader:
    from tegashiki.ink.inkml import read_inkml

    return read_inkml


def json_ink() -> Reader:
    from tegashiki.ink.json_ink import read_json

    return read_json


def tar() -> Reader:
    from tegashiki.ink.files import iterate_inks

    return through_file("inks.tar", lambda path: list(iterate_inks(path)))


def zipped() -> Reader:
    from tegashiki.ink.files import iterate_inks

    return through_file("inks.zip", lambda path: list(iterate_inks(path)))


def tsv() -> Reader:
    """A table of predictions, and the LaTeX in it."""
    from tegashiki.evaluation.predictions import canonical_or_lexical
    from tegashiki.ink.labels import read_labels

    return through_file("labels.tsv", lambda path: [canonical_or_lexical(text) for text in read_labels(path).values()])


def result() -> Reader:
    """A result, which `eval --json` writes and `compare` reads."""
    from tegashiki.evaluation.report import read_json

    return through_file("result.json", read_json)


def tflite() -> Reader:
    """The metadata of a model file. LiteRT reads its graph."""
    from tegashiki.recognizer.litert import read_description

    return through_file("model.tflite", read_description)


def parameters() -> Reader:
    """A file of parameters: its description and its arrays."""
    import jax
    import numpy as np

    from tegashiki.training.parameters import read_about, read_parameters

    like = {"a": jax.ShapeDtypeStruct((2, 3), np.float32), "b": jax.ShapeDtypeStruct((), np.float32)}
    return through_file("parameters.npz", lambda path: (read_parameters(path, like), read_about(path)))


def checkpoint() -> Reader:
    """The description of a checkpoint. Orbax reads its arrays, see `benchmarks/reliability/faults`."""
    from tegashiki.training.checkpoint import read_checkpoint_about

    return through_file("1/about/metadata", lambda path: read_checkpoint_about(path.parent.parent))


@dataclass(frozen=True)
class Target:
    """A reader: a function that imports it, late so that atheris can instrument it, and words of its format."""

    open: Callable[[], Reader]
    words: tuple[bytes, ...]


XML_WORDS = (
    *(
        b"<ink>",
        b"</ink>",
        b"<trace>",
        b"</trace>",
        b"<trace id='0'>",
        b"<traceGroup>",
        b"</traceGroup>",
        b"<traceView",
    ),
    *(b" traceDataRef='0'", b" contextRef='#c'", b" priorRef='#0'", b" continuation='middle'", b" xml:id='0'"),
    *(b"<annotation type='truth'>", b"</annotation>", b"<annotationXML href='a'/>", b"<context", b"<traceFormat>"),
    *(b"<channel name='X'/>", b"<intermittentChannels>", b"<!DOCTYPE x [", b"<!ENTITY a 'b'>", b"&a;", b"<![CDATA["),
    *(b" orientation='-ve'", b" from='1'", b" to='2:1'", b"<math>", b"<mi id='a'>", b"encoding='UTF-16'", b"&#0;"),
    *(b"<context xml:id='c' contextRef='#c'>", b"<inkSource>", b"<canvas>", b" units='mm'", b" traceFormatRef='#f'"),
    *(b"<channelProperty channel='X' name='resolution' value='2' units='1/in'/>", b"<regularChannels>"),
    *(
        b"<canvasTransform><mapping><affine>0 1 0, 1 0 0</affine></mapping></canvasTransform>",
        b"<mapping mappingRef='#0'/>",
    ),
    *(b"<?xml version='1.0' encoding='gb2312'?>", b"encoding='utf8'", b"encoding='Shift_JIS'", b"encoding='rot13'"),
    *(b"1e999", b"NaN", b"#ff", b"'1", b'"1', b"!1", b"?", b"*", b" 1 2,", b"\xff\xfe", b"\xef\xbb\xbf"),
)
JSON_WORDS = (
    *(b'{"strokes":', b"[[[0,0],[1,1]]]", b'"label":', b'"symbols":', b'"truth":', b'"annotations":', b'"children":'),
    *(b'"tag":', b'"href":', b"NaN", b"Infinity", b"1e999", b"-1", b"null", b"true", b"[", b"]", b"{}", b'"\\ud800"'),
)
LATEX_WORDS = (
    *(b"\t", b"\n", b"\\frac{", b"}{", b"\\sqrt[", b"]{", b"^{", b"_{", b"\\begin{matrix}", b"\\end{matrix}", b"&"),
    *(b"\\left(", b"\\right)", b"\\limits", b"\\\\", b"'", b"\\hspace{1cm}", b"\\operatorname*", b"\\mathbb{R}"),
    *(b"{\\rm ", b"\\over", b"\\not", b"\\binom", b"\\text{", b"\xe2\x88\xab", b"\xc2\xb2", b"$"),
)
RESULT_WORDS = (
    b'"per_ink":',
    b'"truth":',
    b'"prediction":',
    b'"edits":',
    b'"file":',
    b'"candidates":',
    b"1e999",
    b"{}",
)
MODEL_WORDS = (b"TFL3", b"tegashiki", b'"format":1', b'"vocabulary":', b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x04\0\0\0")
ABOUT_WORDS = (
    *(b'"format":', b'"config":', b'"vocabulary":', b'"progress":', b'"model":', b'"width":', b'"tokens":', b"null"),
    *(b"-1", b"1e999", b"99999999999", b'"kind":"gru"', b'"checksums":', b'"dtype":', b"[", b"{"),
)
ZIP_WORDS = (
    b"PK\x03\x04",
    b"PK\x01\x02",
    b"PK\x05\x06",
    b"\x93NUMPY",
    b"'descr': '|u1'",
    b"about.npy",
    b"'<f2'",
    b"|O",
)
TARGETS = {
    "inkml": Target(inkml, XML_WORDS),
    "json": Target(json_ink, JSON_WORDS),
    "tar": Target(tar, (b"ustar", b"a.inkml", b"a.json", b"\0\0\0\0", b"0000644\0", b"L", b"x")),
    "zip": Target(
        zipped, (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"a.inkml", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x08")
    ),
    "tsv": Target(tsv, LATEX_WORDS),
    "result": Target(result, RESULT_WORDS),
    "tflite": Target(tflite, MODEL_WORDS),
    "parameters": Target(parameters, ZIP_WORDS + ABOUT_WORDS),
    "checkpoint": Target(checkpoint, ABOUT_WORDS),
}


def through_file(name: str, read: Callable[[Path], object]) -> Reader:
    """Make a reader of bytes from a reader of files."""
    folder = tempfile.mkdtemp(prefix="fuzz", dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / name
    path.parent.mkdir(parents=True, exist_ok=True)

    def reader(data: bytes) -> object:
        path.write_bytes(data)
        return read(path)

    return reader


def check(reader: Reader, data: bytes) -> UserError | None:
    """Give the reader one input. Returns the UserError that it raises, and lets every other exception through."""
    try:
        reader(data)
    except UserError as error:
        str(error).encode()  # an error that cannot be printed would end in a stack trace
        return error
    return None


def mutations(data: bytes, words: tuple[bytes, ...], rng: random.Random, count: int) -> Iterator[bytes]:
    """Yield random changes of an input: bytes replaced, removed, repeated, words inserted. Needs no atheris."""
    for _ in range(count):
        changed = bytearray(data)
        for _ in range(rng.randint(1, 4)):
            start = rng.randrange(len(changed) + 1)
            stop = min(len(changed), start + rng.choice((0, 1, 1, 4, 30)))
            change = rng.randrange(4)
            if change == 0:
                changed[start:stop] = rng.randbytes(stop - start)
            elif change == 1:
                del changed[start:stop]
            elif change == 2:
                changed[start:start] = changed[start:stop] * rng.choice((1, 2, 50))
            else:
                changed[start:stop] = rng.choice(words)
        yield bytes(changed)


def fuzz_one(name: str, arguments: list[str]) -> None:
    """Fuzz one reader in this process. libFuzzer ends the process."""
    import atheris

    with atheris.instrument_imports(include=["tegashiki"]):
        reader = TARGETS[name].open()
    atheris.Setup([sys.argv[0], *arguments], lambda data: check(reader, data))
    atheris.Fuzz()


def run_target(name: str, seconds: int, work: Path, seed: int) -> dict[str, object]:
    """Fuzz one reader in a process of its own. Returns its row of the table."""
    corpus, findings = work / "corpus" / name, work / "findings" / name
    for folder in (corpus, findings):
        folder.mkdir(parents=True, exist_ok=True)
    words = work / f"{name}.dict"
    words.write_text("".join(map(dictionary_line, TARGETS[name].words)))
    arguments = [str(corpus), *(str(folder) for folder in [CORPUS / name] if folder.is_dir())]
    arguments += [f"-max_total_time={seconds}", f"-timeout={SECONDS}", f"-rss_limit_mb={MEGABYTES}", f"-seed={seed}"]
    arguments += [f"-dict={words}", f"-artifact_prefix={findings}/", "-max_len=20000", "-print_final_stats=1"]
    log = work / f"{name}.log"
    with log.open("w") as output:
        status = subprocess.run(
            [sys.executable, "-m", "benchmarks.reliability.fuzz", "--one", name, "--", *arguments],
            stdout=output,
            stderr=output,
            check=False,
        ).returncode
    text = log.read_text(errors="replace")
    done = re.search(r"Done (\d+) runs? in (\d+) second", text)
    covered = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)", text)
    return {
        "reader": name,
        "seconds": int(done[2]) if done else 0,
        "inputs": int(done[1]) if done else 0,
        "branches": int(covered[-1][0]) if covered else 0,
        "corpus": int(covered[-1][2]) if covered else 0,
        "peak MiB": int((re.findall(r"peak_rss_mb:\s+(\d+)", text) or ["0"])[-1]),
        "findings": len(list(findings.iterdir())) + (status != 0 and not any(findings.iterdir())),
    }


def dictionary_line(word: bytes) -> str:
    """Format a word as a line of a libFuzzer dictionary."""
    return '"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n'


def keep(name: str, work: Path) -> None:
    """Choose the small corpus: of the inputs that libFuzzer keeps because each adds a branch, some of every size."""
    merged = Path(tempfile.mkdtemp(prefix="merged", dir=work))
    sources = [folder for folder in (CORPUS / name, work / "corpus" / name) if folder.is_dir()]
    command = [
        sys.executable,
        "-m",
        "benchmarks.reliability.fuzz",
        "--one",
        name,
        "--",
        "-merge=1",
        "-max_len=4000",
        str(merged),
    ]
    subprocess.run([*command, *map(str, sources)], capture_output=True, check=True)
    (CORPUS / name).mkdir(parents=True, exist_ok=True)
    ours = {
        path.name for path in (CORPUS / name).iterdir() if "." in path.name
    }  # added by hand: libFuzzer's names have no suffix
    for path in (CORPUS / name).iterdir():
        if path.name not in ours:
            path.unlink()
    found = sorted(merged.iterdir(), key=lambda path: path.stat().st_size)
    step = max(1, len(found) // 60)  # small and large ones
    size = 0
    for path in found[::step]:
        size += path.stat().st_size
        if size > KEPT_BYTES:
            break
        (CORPUS / name / path.name[:12]).write_bytes(path.read_bytes())


def table(rows: list[dict[str, object]]) -> str:
    """Format the rows as Markdown."""
    lines = ["| " + " | ".join(rows[0]) + " |", "| " + " | ".join("---" for _ in rows[0]) + " |"]
    return "\n".join(lines + ["| " + " | ".join(str(value) for value in row.values()) + " |" for row in rows])


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30, help="time for all readers together (default: 30)")
    parser.add_argument(
        "--targets",
        nargs="*",
        default=[*TARGETS],
        choices=TARGETS,
        metavar="NAME",
        help="readers to fuzz (default: all)",
    )
    parser.add_argument(
        "--work", type=Path, default=Path("runs/fuzz"), help="folder for corpus and findings (default: runs/fuzz)"
    )
    parser.add_argument("--seed", type=int, default=1, help="seed of libFuzzer (default: 1)")
    parser.add_argument(
        "--keep", action="store_true", help="choose the small corpus in tests/fixtures/fuzz, and fuzz nothing"
    )
    parser.add_argument("--replay", type=Path, metavar="FILE", help="give one input to the first of --targets")
    parser.add_argument("--one", choices=TARGETS, help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs="*", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    args = parse()
    if args.replay:
        print(check(TARGETS[args.targets[0]].open(), args.replay.read_bytes()) or "read")
        return 0
    if importlib.util.find_spec("atheris") is None:
        print("atheris is not installed: `pip install atheris` (it is not in requirements.lock)", file=sys.stderr)
        return 2
    if args.one:
        fuzz_one(args.one, args.rest)
        return 0
    args.work.mkdir(parents=True, exist_ok=True)
    if args.keep:
        for name in args.targets:
            keep(name, args.work)
        return 0
    rows = []
    for name in args.targets:
        rows.append(run_target(name, max(1, round(60 * args.minutes / len(args.targets))), args.work, args.seed))
        print(json.dumps(rows[-1]), flush=True)
    print(f"\n{table(rows)}\n\nmachine: {os.cpu_count()} cores, Python {sys.version.split()[0]}")
    return 1 if any(row["findings"] for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
