"""The package versions that checkpoints, model files and reports record, so that results can be reproduced."""

import platform
from importlib.metadata import PackageNotFoundError, version

import tegashiki

PACKAGES = (
    *("numpy", "jax", "jaxlib", "flax", "optax", "orbax-checkpoint", "grain", "tensorflow-datasets"),
    *("tensorflow-cpu", "litert-quantizer", "ai-edge-litert"),
)


def versions() -> dict[str, str]:
    """Return the versions of tegashiki, Python and the installed packages that affect numerical results.

    No package is imported for this.

    Returns:
        Version by package name. "machine" is the processor architecture; results may still differ in their last
        digits between two machines of one architecture.
    """
    found = {"tegashiki": tegashiki.__version__, "python": platform.python_version(), "machine": platform.machine()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
