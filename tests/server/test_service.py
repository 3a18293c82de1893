"""The server under strain: slow and greedy clients, its counters and log, and how it stops."""

import contextlib
import http.client
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

pytest.importorskip("fastapi", reason="the extra `serve` is not installed")
from prometheus_client.parser import text_string_to_metric_families

from tegashiki.cli import main
from tegashiki.recognizer.recognizer import DEFAULT_MODEL
from tegashiki.server import app as service
from tegashiki.server import connections
from tegashiki.server.log import log_config
from tegashiki.server.pool import ReadingPool
from tegashiki.server.reading import EXAMPLE_INK
from tests.recognizer.fake_recognizer import fake_recognizer

POST = b"POST /recognize?n=1 HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(EXAMPLE_INK)


class HeldRecognizer:
    """Reads inks only while `open` is set."""

    def __init__(self):
        self.recognizer = fake_recognizer()
        self.open = threading.Event()
        self.open.set()

    def __getattr__(self, name):
        return getattr(self.recognizer, name)

    def decode(self, *arguments, **rules):
        assert self.open.wait(30)
        return self.recognizer.decode(*arguments, **rules)


@contextlib.contextmanager
def serving(recognizer=None, **limits):
    """Run a server in another thread; the context is the server, its pool and its address."""
    recognizer = recognizer or HeldRecognizer()
    with ReadingPool.in_thread(recognizer, **limits) as pool, connections.bind("127.0.0.1", 0) as listener:
        server = connections.server(service.create_app(pool, DEFAULT_MODEL, "1.2"), log=None)
        address = listener.getsockname()[:2]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield server, pool, address
        finally:
            recognizer.open.set()
            server.should_exit = True
            thread.join()


@pytest.fixture
def connect():
    """A function that opens connections, which are closed at the end of the test."""
    with contextlib.ExitStack() as opened:
        yield lambda address: opened.enter_context(socket.create_connection(address, timeout=30))


def asked(address, method, path, body=None):
    connection = http.client.HTTPConnection(*address, timeout=30)
    connection.request(method, path, body)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response, content


def until(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def received(client):
    return b"".join(iter(lambda: client.recv(2**16), b""))


def test_a_full_queue_is_a_503_with_the_time_to_retry(connect):
    recognizer = HeldRecognizer()
    recognizer.open.clear()
    with serving(recognizer, most_waiting=1) as (_, pool, address):
        held = [connect(address) for _ in range(2)]
        for client in held:
            client.sendall(POST + EXAMPLE_INK)
        until(lambda: (pool.busy, pool.waiting) == (1, 1))
        response, content = asked(address, "POST", "/recognize", EXAMPLE_INK)
        assert (response.status, response.getheader("Retry-After")) == (503, "1")
        assert "1 inks wait to be read" in json.loads(content)["error"]
        health = json.loads(asked(address, "GET", "/healthz")[1])
        assert health == {"status": "ok", "version": "1.2", "workers": 1, "busy": 1, "waiting": 1}
        recognizer.open.set()
        assert all(client.recv(100).startswith(b"HTTP/1.1 200 ") for client in held)


def test_a_client_that_leaves_the_queue_is_not_read(connect):
    recognizer = HeldRecognizer()
    recognizer.open.clear()
    with serving(recognizer) as (_, pool, address):
        held = [connect(address) for _ in range(2)]
        for number, client in enumerate(held):
            client.sendall(POST + EXAMPLE_INK)
            until(lambda number=number: (pool.busy, pool.waiting) == (1, number))
        held[1].close()
        until(lambda: pool.waiting == 0)
        recognizer.open.set()
        assert held[0].recv(100).startswith(b"HTTP/1.1 200 ")


def test_an_ink_past_its_deadline_is_a_503(connect):
    recognizer = HeldRecognizer()
    recognizer.open.clear()
    with serving(recognizer, deadline=0.2) as (_, pool, address):
        held = connect(address)
        held.sendall(POST + EXAMPLE_INK)
        until(lambda: pool.busy)
        response, content = asked(address, "POST", "/recognize", EXAMPLE_INK)
        assert (response.status, response.getheader("Retry-After")) == (503, "1")
        assert "was not read within 0.2 s" in json.loads(content)["error"]
        recognizer.open.set()
        assert held.recv(100).startswith(b"HTTP/1.1 503 ")  # read, but too late


@pytest.mark.parametrize("later", [False, True], ids=["first request", "second request"])
def test_headers_that_arrive_byte_by_byte_time_out(later, monkeypatch, connect):
    monkeypatch.setattr(connections, "HEADER_SECONDS", 0.3)
    with serving() as (_, _, address), connect(address) as client:
        if later:
            client.sendall(POST + EXAMPLE_INK)
            first = client.recv(2**16)
            assert first.startswith(b"HTTP/1.1 200 ")
            while not first.endswith(b"}"):  # the body may come after the headers
                first += client.recv(2**16)
        for byte in POST[:5]:
            client.sendall(bytes([byte]))
            time.sleep(0.02)
        answer = received(client)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"headers did not arrive within 0.3 s" in answer


def test_too_many_connections_are_refused(monkeypatch, connect):
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 2)
    with serving() as (server, _, address):
        assert connect(address) is not connect(address)
        until(lambda: len(server.server_state.connections) == 2)
        answer = received(connect(address))
        assert answer.startswith(b"HTTP/1.1 503 ") and b"\r\nRetry-After: 1\r\n" in answer
        assert "the limit is 2 connections" in json.loads(answer.partition(b"\r\n\r\n")[2])["error"]


