"""The server over real sockets: its page, its responses to ink, and its errors."""

import asyncio
import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from tegashiki.cli import main
from tegashiki.ink.ink import Ink
from tegashiki.ink.inkml import write_inkml
from tegashiki.ink.json_ink import write_json
from tests.recognizer.fake_recognizer import fake_recognizer

pytest.importorskip("fastapi", reason="the extra `serve` is not installed")
from tegashiki.recognizer.page import page_files
from tegashiki.server import app as service
from tegashiki.server.connections import bind, server
from tegashiki.server.description import BODY, MAX_BODY, PLUS
from tegashiki.server.pool import ReadingPool

INK = Ink(tuple(np.random.default_rng(0).normal(size=(3, 5, 2)).round(3)))


class CountingRecognizer:
    """Counts the threads that use the model at the same time."""

    def __init__(self):
        self.recognizer = fake_recognizer()
        self.backend = self.recognizer.backend
        self.asked, self.inside, self.most = 0, 0, 0
        stem = self.backend.stem
        self.backend.stem = lambda points: self._watched(stem, points)

    def __getattr__(self, name):
        return getattr(self.recognizer, name)

    def decode(self, *arguments, **rules):
        self.asked += 1
        return self.recognizer.decode(*arguments, **rules)

    def _watched(self, stem, points):
        self.inside += 1
        self.most = max(self.most, self.inside)
        time.sleep(0.002)
        self.inside -= 1
        return stem(points)


@contextlib.contextmanager
def serving(recognizer, model, origins=()):
    """Run a server in another thread; the context is its address."""
    with ReadingPool.in_thread(recognizer) as pool, bind("127.0.0.1", 0) as listener:
        running = server(service.create_app(pool, model, "1.2", origins), log=None)
        address = listener.getsockname()[:2]
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield address
        finally:
            running.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.tflite"
    path.write_bytes(b"a model")
    return path


@pytest.fixture(scope="module")
def address(model):
    with serving(fake_recognizer(), model) as address:
        yield address


def asked(address, method, path, body=None, headers=None, **options):
    connection = http.client.HTTPConnection(*address, timeout=30)
    connection.request(method, path, body, headers or {}, **options)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response, content


@pytest.fixture
def ask(address):
    return lambda *request, **options: asked(address, *request, **options)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("body", [write_inkml(INK), write_json(INK)], ids=["inkml", "json"])
def test_the_server_reads_ink_like_the_recogniser(ask, body, encoding):
    body = body.replace("UTF-8", "UTF-16" if "16" in encoding else "UTF-8")
    mark = b"\xfe\xff" if encoding == "utf-16-be" and body.startswith("<") else b""
    response, content = ask("POST", "/recognize?n=3", mark + body.encode(encoding))
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
        ("/recognize?n=0", write_json(INK).encode(), {}, 400, "n is '0': Input should be greater than or equal to 1"),
        ("/recognize?n=6", write_json(INK).encode(), {}, 400, "n is '6': Input should be less than or equal to 5"),
        ("/recognize?n=five", write_json(INK).encode(), {}, 400, "n is 'five': Input should be a valid integer"),
        ("/recognize", write_json(Ink(INK.strokes * 60)).encode(), {}, 400, "this model reads at most"),
        ("/recognize", None, {"Content-Length": str(MAX_BODY + 1)}, 413, f"the limit is {MAX_BODY}"),
        ("/recognize", b"--x", {"Content-Type": "multipart/form-data; boundary=x"}, 415, "curl --data-binary"),
        ("/recognize", b"\x1f\x8b", {"Content-Encoding": "gzip"}, 415, "Content-Encoding gzip: send the ink itself"),
        ("/other", b"{}", {}, 404, "ink goes to /recognize"),
    ],
)
def test_invalid_requests_get_a_status_and_a_reason(ask, path, body, headers, status, reason):
    response, content = ask("POST", path, body, headers)
    assert response.status == status
    assert reason in json.loads(content)["error"]


@pytest.mark.parametrize("path", ["/web/../server/app.py", "/web/%2e%2e/cli.py", "/web//etc/passwd", "/web/%00", "/x"])
def test_only_the_page_is_served(ask, path):
    response, content = ask("GET", path)
    assert response.status == 404
    assert "there is nothing at" in json.loads(content)["error"]


def test_ink_without_an_allowed_reading_is_refused(model):
    with serving(fake_recognizer(restrict=["^"]), model) as address:
        response, content = asked(address, "POST", "/recognize", write_json(INK).encode())
    assert response.status == 400
    assert "lift the restriction" in json.loads(content)["error"]


