"""Hostile files, each given to the command that reads such files.

The command must say what is wrong, within `READ_WITHIN` seconds of CPU time and `READ_MEMORY` MiB.
"""

import argparse
import gzip
import io
import os
import random
import shutil
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.reliability.faults.harness import Row, Undisturbed, shortened
from benchmarks.reliability.faults.process import Process

READ_WITHIN = 20  # CPU seconds, the command's own start included
READ_MEMORY = 1024  # MiB
GIGABYTE = 10**9
MEGABYTE = 10**6


@dataclass(frozen=True)
class HostileFile:
    """A file that a command is given."""

    case: str  # what it is
    name: str
    write: Callable[[Path], object]
    command: list[str]  # with FILE where the file's path goes


def hostile(args: argparse.Namespace, undisturbed: Undisturbed) -> Iterator[Row]:
    folder = args.work / "hostile"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    ink = folder / "good.json"
    ink.write_text('{"strokes": [[[0, 0], [1, 1]]]}')
    for file in [*inkml_files(), *json_files(), *archives(), *predictions(ink), *models(ink), *parameters(folder)]:
        yield read_hostile(file, folder)


def read_hostile(file: HostileFile, folder: Path) -> Row:
    path = folder / file.name
    file.write(path)
    words = [str(path) if word == "FILE" else word for word in file.command]
    ended = Process(["-m", "tegashiki.cli", *words], folder).ended(600)
    path.unlink()
    refused = ended.status in (0, 1, 2) and "Traceback" not in ended.output  # 0: it could be read after all
    good = refused and ended.work <= READ_WITHIN and ended.memory <= READ_MEMORY
    happened = f"status {ended.status}: {shortened(ended.last_line)}"
    return Row("hostile", file.case, happened, good, ended.work, ended.memory)


def text(content: str, encoding: str = "utf-8") -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content.encode(encoding))


def large(beginning: bytes) -> Callable[[Path], object]:
    """Write a file of 1 GB: `beginning`, then zeros, which take no room on most disks."""

    def write(path: Path) -> None:
        path.write_bytes(beginning)
        os.truncate(path, GIGABYTE)

    return write


def inkml_files() -> Iterator[HostileFile]:
    bomb = "".join(f'<!ENTITY e{i + 1} "{f"&e{i};" * 10}">' for i in range(9))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "ha">{bomb}]><ink><trace>&e9;</trace></ink>'
    quadratic = f'<!DOCTYPE x [<!ENTITY e "{"1 1," * 10**6}">]><ink><trace>{"&e;" * 1000}</trace></ink>'
    external = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///dev/zero">]><ink><trace>&e;</trace></ink>'
    unknown = '<?xml version="1.0" encoding="EBCDIC-XX"?><ink><trace>1 1</trace></ink>'
    digits = "1" * 8_000_000
    files: list[tuple[str, str, Callable[[Path], object]]] = [
        ("entity bomb, 10^9 of `ha`", "bomb", text(bomb)),
        ("quadratic entity bomb", "quadratic", text(quadratic)),
        ("entity that is /dev/zero", "external", text(external)),
        ("InkML of 1 GB", "large", large(b"<ink><trace>")),
        ("400,000 traces as InkML (7 MB)", "many", text(f"<ink>{'<trace>0 0</trace>' * 400_000}</ink>")),
        ("2 * 10^6 elements (8 MB)", "elements", text("<ink>" + "<a/>" * 2_000_000 + "</ink>")),
        ("elements 10^6 deep", "deep", text("<a>" * 10**6)),
        ("a number of 8 * 10^6 digits in a trace", "digits", text(f"<ink><trace>{digits} 1</trace></ink>")),
        ("infinity", "inf", text("<ink><trace>1e999 1, 2 2</trace></ink>")),
        ("UTF-16 without a mark", "utf16", text("<ink><trace>1 1</trace></ink>", "utf-16-le")),
        ("an unknown encoding", "ebcdic", text(unknown)),
    ]
    for case, name, write in files:
        yield HostileFile(case, f"{name}.inkml", write, ["recognize", "FILE"])


