import contextlib
import http.client
import json
import socket
import threading

import pytest

from tegashiki.errors import UserError
from tegashiki.pad import server as module
from tegashiki.pad.server import PadServer
from tegashiki.recognizer.page import START, WORKER, start_page

RIGHT = object()


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "some.tflite"
    path.write_bytes(b"a model")
    return path


@pytest.fixture
def formulas():
    return []


@pytest.fixture
def pad(model, formulas):
    def deliver(latex):
        if latex == "bad":
            raise UserError("the clipboard is gone")
        formulas.append(latex)
        return "program"

    with PadServer(model, deliver, once=False, port=0) as server:
        yield server


def ask(pad, method, path, body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", pad.port, timeout=30)
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response, content


def accept(pad, latex, token=RIGHT, **headers):
    token = pad.token if token is RIGHT else token
    headers = {"Authorization": f"Bearer {token}"} | headers
    response, content = ask(pad, "POST", "/pad/accept", json.dumps({"latex": latex}), **headers)
    return response.status, json.loads(content)


@contextlib.contextmanager
def page(pad, token=RIGHT):
    """Open the event stream of a page."""
    with socket.create_connection(("127.0.0.1", pad.port), timeout=30) as client:
        token = pad.token if token is RIGHT else token
        client.sendall(f"GET /pad/open?token={token} HTTP/1.1\r\nHost: 127.0.0.1:{pad.port}\r\n\r\n".encode())
        yield client


def test_the_page_is_served_without_its_service_worker(pad):
    response, content = ask(pad, "GET", "/")
    assert (response.status, content) == (200, start_page(offline=False))
    assert response.getheader("Content-Type") == "text/html"
    assert ask(pad, "GET", f"/{START}")[1] == content
    assert ask(pad, "GET", f"/{WORKER}")[0].status == 404
    assert ask(pad, "GET", "/model.tflite")[1] == b"a model"
    response, _ = ask(pad, "GET", "/page.js")
    assert response.getheader("Content-Type") == "text/javascript"
    assert response.getheader("X-Frame-Options") == "DENY"
    for path in ("/../cli.py", "/none", "//etc/passwd"):
        assert ask(pad, "GET", path)[0].status == 404


def test_the_page_with_the_token_delivers_formulas(pad, formulas):
    assert pad.url == f"http://127.0.0.1:{pad.port}/#pad={pad.token}"
    assert accept(pad, "x^2") == (200, {"place": "program"})
    assert accept(pad, "\\alpha") == (200, {"place": "program"})
    assert formulas == ["x^2", "\\alpha"]


@pytest.mark.parametrize(
    "headers", [{"Authorization": ""}, {"Authorization": "Bearer "}, {"Authorization": "Bearer é"}]
)
def test_without_the_token_nothing_is_delivered(pad, formulas, headers):
    assert accept(pad, "x", **headers)[0] == 403
    assert accept(pad, "x", token="wrong")[0] == 403
    assert not formulas


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "localhost", ""])
def test_a_site_that_resolves_to_this_machine_is_refused(pad, formulas, host):
    assert ask(pad, "GET", "/", Host=host)[0].status == 403
    assert accept(pad, "x", Host=host)[0] == 403
    assert not formulas


@pytest.mark.parametrize("body", ["", "[]", '{"latex": 3}', '{"latex": " "}', "\xff"])
def test_anything_but_a_formula_is_refused(pad, formulas, body):
    response, content = ask(pad, "POST", "/pad/accept", body.encode("latin-1"), Authorization=f"Bearer {pad.token}")
    assert response.status == 400
    assert "expected JSON" in json.loads(content)["error"]
    assert not formulas


def test_a_body_that_is_too_large_is_refused(pad):
    status, answer = accept(pad, "x", **{"Content-Length": str(module.MAX_BODY + 1)})
    assert (status, answer["error"]) == (
        400,
        f"a formula of {module.MAX_BODY + 1} bytes: the limit is {module.MAX_BODY}",
    )


def test_a_formula_that_cannot_be_delivered_is_an_error_of_the_page(pad):
    assert accept(pad, "bad") == (400, {"error": "the clipboard is gone"})
    assert not pad.wait(0)


def test_a_pad_for_one_formula_takes_one_and_ends(model, formulas):
    def deliver(latex):
        formulas.append(latex)
        return ""

    with PadServer(model, deliver, once=True, port=0) as pad:
        assert accept(pad, "x")[0] == 200
        assert pad.wait(30)
        assert accept(pad, "y")[0] == 400
    assert formulas == ["x"]


def test_the_wait_ends_when_the_page_is_closed_but_not_when_it_is_reloaded(pad, monkeypatch):
    monkeypatch.setattr(module, "RELOAD_SECONDS", 3.0)
    with page(pad) as client:
        assert client.recv(1)
        assert pad.opened
    with page(pad) as client:
        assert client.recv(1)
        assert not pad.wait(4.5)
    assert pad.wait(30)


def test_a_page_with_a_wrong_token_is_no_page(pad):
    with page(pad, "wrong") as client:
        assert b" 403 " in client.recv(100)
    assert not pad.opened


def test_the_end_is_told_to_the_page(pad):
    with page(pad) as client:
        received = client.recv(1)
        threading.Thread(target=pad.ending.set).start()
        while more := client.recv(1000):
            received += more
    assert received.endswith(b"event: end\ndata:\n\n")


def test_the_pad_ends_after_the_page_was_told(model):
    with contextlib.ExitStack() as stack:
        with PadServer(model, str, once=True, port=0) as pad:
            assert stack.enter_context(page(pad)).recv(1)
        assert not pad.opened


def test_a_port_in_use_is_an_error_unless_it_is_the_preferred_one(pad, model, monkeypatch):
    with pytest.raises(UserError, match=f"cannot listen on port {pad.port}"):
        PadServer(model, str, once=True, port=pad.port)
    monkeypatch.setattr(module, "PORT", pad.port)
    with PadServer(model, str, once=True) as other:
        assert other.port != pad.port


def test_no_name_is_looked_up(model, monkeypatch):
    monkeypatch.setattr(socket, "getfqdn", None)
    with PadServer(model, str, once=True, port=0) as server:
        assert server.port
