"""The server: its page, its answers to ink, and its refusals."""

import http.client
import json
import threading

import numpy as np
import pytest

from tegashiki.cli import main
from tegashiki.ink.ink import Ink
from tegashiki.ink.inkml import write_inkml
from tegashiki.ink.json_ink import write_json
from tegashiki.recognizer.http import MAX_BODY, PAGE, Server
from tests.recognizer.fake_recognizer import fake_recognizer

INK = Ink(tuple(np.random.default_rng(0).normal(size=(3, 5, 2)).round(3)))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    model = tmp_path_factory.mktemp("model") / "model.tflite"
    model.write_bytes(b"a model")
    with Server(("127.0.0.1", 0), fake_recognizer(), model) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def ask(server, monkeypatch):
    monkeypatch.setattr("tegashiki.recognizer.http._Handler.log_message", lambda *_: None)

    def request(method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(*server.server_address[:2], timeout=30)
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response, content

    return request


@pytest.mark.parametrize("body", [write_inkml(INK), write_json(INK)], ids=["inkml", "json"])
def test_ink_is_read_as_the_recogniser_reads_it(ask, body):
    response, content = ask("POST", "/recognize?n=3", body.encode())
    wanted = fake_recognizer().recognize(INK, 3)
    assert response.status == 200
    assert response.getheader("Content-Type") == "application/json"
    found = json.loads(content)["candidates"]
    assert [one["latex"] for one in found] == [candidate.latex for candidate in wanted]
    assert [tuple(map(tuple, one["strokes"])) for one in found] == [one.strokes_of_token for one in wanted]


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "reason"),
    [
        ("/recognize", b"<ink", {}, 400, "not well-formed XML"),
        ("/recognize", b"", {}, 400, "not JSON"),
        ("/recognize", b'{"strokes": [[[1]]]}', {}, 400, "stroke 0, point 0"),
        ("/recognize", b"\xff", {}, 400, "not JSON"),
        ("/recognize?n=0", write_json(INK).encode(), {}, 400, "this model gives 1 to"),
        ("/recognize?n=-1", write_json(INK).encode(), {}, 400, "expected a number"),
        ("/recognize", write_json(Ink(INK.strokes * 60)).encode(), {}, 400, "this model reads at most"),
        ("/recognize", None, {"Content-Length": str(MAX_BODY + 1)}, 413, f"the limit is {MAX_BODY}"),
        ("/recognize", None, {"Transfer-Encoding": "chunked"}, 411, "Content-Length"),
        ("/other", b"{}", {}, 404, "ink goes to /recognize"),
    ],
)
def test_what_cannot_be_read_gets_a_status_and_a_reason(ask, path, body, headers, status, reason):
    response, content = ask("POST", path, body, headers)
    assert response.status == status
    assert reason in json.loads(content)["error"]


@pytest.mark.parametrize(
    "path", ["/web/../recognizer/http.py", "/web/%2e%2e/cli.py", "/web//etc/passwd", "/web/%00", "/x"]
)
def test_nothing_but_the_page_is_served(ask, path):
    response, content = ask("GET", path)
    assert response.status == 404
    assert "there is nothing at" in json.loads(content)["error"]


def test_the_page_and_the_model_are_served(ask):
    response, _ = ask("GET", "/")
    assert (response.status, response.getheader("Location")) == (302, "/web/")
    response, content = ask("GET", "/web/")
    assert response.getheader("Content-Type") == "text/html; charset=utf-8"
    assert content == (PAGE / "index.html").read_bytes()
    response, content = ask("GET", "/web/litert/litert_wasm_compat_internal.wasm")
    assert response.getheader("Content-Type") == "application/wasm"
    assert content[:4] == b"\0asm"
    assert ask("GET", "/assets/default.tflite")[1] == b"a model"


def test_other_methods_are_refused(ask):
    assert ask("DELETE", "/web/index.html")[0].status == 501


def test_a_port_that_is_taken_is_a_users_error(server, monkeypatch, capsys):
    monkeypatch.setattr("tegashiki.recognizer.recognizer.Recognizer.load", lambda *_: fake_recognizer())
    assert main(["serve", "--port", str(server.server_address[1])]) == 2
    assert "cannot listen at 127.0.0.1" in capsys.readouterr().err