def json_files() -> Iterator[HostileFile]:
    strokes = ",".join(["[[0,0]]"] * 1_000_000)
    digits = "1" * 8_000_000
    files: list[tuple[str, str, Callable[[Path], object]]] = [
        ("JSON of 1 GB", "large", large(b'{"strokes": [')),
        ("10^6 strokes as JSON (8 MB)", "many", text(f'{{"strokes":[{strokes}]}}')),
        ("lists 4 * 10^6 deep", "deep", text("[" * 4 * 10**6)),
        ("a number of 8 * 10^6 digits", "digits", text(f'{{"strokes":[[[{digits},1]]]}}')),
        ("NaN", "nan", text('{"strokes": [[[NaN, 1]]]}')),
    ]
    for case, name, write in files:
        yield HostileFile(case, f"{name}.json", write, ["recognize", "FILE"])


def archives() -> Iterator[HostileFile]:
    yield HostileFile("tar whose ink claims 8 GiB", "large.tar", tar_of_large, ["recognize", "FILE"])
    yield HostileFile("tar.gz that unpacks to 1 GB", "large.tar.gz", packed_tar, ["recognize", "FILE"])


def predictions(ink: Path) -> Iterator[HostileFile]:
    deep = "{" * 9000 + "}" * 9000
    files: list[tuple[str, str, Callable[[Path], object]]] = [
        ("predictions of 1 GB", "large", large(b"good\tx\n")),
        ("predictions in Latin-1", "latin1", text("é\tx", "latin-1")),
        ("predictions for 10^6 other inks", "other", text("".join(f"{i}\tx\n" for i in range(10**6)))),
        ("LaTeX of 9,000 groups, for another ink", "deep", text(f"good\t{deep}\nother\tx")),
    ]
    for case, name, write in files:
        yield HostileFile(case, f"{name}.tsv", write, ["eval", "--predictions", "FILE", "--inkml", str(ink)])


def models(ink: Path) -> Iterator[HostileFile]:
    noise = random.Random(0).randbytes(MEGABYTE)
    files: list[tuple[str, str, Callable[[Path], object]]] = [
        ("model file of 1 GB", "large", large(b"\x18\0\0\0TFL3")),
        ("model file of 1 GB, all one vector", "vector", large(endless_vector())),
        ("model file of random bytes", "random", lambda path: path.write_bytes(noise)),
    ]
    for case, name, write in files:
        yield HostileFile(case, f"{name}.tflite", write, ["recognize", "FILE", str(ink)])


def parameters(folder: Path) -> Iterator[HostileFile]:
    files: list[tuple[str, str, Callable[[Path], object]]] = [
        ("parameters of 1 GB", "large", large(b"PK\x03\x04")),
        ("parameters that unpack to 1 GB", "bomb", packed_parameters),
        ("parameters that claim 10^15 numbers", "sizes", endless_parameters),
    ]
    command = ["train", "configs/debug.py", "--workdir", str(folder / "run"), "--init", "FILE"]
    for case, name, write in files:
        yield HostileFile(case, f"{name}.npz", write, command)


def tar_of_large(path: Path) -> None:
    info = tarfile.TarInfo("a.inkml")
    info.size = 8 * 2**30
    path.write_bytes(info.tobuf(tarfile.GNU_FORMAT))
    os.truncate(path, GIGABYTE)


def packed_tar(path: Path) -> None:
    info = tarfile.TarInfo("a.inkml")
    info.size = GIGABYTE
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(info.tobuf())
        for _ in range(GIGABYTE // MEGABYTE):
            file.write(bytes(MEGABYTE))
        file.write(bytes(3 * 512))


def packed_parameters(path: Path) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file,
        file.open("about.npy", "w", force_zip64=True) as member,
    ):
        for _ in range(GIGABYTE // MEGABYTE):
            member.write(bytes(MEGABYTE))


def endless_parameters(path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (10**15,)})
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("about.npy", header.getvalue() + b"{}")


def endless_vector() -> bytes:
    """The beginning of a .tflite whose list of metadata claims to fill a gigabyte and names nothing."""
    vtable = struct.pack("<10H", 20, 12, 0, 0, 0, 0, 0, 0, 4, 0)[:20]
    root = 8 + len(vtable)
    table = struct.pack("<iI", len(vtable), 4) + struct.pack("<I", 240_000_000)
    return struct.pack("<I4s", root, b"TFL3") + vtable + table
