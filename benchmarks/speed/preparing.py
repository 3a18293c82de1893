"""How long `tegashiki prepare mathwriting` takes, measured on an excerpt that is repeated to any number of inks.

    python -m benchmarks.speed.preparing excerpt-train-valid.tar.xz --inks 2000 8000

The copies go, under new names, into a .tgz like the published one, and through the real builder. Printed are seconds,
CPU seconds (which other work on the machine does not lengthen), inks per CPU second, bytes written, peak memory, and
what the 630,000 inks of MathWriting would take in proportion.
"""

import argparse
import io
import resource
import tarfile
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path, PurePosixPath

MATHWRITING = 630_000  # inks: 230,000 handwritten, 400,000 synthetic (arXiv 2404.10690)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("excerpt", type=Path, help="a tar with some of MathWriting's InkML files")
    parser.add_argument("--inks", type=int, nargs="+", default=[2000, 8000], metavar="N", help="default: 2000 8000")
    args = parser.parse_args()
    with tarfile.open(args.excerpt) as archive:
        opened = (archive.extractfile(each) for each in archive if PurePosixPath(each.name).suffix == ".inkml")
        files = [file.read() for file in opened if file is not None]
    print(f"{len(files)} different inks of {sum(map(len, files)) / len(files) / 1e3:.1f} KB on average")
    for count in args.inks:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "mathwriting.tgz"
            write_copies(source, files, count)
            with get_context("spawn").Pool(1) as pool:  # a new process, because peak memory never falls
                seconds, processor, size, memory = pool.apply(prepare, (source, Path(folder) / "data"))
        scale = MATHWRITING / count
        print(
            f"{count:,} inks: {seconds:.1f} s, {processor:.1f} CPU s, {count / processor:.0f} inks per CPU s; "
            f"{size / 1e6:.1f} MB written, {memory / 1e6:.0f} MB of memory. {MATHWRITING:,} inks: "
            f"{processor * scale / 60:.0f} CPU minutes, {size * scale / 1e9:.2f} GB"
        )


def write_copies(path: Path, files: list[bytes], count: int) -> None:
    """Write an archive of one split with `count` files, which repeat the given ones."""
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for number in range(count):
            content = files[number % len(files)]
            member = tarfile.TarInfo(f"mathwriting-2024/train/{number:08x}.inkml")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def prepare(source: Path, data_dir: Path) -> tuple[float, float, int, int]:
    """Prepare a source. Returns seconds, CPU seconds, bytes on disk and peak bytes of memory."""
    import tensorflow_datasets as tfds

    from tegashiki.datasets.mathwriting import MathWriting

    tfds.disable_progress_bar()
    start, processor = time.perf_counter(), time.process_time()
    builder = MathWriting(data_dir=data_dir, source=source)
    builder.download_and_prepare()
    seconds, processor = time.perf_counter() - start, time.process_time() - processor
    size = sum(file.stat().st_size for file in Path(builder.data_path).iterdir())
    return seconds, processor, size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
