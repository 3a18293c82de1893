"""What made a file: the versions that checkpoints, model files and reports carry, so that a figure can be had again."""

import platform
from importlib.metadata import PackageNotFoundError, version

import tegashiki

PACKAGES = (
    *("numpy", "jax", "jaxlib", "flax", "optax", "orbax-checkpoint", "grain", "tensorflow-datasets"),
    *("tensorflow-cpu", "litert-quantizer", "ai-edge-litert"),
)


def versions() -> dict[str, str]:
    """Return the versions of tegashiki, Python and the packages that numbers depend on, as far as installed.

    Nothing is imported for it. "machine" is the processor's architecture: two machines of one kind may still differ in
    the last digits.
    """
    found = {"tegashiki": tegashiki.__version__, "python": platform.python_version(), "machine": platform.machine()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
