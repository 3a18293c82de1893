"""What an installation takes on disk: tegashiki and everything that it needs, the largest first, in MB.

python benchmarks/speed/installed.py [--extra serve] [--extra train] ...

Reads the metadata of what is installed in this environment and follows the requirements from the package on.
"""

import argparse
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import tegashiki


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--extra", action="append", default=[], metavar="NAME", help="with this extra; may be repeated")
    args = parser.parse_args()
    found, missing = closure("tegashiki", args.extra)
    sizes = {name: size(name) for name in found}
    for name, megabytes in sorted(sizes.items(), key=lambda item: -item[1]):
        print(f"{megabytes:8.1f}  {name} {distribution(name).version}")
    print(f"{sum(sizes.values()):8.1f}  in all, {len(sizes)} packages")
    if missing:
        parser.exit(1, f"not installed here: {', '.join(sorted(missing))}\n")


def closure(name, extras):
    """Names of all distributions that `name` with `extras` needs here, itself included; and those that are missing."""
    found, missing, waiting = set(), set(), [(name, frozenset(extras))]
    seen = set()
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


def applies(requirement, extras):
    """Whether a requirement holds on this machine with these extras."""
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras))


def size(name):
    """MB of a distribution's files, those that were compiled on installing included; an editable one's sources."""
    files = [Path(file.locate()) for file in distribution(name).files or ()]
    package = Path(tegashiki.__file__).parent
    if name == "tegashiki" and not any(file.is_relative_to(package) for file in files):  # an editable installation
        files += package.rglob("*")
    return sum(path.stat().st_size for path in files if path.is_file()) / 1e6


if __name__ == "__main__":
    main()
