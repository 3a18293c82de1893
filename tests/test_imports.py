"""Check that imports go only from higher layers to lower ones, including imports in functions and for types."""

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "tegashiki"
# From the bottom up. A part may import only parts of lower layers, not other parts of its own layer.
LAYERS = [
    {"errors", "file_names", "__init__"},
    {"ink", "latex", "models", "safe_files", "versions"},
    {"pictures"},
    {"convert", "decoding", "synthesis"},
    {"datasets", "memory"},
    {"input_pipeline", "recognizer"},
    {"kit", "notebook", "pad", "server"},
    {"evaluation"},
    {"training"},
    {"export", "open_model"},
    {"commands"},
    {"cli"},
]
ONLY_IN = {  # package -> the parts that may import it
    "jax": {"models", "training", "export", "commands"},
    "flax": {"models", "training"},
    "flax.linen": {"models"},
    "flax.nnx": set(),
    "optax": {"training"},
    "orbax": {"training"},
    "tensorflow": {"export"},
    "tensorflow_datasets": {"datasets", "commands"},
    "ai_edge_litert": {"recognizer", "kit", "export"},
    "skimage": {"pictures"},
    "PIL": {"pictures"},
    "typst": {"convert"},
    "fastapi": {"server"},
    "uvicorn": {"server"},
    "prometheus_client": {"server"},
    "anywidget": {"notebook"},
    "sympy": {"convert", "notebook"},
}


def imports():
    """Yield every import in the package as (module, imported name), including imports in functions and for types."""
    for path in sorted(PACKAGE.rglob("*.py")):
        module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((module, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{module} imports relatively"
                yield from ((module, f"{node.module}.{alias.name}") for alias in node.names)


def part_of(module):
    """Return the part, a folder or a file at the top of the package, to which a module belongs."""
    return (*module.split("."), "__init__")[1]


def file_of(name):
    """Return the module that `from a.b import c` loads: a.b.c if that is a file, otherwise a.b."""
    parts = name.split(".")
    while parts and not (PACKAGE.parent.joinpath(*parts).with_suffix(".py").is_file()):
        if PACKAGE.parent.joinpath(*parts, "__init__.py").is_file():
            return ".".join([*parts, "__init__"])
        parts.pop()
    return ".".join(parts)


OWN = [(module, file_of(name)) for module, name in imports() if name.split(".")[0] == "tegashiki"]


def within(module, package):
    return f"{module}.".startswith(f"{package}.")


def test_parts_import_only_lower_layers():
    height = {part: level for level, parts in enumerate(LAYERS) for part in parts}
    wrong = {
        f"{module} (layer {height[part_of(module)]}) imports {imported} (layer {height[part_of(imported)]})"
        for module, imported in OWN
        if part_of(module) != part_of(imported) and height[part_of(imported)] >= height[part_of(module)]
        if module != "tegashiki.__init__"  # it exports Recognizer
    }
    assert not wrong, "\n".join(sorted(wrong))


def test_every_part_is_in_one_layer():
    parts = [part for layer in LAYERS for part in layer]
    assert sorted(parts) == sorted({part_of(module) for module, _ in imports()} | {"errors", "__init__"})


def test_imports_are_not_circular():
    graph = {}
    for module, imported in OWN:
        if imported != module:
            graph.setdefault(module, set()).add(imported)
    graph.pop("tegashiki.__init__", None)
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail("circular imports: " + " <- ".join(error.args[1]))


@pytest.mark.parametrize("package", ONLY_IN)
def test_packages_are_imported_only_by_the_listed_parts(package):
    for module, imported in imports():
        assert not within(imported, package) or part_of(module) in ONLY_IN[package], f"{module} imports {imported}"


def loaded_by(code):
    """Return the packages that a new interpreter has loaded after running `code`."""
    script = f"{code}\nimport sys; print(*sorted(name for name in sys.modules if '.' not in name))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


TRAINING = {"jax", "flax", "optax", "orbax", "tensorflow", "tensorflow_datasets", "grain", "matplotlib", "rdp"}


def test_importing_the_package_loads_no_large_packages():
    assert not loaded_by("import tegashiki, tegashiki.cli") & {*TRAINING, "numpy", "ai_edge_litert"}


def test_the_recogniser_needs_only_the_base_install():
    code = "from tegashiki import Recognizer; import tegashiki.recognizer.litert, tegashiki.evaluation.evaluate"
    assert not loaded_by(code) & TRAINING


def test_writing_a_kit_needs_only_the_base_install():
    assert not loaded_by("import tegashiki.kit.kit, tegashiki.commands.export") & TRAINING


def test_only_serve_needs_the_serve_extra():
    code = "from tegashiki import Recognizer; import tegashiki.recognizer.session, tegashiki.commands.serve"
    assert not loaded_by(code) & {"fastapi", "starlette", "pydantic", "uvicorn"}
    importers = {module for module, imported in imports() if imported.split(".")[0] in {"fastapi", "uvicorn"}}
    assert importers == {"tegashiki.server.app", "tegashiki.server.connections"}


def test_only_reading_pictures_needs_the_pictures_extra():
    code = "from tegashiki import Recognizer; import tegashiki.synthesis.habits, tegashiki.commands.recognize"
    assert not loaded_by(code) & {"PIL", "skimage", "scipy"}


def test_training_needs_no_tensorflow():
    assert "tensorflow" not in loaded_by("import tegashiki.training.loop, tegashiki.training.checkpoint_backend, jax")