def test_the_inks_of_all_clients_have_a_limit(monkeypatch, connect):
    monkeypatch.setattr(service, "MAX_BODIES", 100_000)
    with serving() as (_, _, address):
        with connect(address) as slow:
            slow.sendall(b"POST /recognize HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n" + b" " * 80_000)
            until(lambda: asked(address, "POST", "/recognize", b" " * 50_000)[0].status == 503)
        until(lambda: asked(address, "POST", "/recognize", EXAMPLE_INK + b" " * 50_000)[0].status == 200)


@pytest.mark.parametrize(
    "broken",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
        b"POST /recognize HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /recognize HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /recognize HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"GET " + b"/" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"\r\n" * 50_000,
    ],
    ids=["tls", "chunk", "negative", "two lengths", "long", "blank"],
)
def test_broken_requests_end_and_leave_the_server_unharmed(broken, connect):
    with serving() as (_, pool, address):
        with connect(address) as client, contextlib.suppress(ConnectionError):
            client.sendall(broken)
            client.shutdown(socket.SHUT_WR)
            answer = received(client)
            assert not answer or answer.startswith(b"HTTP/1.1 400 ")
        assert asked(address, "POST", "/recognize", EXAMPLE_INK)[0].status == 200
        assert (pool.busy, pool.waiting) == (0, 0)


def test_metrics_count_requests_and_workers():
    with serving() as (_, _, address):
        for body in (EXAMPLE_INK, EXAMPLE_INK, b"<ink"):
            asked(address, "POST", "/recognize", body)
        response, content = asked(address, "GET", "/metrics")
    assert response.getheader("Content-Type").startswith("text/plain")
    families = text_string_to_metric_families(content.decode())
    found = {(one.name, one.labels.get("status")): one.value for family in families for one in family.samples}
    assert (found["tegashiki_requests_total", "200"], found["tegashiki_requests_total", "400"]) == (2, 1)
    assert found["tegashiki_request_seconds_count", None] == found["tegashiki_reading_seconds_count", None] == 3
    assert found["tegashiki_workers", None] == 1
    assert found["tegashiki_waiting_inks", None] == found["tegashiki_worker_restarts", None] == 0
    assert found["process_resident_memory_bytes", None] > 0


