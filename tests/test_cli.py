"""Tests of the command line: the table of commands, error messages, and --help without large imports."""

import argparse
import os
import re
import subprocess
import sys
import tomllib
import types
from pathlib import Path

import pytest

import tegashiki
from tegashiki import cli
from tegashiki.errors import UserError

ROOT = Path(__file__).parent.parent
SHARED = {"arguments"}  # modules that are not commands
COMMANDS = sorted({path.stem for path in (ROOT / "tegashiki" / "commands").glob("[!_]*.py")} - SHARED)


def failing(error):
    """Return a subcommand whose `run` raises an error."""

    def run(args):
        raise error

    module = types.ModuleType("tegashiki.commands.failing", "A command that fails.")
    module.add_arguments = lambda parser: parser.add_argument("--number", type=int)
    module.run = run
    return module


@pytest.fixture
def fail(monkeypatch):
    """Return a function that runs a subcommand that raises the given error, and returns the exit status."""

    def call(error, *argv):
        monkeypatch.setitem(sys.modules, "tegashiki.commands.failing", failing(error))
        monkeypatch.setitem(cli.COMMANDS, "failing", "fail")
        return cli.main(["failing", *argv])

    return call


def test_the_table_names_every_command():
    assert sorted(cli.COMMANDS) == COMMANDS


def test_without_a_command_the_commands_are_listed(capsys):
    assert cli.main([]) == 2
    printed = capsys.readouterr().out
    assert all(re.search(rf"^ +{name}\b", printed, re.MULTILINE) for name in COMMANDS)


def test_version(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"{tegashiki.__version__}\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
@pytest.mark.parametrize("buffered", ["", "1"])
def test_output_to_a_full_disk_is_reported_in_one_line(buffered):
    """Python flushes its buffers at exit, and without our help it reports an error there with a message of its own."""
    environment = {**os.environ, "PYTHONUNBUFFERED": buffered}
    command = [sys.executable, "-m", "tegashiki.cli", "--version"]
    with Path("/dev/full").open("w") as full:
        run = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, env=environment)
    assert (run.returncode, run.stderr) == (2, "tegashiki: error: [Errno 28] No space left on device\n")