def test_logits_that_are_not_finite_are_a_422(model):
    recognizer = fake_recognizer()
    step = recognizer.backend.decode_step

    def broken(*arguments):
        logits, *others = step(*arguments)
        return np.full_like(logits, np.nan), *others

    recognizer.backend.decode_step = broken
    with serving(recognizer, model) as address:
        response, content = asked(address, "POST", "/recognize", write_json(INK).encode())
    assert response.status == 422
    assert "logits are not finite" in json.loads(content)["error"]


def test_responses_are_sent_without_delay():
    """asyncio sets TCP_NODELAY, which sends small packets at once, only on sockets with IPPROTO_TCP."""

    async def delays():
        def serve(_, writer):
            connection = writer.get_extra_info("socket")
            found.set_result(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        found = asyncio.get_running_loop().create_future()
        with bind("127.0.0.1", 0) as listener:
            address = listener.getsockname()
            async with await asyncio.start_server(serve, sock=listener):
                _, writer = await asyncio.open_connection(*address)
                value = await found
                writer.close()
                await writer.wait_closed()
                return value

    assert asyncio.run(delays()) != 0


@pytest.fixture(scope="module")
def shared(model):
    """Run a server that pages of two other origins can use."""
    recognizer = CountingRecognizer()
    with serving(recognizer, model, ["http://localhost:3000", "https://notes.example.org"]) as address:
        yield address, recognizer


PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "content-type",
    "Access-Control-Request-Private-Network": "true",
}


@pytest.mark.parametrize("origin", ["http://localhost:3000", "https://notes.example.org"])
def test_a_page_of_an_allowed_origin_can_use_the_server(shared, origin):
    address, _ = shared
    response, _ = asked(address, "OPTIONS", "/recognize?n=5", None, {"Origin": origin, **PREFLIGHT})
    assert response.status == 200
    assert response.getheader("Access-Control-Allow-Origin") == origin
    assert "POST" in response.getheader("Access-Control-Allow-Methods")
    assert "content-type" in response.getheader("Access-Control-Allow-Headers").lower()
    assert response.getheader("Access-Control-Allow-Private-Network") == "true"
    response, content = asked(address, "POST", "/recognize", write_json(INK).encode(), {"Origin": origin})
    assert (response.status, response.getheader("Access-Control-Allow-Origin")) == (200, origin)
    assert "Origin" in response.getheader("Vary")
    assert json.loads(content)["candidates"]


def test_a_page_of_an_allowed_origin_can_read_errors(shared, monkeypatch, capfd):
    address, recognizer = shared
    headers = {"Origin": "http://localhost:3000"}
    found = [asked(address, "POST", "/recognize", b"<ink", headers), asked(address, "GET", "/none", None, headers)]
    monkeypatch.setattr(recognizer, "decode", None)
    found.append(asked(address, "POST", "/recognize", write_json(INK).encode(), headers))
    assert [response.status for response, _ in found] == [400, 404, 500]
    for response, content in found:
        assert response.getheader("Access-Control-Allow-Origin") == "http://localhost:3000"
        assert json.loads(content)["error"]


@pytest.mark.parametrize("origin", ["http://localhost:3001", "https://localhost:3000", "http://localhost", "null"])
def test_pages_of_other_origins_cannot_use_the_server(shared, origin):
    address, _ = shared
    for method, more in [("OPTIONS", PREFLIGHT), ("POST", {})]:
        response, _ = asked(address, method, "/recognize", write_json(INK).encode(), {"Origin": origin, **more})
        assert response.getheader("Access-Control-Allow-Origin") is None


def test_by_default_no_other_origin_is_allowed(ask):
    headers = {"Origin": "http://localhost:3000"}
    assert ask("OPTIONS", "/recognize", None, {**headers, **PREFLIGHT})[0].status == 405
    response, _ = ask("POST", "/recognize", write_json(INK).encode(), headers)
    assert (response.status, response.getheader("Access-Control-Allow-Origin")) == (200, None)


def test_the_command_takes_several_origins(monkeypatch):
    taken = []
    monkeypatch.setattr("tegashiki.recognizer.recognizer.Recognizer.load", lambda *_: fake_recognizer())
    monkeypatch.setattr("uvicorn.Server.run", lambda self, sockets: None)
    monkeypatch.setattr(service, "create_app", lambda *arguments: taken.append(arguments[3]))
    assert main(["serve", "--port", "0", "--allow-origin", "http://[::1]:3000", "--allow-origin", "*"]) == 0
    assert main(["serve", "--port", "0"]) == 0
    assert taken == [["http://[::1]:3000", "*"], []]


