"""Imports run one way, also those within functions: the layers below, and what may not be needed."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "tegashiki"
RUNTIME = {"ink", "latex", "decoding"}
DATA = {"datasets", "synthesis"}
MADE = {*RUNTIME, "versions"}  # of the parts that write files which say what made them
BELOW = {  # part -> the parts that it may import, errors aside; datasets and synthesis are one layer
    "errors": set(),
    "cores": set(),
    "data_dir": set(),
    "ink": set(),
    "latex": set(),
    "models": set(),
    "versions": {"__init__"},
    "datasets": {"ink", "latex", "synthesis"},
    "synthesis": {"ink", "latex", "datasets"},
    "input_pipeline": {"ink", "latex", *DATA},
    "decoding": {"latex"},
    "memory": RUNTIME,
    "recognizer": {*RUNTIME, "memory"},
    "evaluation": {*MADE, *DATA, "memory", "recognizer", "training"},
    "training": {*MADE, *DATA, "input_pipeline", "models", "evaluation", "config"},
    "config": {"synthesis", "input_pipeline", "models", "training"},
    "export": {*MADE, *DATA, "recognizer", "input_pipeline", "models", "training", "config", "__init__"},
}
ONLY_IN = {  # package -> the parts that may import it
    "jax": {"models", "training", "export", "commands"},
    "flax": {"models", "training"},
    "flax.linen": {"models"},
    "flax.nnx": set(),
    "optax": {"training"},
    "orbax": {"training"},
    "tensorflow": {"export"},
    "tensorflow_datasets": {"datasets", "commands"},
    "ai_edge_litert": {"recognizer", "export"},
    "fastapi": {"recognizer"},
    "uvicorn": {"recognizer"},
}


def imports():
    """Every import of the package, as (file, part, module imported)."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).with_suffix("")
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((name, name.parts[0], alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{name} imports relatively"
                yield from ((name, name.parts[0], f"{node.module}.{alias.name}") for alias in node.names)


def within(module, package):
    return f"{module}.".startswith(f"{package}.")


def test_parts_import_only_the_layers_below():
    for file, part, module in imports():
        if part in BELOW and within(module, "tegashiki"):
            target = (*module.split("."), "__init__")[1]
            target = target if (PACKAGE / target).is_dir() or (PACKAGE / f"{target}.py").exists() else "__init__"
            assert target in {part, "errors"} | BELOW[part], f"{file}.py imports {module}"


def test_every_part_has_its_place():
    parts = {file.parts[0] for file, _, _ in imports()}
    assert parts - BELOW.keys() == {"__init__", "cli", "commands"}


@pytest.mark.parametrize("package", ONLY_IN)
def test_packages_stay_where_they_belong(package):
    for file, part, module in imports():
        assert not within(module, package) or part in ONLY_IN[package], f"{file}.py imports {module}"


def loaded_by(code):
    """The packages in memory after running `code` in a fresh interpreter."""
    script = f"{code}\nimport sys; print(*sorted(name for name in sys.modules if '.' not in name))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


TRAINING = {"jax", "flax", "optax", "orbax", "tensorflow", "tensorflow_datasets", "grain", "matplotlib", "rdp"}


def test_importing_the_package_costs_nothing():
    assert not loaded_by("import tegashiki, tegashiki.cli") & {*TRAINING, "numpy", "ai_edge_litert"}


def test_the_recogniser_is_the_base_install():
    code = "from tegashiki import Recognizer; import tegashiki.recognizer.litert, tegashiki.evaluation.evaluate"
    assert not loaded_by(code) & TRAINING


def test_a_kit_is_made_by_the_base_install():
    assert not loaded_by("import tegashiki.kit.kit, tegashiki.commands.export") & TRAINING


def test_only_serving_needs_the_extra_serve():
    code = "from tegashiki import Recognizer; import tegashiki.recognizer.session, tegashiki.commands.serve"
    assert not loaded_by(code) & {"fastapi", "starlette", "pydantic", "uvicorn"}
    importers = {str(file) for file, _, module in imports() if module.split(".")[0] in {"fastapi", "uvicorn"}}
    assert importers == {"recognizer/http"}


def test_training_needs_no_tensorflow():
    assert "tensorflow" not in loaded_by("import tegashiki.training.loop, tegashiki.training.checkpoint_backend, jax")
