"""What `GET /metrics` shows, in the format of Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from tegashiki.server.pool import ReadingPool
from tegashiki.server.reading import Outcome

CONTENT_TYPE = CONTENT_TYPE_LATEST
SECONDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)  # the bounds of the histograms


class Metrics:
    """The counters of one server."""

    def __init__(self, pool: ReadingPool) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "tegashiki_requests", "Answered requests to /recognize.", ["status"], registry=self._registry
        )
        self._request_seconds = self._histogram("request", "From the headers of a request to the end of its answer.")
        self._waiting_seconds = self._histogram("waiting", "From the arrival of an ink until a worker was free.")
        self._reading_seconds = self._histogram("reading", "The time that a worker took for an ink.")
        self._gauge("workers", "Workers that read ink.").set(pool.workers)
        self._gauge("busy_workers", "Workers that read an ink now.").set_function(lambda: pool.busy)
        self._gauge("waiting_inks", "Inks that wait for a worker now.").set_function(lambda: pool.waiting)
        self._gauge("waiting_inks_limit", "Inks that may wait.").set(pool.most_waiting)
        self._gauge("worker_restarts", "Workers that died and were replaced.").set_function(lambda: pool.restarts)

    def read(self, outcome: Outcome) -> None:
        """Count an ink that a worker took."""
        self._waiting_seconds.observe(outcome.waited)
        self._reading_seconds.observe(outcome.seconds)

    def answered(self, status: int, seconds: float) -> None:
        """Count a request to /recognize."""
        self._requests.labels(status).inc()
        self._request_seconds.observe(seconds)

    def page(self) -> bytes:
        """Return what Prometheus reads."""
        return generate_latest(self._registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(f"tegashiki_{name}", text, registry=self._registry)

    def _histogram(self, name: str, text: str) -> Histogram:
        return Histogram(f"tegashiki_{name}_seconds", text, registry=self._registry, buckets=SECONDS)
