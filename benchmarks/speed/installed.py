"""What an installation takes on disk, in MB: tegashiki and every package that it needs, the largest first.

    python -m benchmarks.speed.installed [--extra serve] [--extra train] ...

Reads the metadata of the packages in this environment and follows tegashiki's requirements.
"""

import argparse
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import tegashiki


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--extra", action="append", default=[], metavar="NAME", help="include this extra; may be repeated"
    )
    args = parser.parse_args()
    found, missing = closure("tegashiki", args.extra)
    sizes = {name: size(name) for name in found}
    for name, megabytes in sorted(sizes.items(), key=lambda item: -item[1]):
        print(f"{megabytes:8.1f}  {name} {distribution(name).version}")
    print(f"{sum(sizes.values()):8.1f}  in total, {len(sizes)} packages")
    if missing:
        parser.exit(1, f"not installed here: {', '.join(sorted(missing))}\n")


def closure(name: str, extras: Iterable[str]) -> tuple[set[str], set[str]]:
    """Return the distributions that `name` with `extras` needs on this machine, with itself, and the missing ones."""
    found: set[str] = set()
    missing: set[str] = set()
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [(name, frozenset(extras))]
    while waiting:
        name, extras = item = waiting.pop()
        if item in seen:
            continue
        seen.add(item)
        try:
            requirements = distribution(name).requires or []
        except PackageNotFoundError:
            missing.add(name)
            continue
        found.add(name)
        for requirement in map(Requirement, requirements):
            if applies(requirement, extras):
                waiting.append((canonicalize_name(requirement.name), frozenset(requirement.extras)))
    return found, missing


def applies(requirement: Requirement, extras: Iterable[str]) -> bool:
    """Whether a requirement applies on this machine with these extras."""
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras))


def size(name: str) -> float:
    """MB of a distribution's files, with those compiled at installation; for an editable one, of the package."""
    files = [Path(file.locate()) for file in distribution(name).files or ()]
    package = Path(tegashiki.__file__).parent
    if name == "tegashiki" and not any(file.is_relative_to(package) for file in files):  # editable
        files += package.rglob("*")
    return sum(path.stat().st_size for path in files if path.is_file()) / 1e6


if __name__ == "__main__":
    main()