@pytest.mark.parametrize("kind", ["text", "json"])
def test_the_log_has_a_line_for_each_request_and_none_for_probes(kind, capfd, monkeypatch):
    with serving() as (_, _, address):
        logging.config.dictConfig(log_config(kind))
        asked(address, "POST", "/recognize?n=2", EXAMPLE_INK)
        asked(address, "GET", "/healthz")
        asked(address, "GET", "/none%0Aof")
    [read, none] = capfd.readouterr().out.splitlines()
    logging.getLogger("tegashiki.server").handlers.clear()
    if kind == "text":
        assert re.search(r" INFO 127\.0\.0\.1 POST /recognize\?n=2 200 0\.\d{3} s$", read)
        assert r"GET /none\nof 404" in none
        return
    fields = json.loads(read)
    assert (fields["event"], fields["method"], fields["path"]) == ("request", "POST", "/recognize?n=2")
    assert (fields["status"], fields["strokes"], fields["bytes"]) == (200, 2, len(EXAMPLE_INK))
    assert fields["level"] == "info" and 0 < fields["reading"] <= fields["seconds"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", fields["time"])
    assert json.loads(none)["status"] == 404


def test_a_failing_pool_is_not_healthy():
    with serving() as (_, pool, address):
        pool._workers[0].healthy = False
        response, content = asked(address, "GET", "/healthz")
        assert (response.status, json.loads(content)["status"]) == (503, "failing")


def test_a_stop_loses_no_request_that_arrived(connect):
    """Those that are read, those that wait, and one that arrives on an open connection just after the signal."""
    recognizer = HeldRecognizer()
    recognizer.open.clear()
    with serving(recognizer) as (server, pool, address):
        clients = [connect(address) for _ in range(6)]
        late = clients.pop()
        until(lambda: len(server.server_state.connections) == 6)
        for client in clients:
            client.sendall(POST + EXAMPLE_INK)
        until(lambda: (pool.busy, pool.waiting) == (1, 4))
        server.should_exit = True
        until(lambda: not accepts(address))
        late.sendall(POST + EXAMPLE_INK)
        until(lambda: pool.waiting == 5)
        recognizer.open.set()
        answers = [received(client) for client in [*clients, late]]
    assert all(answer.startswith(b"HTTP/1.1 200 ") for answer in answers)
    assert all(b"\r\nconnection: close\r\n" in answer.lower() for answer in answers)


def accepts(address):
    try:
        socket.create_connection(address, timeout=30).close()
    except ConnectionRefusedError:
        return False
    return True


def test_worker_processes_finish_what_they_have_when_the_whole_group_is_interrupted(connect):
    command = [sys.executable, "-m", "tegashiki.cli", "serve", "--port", "0", "--workers", "2", "--log", "json"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True) as run:
        try:
            host, port = run.stdout.readline().removeprefix("http://").split("/")[0].split(":")
            clients = [connect((host, int(port))) for _ in range(8)]
            for client in clients:
                client.sendall(POST + EXAMPLE_INK)
            asked((host, int(port)), "GET", "/healthz")  # after it, the eight have been taken
            os.killpg(run.pid, signal.SIGTERM)
            answers = [received(client) for client in clients]
            out, err = run.communicate(timeout=60)
        finally:
            run.kill()
    assert all(answer.startswith(b"HTTP/1.1 200 ") for answer in answers)
    assert [json.loads(line)["status"] for line in out.splitlines()] == [200] * 8
    assert (run.returncode, err) == (-signal.SIGTERM, "")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--workers", "0"], "--workers is 0; it can be 1 to 1000"),
        (["--queue", "-1"], "--queue is -1; it can be 0 to 100000"),
        (["--deadline", "0"], "--deadline is 0.0; it can be 0.1 to 3600"),
        (["--deadline", "nan"], "--deadline is nan; it can be 0.1 to 3600"),
        (["--workers", "2", "--model", "/none.tflite"], "no model file /none.tflite"),
    ],
)
def test_wrong_settings_are_refused(arguments, reason, capsys):
    assert main(["serve", *arguments]) == 2
    assert reason in capsys.readouterr().err
