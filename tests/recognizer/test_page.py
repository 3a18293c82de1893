import json
import re

import pytest

from tegashiki.recognizer import page


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "some.tflite"
    path.write_bytes(b"a model")
    return path


def kept(files):
    """Return the list that the service worker has: the SHA-256 of each file by its path."""
    return json.loads(re.match(rb"self\.FILES = (\{.*?\});\n", files[page.WORKER], re.DOTALL)[1])


def test_the_service_worker_lists_the_hash_of_every_file_that_the_page_loads(model):
    files = page.page_files(model)
    listed = kept(files)
    assert listed == {path: page.sha256(files[path]) for path in listed}
    scripts = {"page.js", "worker.js", "pictures.js", "answers.js"}
    loaded = scripts | {"index.html", "page.css", "manifest.webmanifest", "model.tflite", "icon.svg"}
    assert loaded <= listed.keys()
    assert {path for path in files if path.startswith("litert/")} <= listed.keys()
    assert not [path for path in listed if "recognizer" in path or "types" in path or path == page.WORKER]


def test_another_model_changes_the_list(model):
    before = kept(page.page_files(model))
    model.write_bytes(b"another model")
    after = kept(page.page_files(model))
    assert {path for path in before if before[path] != after[path]} == {"model.tflite"}


def test_the_document_names_the_model_and_the_service_worker_beside_it():
    document = page.start_page().decode()
    assert re.findall(r'<meta name="(model|service-worker)" content="([^"]*)">', document) == [
        ("model", "model.tflite"),
        ("service-worker", "service-worker.js"),
    ]
    assert "service-worker" not in page.start_page(offline=False).decode()


def test_all_addresses_are_relative(model):
    files = page.page_files(model)
    document = files["index.html"].decode()
    addresses = re.findall(r'(?:src|href)="([^"]*)"', document)
    manifest = json.loads(files["manifest.webmanifest"])
    addresses += [manifest["start_url"], manifest["scope"], *(icon["src"] for icon in manifest["icons"])]
    assert len(addresses) > 6
    assert not [address for address in addresses if address.startswith("/") or ":" in address]
    assert {address for address in addresses if address != "./"} <= files.keys()