@pytest.mark.parametrize(
    ("origin", "way_out"),
    [
        ("http://localhost:3000/", "give http://localhost:3000\n"),
        ("https://Example.org/page?x#y", "give https://example.org\n"),
        ("http://example.org:80", "give http://example.org\n"),
        ("https://example.org:443", "give https://example.org\n"),
        ("http://me:secret@example.org", "give http://example.org\n"),
        ("localhost:3000", "such as http://localhost:3000\n"),
        ("http://", "such as http://localhost:3000\n"),
        ("http://a b", "such as http://localhost:3000\n"),
        ("http://x:99999", "such as http://localhost:3000\n"),
        ("http://*.example.org", "such as http://localhost:3000\n"),
        ("null", "such as http://localhost:3000\n"),
        ("", "such as http://localhost:3000\n"),
    ],
)
def test_an_origin_that_no_browser_sends_is_refused(origin, way_out, capsys):
    assert main(["serve", "--allow-origin", origin]) == 2
    error = capsys.readouterr().err
    assert f"--allow-origin {origin!r} is not an origin" in error and error.endswith(way_out)


def test_default_headers_of_clients_are_accepted(ask):
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Content-Encoding": "identity"}  # as curl
    assert ask("POST", "/recognize", write_json(INK).encode(), headers)[0].status == 200


def test_ink_can_be_sent_in_chunks(ask):
    body = write_json(INK).encode()
    response, content = ask("POST", "/recognize", iter([body[:20], body[20:]]), encode_chunked=True)
    assert response.status == 200
    assert json.loads(content)["candidates"]


