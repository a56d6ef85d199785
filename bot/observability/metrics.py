"""What a process counts, in the names that docs/operations.md explains. Labels have few values: never an id."""

import logging
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

# Slack waits three seconds; half of the buckets lie where a healthy bot answers.
ACKNOWLEDGEMENT_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)
CALL_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)
# From a fetch of a small file to the time limit of an analysis.
STEP_BUCKETS = (0.01, 0.05, 0.25, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0)


class Metrics:
    """Everything that is counted in one app, with a registry of its own: two apps in a process do not mix."""

    def __init__(self) -> None:
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # a time of birth beside every series, which nobody reads
        self.registry = CollectorRegistry()
        self._count_deliveries()
        self._count_jobs()
        self._count_messages()
        self._show_state()
        self.errors = self._counter("triage_logged_errors", "Records at level ERROR or CRITICAL", "logger")
        ProcessCollector(registry=self.registry)
        build = self._gauge("triage_build_info", "Always 1", "version", "python")
        build.labels(version("sre-triage-agent"), platform.python_version()).set(1)

    def text(self) -> bytes:
        """The exposition format of Prometheus."""
        return prometheus_client.generate_latest(self.registry)

    def _count_deliveries(self) -> None:
        self.deliveries = self._counter("triage_deliveries", "Deliveries of Slack", "kind", "outcome")
        self.acknowledgement_seconds = self._histogram(
            "triage_acknowledgement_seconds", "From a delivery to its answer", ACKNOWLEDGEMENT_BUCKETS, "transport"
        )

    def _count_jobs(self) -> None:
        self.step_seconds = self._histogram(
            "triage_step_seconds", "One attempt at a step of a job", STEP_BUCKETS, "step", "outcome"
        )
        self.step_retries = self._counter("triage_step_retries", "Attempts at a step after the first", "step")
        self.runs = self._counter("triage_runs", "Triage runs that ended", "state")
        self.run_failures = self._counter("triage_run_failures", "Triage runs that failed", "reason")

    def _count_messages(self) -> None:
        self.message_attempts = self._counter(
            "triage_message_attempts", "Attempts to bring a message to Slack", "kind", "outcome"
        )
        self.message_attempt_seconds = self._histogram(
            "triage_message_attempt_seconds", "One attempt to bring a message to Slack", CALL_BUCKETS, "kind"
        )
        self.slack_calls = self._counter("triage_slack_calls", "Calls to Slack", "method", "result")
        self.slack_call_seconds = self._histogram(
            "triage_slack_call_seconds", "One call to Slack", CALL_BUCKETS, "method"
        )

    def _show_state(self) -> None:
        self.queued_runs = self._gauge("triage_queued_runs", "Triage runs that wait to be read")
        self.running_runs = self._gauge("triage_running_runs", "Triage runs under way")
        self.queue_age_seconds = self._gauge("triage_queue_age_seconds", "How long the oldest queued run has waited")
        self.outbox_messages = self._gauge("triage_outbox_messages", "Messages that are not delivered", "state")
        self.outbox_lag_seconds = self._gauge(
            "triage_outbox_lag_seconds", "How long the oldest undelivered message has been wanted"
        )
        self.analysis_processes = self._gauge("triage_analysis_processes", "Processes that read logs")
        self.analysis_processes_busy = self._gauge("triage_analysis_processes_busy", "Those that read now")
        self.check_failing = self._gauge("triage_check_failing", "1 where a check of /readyz fails, else 0", "check")

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(name, says, labels, registry=self.registry)

    def _gauge(self, name: str, says: str, *labels: str) -> Gauge:
        return Gauge(name, says, labels, registry=self.registry)

    def _histogram(self, name: str, says: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(name, says, labels, buckets=buckets, registry=self.registry)


class ErrorCounter(logging.Handler):
    """Counts what is logged as an error, by who logs it: whatever a worker's loop outlives is seen."""

    def __init__(self, metrics: Metrics) -> None:
        super().__init__(logging.ERROR)
        self._errors = metrics.errors

    def emit(self, record: logging.LogRecord) -> None:
        self._errors.labels(record.name).inc()


@contextmanager
def counting_errors(metrics: Metrics) -> Iterator[None]:
    """Count what is logged while the context is open."""
    counter, root = ErrorCounter(metrics), logging.getLogger()
    root.addHandler(counter)
    try:
        yield
    finally:
        root.removeHandler(counter)