def test_an_unknown_command_names_the_known_ones(capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(["recognise"])
    assert "recognize" in capsys.readouterr().err


@pytest.mark.parametrize("name", COMMANDS)
def test_help_starts_with_the_docstring_of_the_module(name, capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main([name, "--help"])
    printed = capsys.readouterr().out
    module = sys.modules[f"tegashiki.commands.{name}"]
    assert printed.startswith(f"usage: tegashiki {name} ")
    assert module.__doc__.splitlines()[0] in printed
    assert all(action.help for action in arguments(module)), "an argument without help"


def arguments(module):
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    return parser._actions


def test_importing_commands_imports_no_large_packages():
    heavy = "{'numpy', 'jax', 'tensorflow', 'tensorflow_datasets', 'ai_edge_litert'}"
    script = f"""
import importlib, sys
for name in {COMMANDS}:
    importlib.import_module('tegashiki.commands.' + name)
    assert not {heavy} & set(sys.modules), name
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_user_error_is_one_line_with_status_2(fail, capsys):
    assert fail(UserError("width is 7; it must be even: try 8")) == 2
    assert capsys.readouterr().err == "tegashiki failing: error: width is 7; it must be even: try 8\n"


def test_a_bug_is_not_hidden(fail):
    for error in (ZeroDivisionError(), ModuleNotFoundError("no", name="tegashiki.nothing")):
        with pytest.raises(type(error)):
            fail(error)


def test_a_system_error_is_one_line_with_status_2(fail, capsys):
    assert fail(FileNotFoundError(2, "No such file or directory", "no/v.json")) == 2
    assert capsys.readouterr().err == "tegashiki failing: error: [Errno 2] No such file or directory: 'no/v.json'\n"


def test_a_missing_extra_is_named(fail, capsys):
    assert fail(ModuleNotFoundError("No module named 'jax'", name="jax")) == 2
    assert "no module jax): pip install 'tegashiki[train]'" in capsys.readouterr().err


def test_a_missing_module_outside_the_extras_suggests_no_pip_install(fail, monkeypatch, capsys):
    assert fail(ModuleNotFoundError("No module named 'fcntl'", name="fcntl")) == 2
    said = capsys.readouterr().err
    assert "this Python lacks its own module fcntl: " in said and "pip install" not in said
    monkeypatch.setattr(sys, "platform", "win32")
    assert fail(ModuleNotFoundError("No module named 'array_record'", name="array_record.python")) == 2
    said = capsys.readouterr().err
    assert "array_record, which reads prepared datasets, does not exist for Windows" in said
    assert "pip install" not in said


@pytest.mark.parametrize(
    ("command", "missing", "extra"), [(["serve"], "fastapi", "serve"), (["train", "c"], "jax", "train")]
)
def test_a_command_names_its_own_extra(command, missing, extra, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.delitem(sys.modules, "tegashiki.server.app", raising=False)
    assert cli.main(command) == 2
    assert f"no module {missing}): pip install 'tegashiki[{extra}]'" in capsys.readouterr().err


def test_an_interrupt_and_a_closed_pipe_have_their_own_statuses(fail, capsys):
    assert fail(KeyboardInterrupt()) == 130
    assert capsys.readouterr().err == "tegashiki failing: interrupted\n"
    assert fail(BrokenPipeError()) == 141


def test_a_wrong_argument_shows_the_usage_of_the_command(fail, capsys):
    with pytest.raises(SystemExit, match="2"):
        fail(None, "--number", "many")
    assert capsys.readouterr().err.startswith("usage: tegashiki failing ")


@pytest.mark.parametrize(("script", "command"), [("train.py", "train"), ("eval.py", "eval")])
def test_the_scripts_run_the_commands(script, command):
    text = (ROOT / script).read_text("utf-8")
    assert len(text.splitlines()) < 60
    run = subprocess.run([sys.executable, ROOT / script, "--help"], capture_output=True, text=True, check=True)
    assert run.stdout.startswith(f"usage: tegashiki {command} ")


@pytest.mark.parametrize("path", sorted((ROOT / "configs").glob("*.py")), ids=lambda path: path.stem)
def test_every_config_documents_how_to_run_it(path):
    docstring = re.match(r'"""(.*?)"""', path.read_text("utf-8"), re.DOTALL)
    assert docstring, "no docstring"
    assert re.search(rf"configs/{path.name}|make {path.stem}", docstring[1])
    assert "Data:" in docstring[1] and "Hardware:" in docstring[1]


def test_the_readme_names_only_commands_that_exist():
    text = (ROOT / "README.md").read_text("utf-8")
    assert set(re.findall(r"^ *(?:\$ )?tegashiki (\w+)", text, re.MULTILINE)) <= set(COMMANDS)


def test_the_lock_is_exact_and_covers_the_dependencies():
    """The lock leaves out the extra `beam`, because Apache Beam pins old versions of many packages."""
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    locked = {re.fullmatch(r"([A-Za-z0-9._-]+)==[0-9][0-9A-Za-z.]*", line)[1] for line in lines}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(each for name, extra in project["optional-dependencies"].items() if name != "beam" for each in extra),
    ]
    names = {re.match(r"[\w.-]+", each)[0] for each in wanted}
    assert {_same(name) for name in names} <= {_same(name) for name in locked}


def _same(name):
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores cannot be taken away here")
def test_usable_cores_respects_the_affinity_of_the_process():
    one = min(os.sched_getaffinity(0))
    code = (
        f"import os; os.sched_setaffinity(0, {{{one}}}); from tegashiki.commands.arguments import usable_cores\n"
        "print(usable_cores())"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "1\n"