def test_a_large_ink_without_a_length_is_refused_while_it_arrives(address):
    """The response comes before the end of the body."""
    with socket.create_connection(address, timeout=30) as client:
        client.sendall(b"POST /recognize HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(MAX_BODY // 2**16 + 1):
            client.sendall(b"10000\r\n" + b" " * 2**16 + b"\r\n")
        assert client.recv(2**16).startswith(b"HTTP/1.1 413 ")


def test_an_ink_that_does_not_arrive_times_out(address, monkeypatch):
    monkeypatch.setattr(service, "BODY_SECONDS", 0.2)
    body = write_json(INK).encode()
    response, content = asked(address, "POST", "/recognize", body, {"Content-Length": str(len(body) + 1)})
    assert (response.status, response.getheader("Connection")) == (408, "close")
    assert "did not arrive within 0.2 s" in json.loads(content)["error"]


def test_a_client_that_disconnects_does_not_disturb_others(address, ask):
    with socket.create_connection(address, timeout=30) as client:
        client.sendall(b"POST /recognize HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    assert ask("POST", "/recognize", write_json(INK).encode())[0].status == 200


def test_threads_take_turns(model):
    recognizer = CountingRecognizer()
    with serving(recognizer, model) as address:
        answers = []
        body = write_json(INK).encode()
        threads = [
            threading.Thread(target=lambda: answers.append(asked(address, "POST", "/recognize", body)[1]))
            for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (len(answers), len(set(answers)), recognizer.asked, recognizer.most) == (6, 1, 6, 1)


def test_a_bug_is_a_500_without_a_stack_trace(model, capfd):
    recognizer = CountingRecognizer()
    recognizer.decode = None
    with serving(recognizer, model) as address:
        response, content = asked(address, "POST", "/recognize", write_json(INK).encode())
    assert response.status == 500
    assert json.loads(content) == {"error": "the server failed: see its log"}


def test_the_api_description_has_both_bodies_and_both_responses(ask):
    _, content = ask("GET", "/openapi.json")
    assert json.loads(content)["info"]["version"] == "1.2"
    post = json.loads(content)["paths"]["/recognize"]["post"]
    assert set(post["requestBody"]["content"]) == {"application/json", "application/inkml+xml", "image/*"}
    assert set(post["responses"]) == {"200", "400", "408", "413", "415", "422", "503", "default"}
    [n] = post["parameters"]
    assert (n["name"], n["schema"]["minimum"], n["schema"]["maximum"], n["schema"]["default"]) == ("n", 1, 5, 5)
    schemas = json.loads(content)["components"]["schemas"]
    assert list(schemas["Refusal"]["properties"]) == ["error"]
    answer = json.loads(ask("POST", "/recognize", write_json(INK).encode())[1])
    assert list(schemas["Answer"]["properties"]) == [*answer, "lines"]  # of a picture
    assert list(schemas["CandidateAnswer"]["properties"]) == list(answer["candidates"][0])
    assert ask("GET", "/docs")[0].status == 200


@pytest.mark.parametrize("kind", ["application/json", "application/inkml+xml"])
def test_the_examples_of_the_api_description_are_valid_ink(ask, kind):
    example = BODY["content"][kind]["example"]
    body = example if isinstance(example, str) else json.dumps(example)
    assert ask("POST", "/recognize", body.encode())[0].status == 200


def test_the_server_serves_the_files_of_a_static_site(ask, model):
    files = page_files(model)
    assert len(files) > 20
    for path, content in files.items():
        assert ask("GET", f"/web/{path}")[1] == content, path
    assert ask("GET", "/web/")[1] == files["index.html"]


def test_the_page_and_the_model_are_served(ask):
    for path in ("/", "/web"):
        response, _ = ask("GET", path)
        assert response.status in (302, 307) and response.getheader("Location").endswith("/web/")
    response, content = ask("GET", "/web/")
    assert response.getheader("Content-Type") == "text/html; charset=utf-8"
    assert ask("GET", "/web/manifest.webmanifest")[0].getheader("Content-Type") == "application/manifest+json"
    response, content = ask("GET", "/web/litert/litert_wasm_compat_internal.wasm")
    assert response.getheader("Content-Type") == "application/wasm"
    assert content[:4] == b"\0asm"
    for kind, file in [("javascript", "page.js"), ("css", "page.css")]:
        assert ask("GET", f"/web/{file}")[0].getheader("Content-Type") == f"text/{kind}; charset=utf-8"
    response, content = ask("GET", "/default.tflite")
    assert content == b"a model"
    assert response.getheader("X-Content-Type-Options") == "nosniff"
    assert response.getheader("Cache-Control") == "no-cache"


@pytest.mark.parametrize("path", ["/", "/web/", "/web/service-worker.js", "/default.tflite", "/openapi.json"])
def test_head_requests_are_answered(ask, path):
    head, content = ask("HEAD", path)
    get, _ = ask("GET", path)
    assert (head.status, content) == (get.status, b"")
    assert head.getheader("Content-Length") == get.getheader("Content-Length")


def test_a_removed_model_is_a_404(tmp_path):
    with serving(fake_recognizer(), tmp_path / "gone.tflite") as address:
        for path in ("/default.tflite", "/web/service-worker.js"):
            response, content = asked(address, "GET", path)
            assert response.status == 404
            assert json.loads(content) == {"error": f"there is nothing at {path}"}


def test_other_methods_are_refused(ask):
    for method, path in [("DELETE", "/web/index.html"), ("GET", "/recognize"), ("POST", "/")]:
        response, content = ask(method, path)
        assert response.status == 405
        assert json.loads(content)["error"] == f"{method} is not allowed for {path}"


def test_a_port_in_use_is_a_user_error(address, monkeypatch, capsys):
    monkeypatch.setattr("tegashiki.recognizer.recognizer.Recognizer.load", lambda *_: fake_recognizer())
    assert main(["serve", "--port", str(address[1])]) == 2
    assert "cannot listen at 127.0.0.1" in capsys.readouterr().err


@pytest.mark.parametrize("there", [True, False])
def test_the_command_opens_a_browser_if_there_is_one(there, monkeypatch, capsys):
    shown = []
    monkeypatch.setattr("tegashiki.recognizer.recognizer.Recognizer.load", lambda *_: fake_recognizer())
    monkeypatch.setattr("uvicorn.Server.run", lambda self, sockets: None)
    monkeypatch.setattr("webbrowser.open", lambda address: (shown.append(address), there)[1])
    assert main(["serve", "--port", "0", "--open"]) == 0
    printed = capsys.readouterr()
    assert printed.out.split()[0] == shown[0]
    assert ("no browser" in printed.err) is not there
    assert main(["serve", "--port", "0"]) == 0
    assert len(shown) == 1


@contextlib.contextmanager
def killed_at_last(process):
    """Kill the process at the end, also if a check fails."""
    try:
        yield
    finally:
        process.kill()


@pytest.mark.parametrize(("signal_", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_the_command_serves_until_it_is_interrupted(signal_, status):
    # A shell makes its background processes ignore SIGINT, and child processes inherit that.
    heeding = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)"
    serving = f"{heeding}; from tegashiki.cli import main; sys.exit(main(['serve', '--port', '0']))"
    command = [sys.executable, "-c", serving]
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment) as run, killed_at_last(run):
        host, port = run.stdout.readline().removeprefix("http://").split("/")[0].split(":")
        assert host == "127.0.0.1"
        response, content = asked((host, int(port)), "POST", "/recognize?n=2", PLUS.encode())
        assert (response.status, len(json.loads(content)["candidates"])) == (200, 2)
        run.send_signal(signal_)
        out, err = run.communicate(timeout=60)
    assert run.returncode == status
    assert "POST /recognize?n=2" in out
    assert "Traceback" not in err


@pytest.mark.parametrize("missing", ["fastapi", "uvicorn", "prometheus_client"])
def test_without_the_extra_the_command_names_it(missing, monkeypatch, capsys):
    for name in [name for name in sys.modules if name.startswith("tegashiki.server.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    assert main(["serve"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error.endswith(f"(no module {missing}): pip install 'tegashiki[serve]'\n")
