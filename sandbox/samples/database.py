"""The shop's Postgres: backends, the queue for the lock on `orders`, the connection limit, and its log."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sandbox.samples.scene import Scene

MAX_CONNECTIONS = 100
RESERVED_FOR_SUPERUSERS = 3
DEADLOCK_TIMEOUT_SECONDS = 1.0  # with log_lock_waits on, a wait is logged after it
ORDERS_RELATION, DATABASE_OID = 16432, 16401
SLOTS_GONE = "remaining connection slots are reserved for non-replication superuser connections"


@dataclass
class Backend:
    """One server process and the client it serves."""

    pid: int
    user: str
    host: str
    port: int
    since: float
    database: str = "shop"
    client_is_gone: bool = False


@dataclass
class Waiter:
    """A backend in the queue for the lock on `orders`."""

    backend: Backend
    mode: str
    statement: str
    since: float
    go_on: Callable[[], object]


class Database:
    """A server of one database, `shop`; it writes its log in the format Debian configures."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._next_pid = 38114
        self._open = 0
        self.reader: Backend | None = None  # holds AccessShareLock on orders for as long as its query runs
        self.queue: list[Waiter] = []

    @property
    def orders_is_locked(self) -> bool:
        return bool(self.queue)

    def log(self, backend: Backend | None, level: str, message: str, **context: str) -> tuple[int, str]:
        """Write a message and its DETAIL, HINT or STATEMENT lines; return the first line's number and text."""
        pid, who = (1187, "") if backend is None else (backend.pid, f"{backend.user}@{backend.database} ")
        prefix = f"{self._scene.time:%Y-%m-%d %H:%M:%S}.{self._scene.time.microsecond // 1000:03} UTC [{pid}] {who}"
        lines = [f"{prefix}{level}:  {message}", *(f"{prefix}{key.upper()}:  {text}" for key, text in context.items())]
        return self._scene.database.write(*lines), lines[0]

    def connect(self, user: str, host: str, application: str) -> Backend | None:
        """Open a connection, or refuse it when only the reserved slots are left (None)."""
        backend = self.existing(user, host)
        stranger = replace(backend, user="[unknown]", database="[unknown]")
        self.log(stranger, "LOG", f"connection received: host={host} port={backend.port}")
        self.log(backend, "LOG", f"connection authorized: user={user} database=shop application_name={application}")
        if self._open <= MAX_CONNECTIONS - RESERVED_FOR_SUPERUSERS:
            return backend
        self._open -= 1
        line, text = self.log(backend, "FATAL", SLOTS_GONE)
        self._remember(line, text, role="correlated", why="the database has no connection slot left")
        return None

    def existing(self, user: str, host: str) -> Backend:
        """A connection that is there without a word in the log, as those opened before the log begins."""
        self._next_pid += self._scene.random.randint(1, 4)
        self._open += 1
        return Backend(self._next_pid, user, host, self._scene.random.randint(32768, 60999), self._scene.now)

    def passing(self, user: str) -> Backend:
        """One of the connections that come and go unnoticed, for a message of its own."""
        return Backend(self._next_pid - self._scene.random.randint(1, 400), user, "10.20.4.11", 0, self._scene.now)

    def disconnect(self, backend: Backend) -> None:
        self._open -= 1
        minutes, seconds = divmod(self._scene.now - backend.since, 60)
        session = f"{int(minutes // 60)}:{int(minutes % 60):02}:{seconds:06.3f}"
        where = f"user={backend.user} database=shop host={backend.host} port={backend.port}"
        self.log(backend, "LOG", f"disconnection: session time: {session} {where}")

    def _remember(self, line: int, text: str, *, role: str, why: str) -> None:
        self._scene.remember(self._scene.database, line, text, role=role, why=why)

    def wait_for_orders(self, backend: Backend, mode: str, statement: str, go_on: Callable[[], object]) -> None:
        """Queue for the lock on `orders`; `go_on` is called once it is granted."""
        waiter = Waiter(backend, mode, statement, self._scene.now, go_on)
        self.queue.append(waiter)
        delay = DEADLOCK_TIMEOUT_SECONDS + self._scene.random.uniform(0.00005, 0.0009)
        self._scene.after(delay, lambda: self._report_wait(waiter))

    def _report_wait(self, waiter: Waiter) -> None:
        if waiter not in self.queue or self.reader is None:
            return
        earlier = self.queue[: self.queue.index(waiter) + 1]
        pids = ", ".join(str(other.backend.pid) for other in earlier)
        line, text = self.log(
            waiter.backend,
            "LOG",
            f"process {waiter.backend.pid} still waiting for {self._lock(waiter)} after {self._waited_ms(waiter)} ms",
            detail=f"Process holding the lock: {self.reader.pid}. Wait queue: {pids}.",
            statement=waiter.statement,
        )
        first = waiter.mode == "AccessExclusiveLock"
        why = "the migration waits for its lock behind the report" if first else "other statements queue behind it"
        self._remember(line, text, role="direct", why=why)

    def _lock(self, waiter: Waiter) -> str:
        return f"{waiter.mode} on relation {ORDERS_RELATION} of database {DATABASE_OID}"

    def _waited_ms(self, waiter: Waiter) -> str:
        return f"{(self._scene.now - waiter.since) * 1000:.3f}"

    def terminate_reader(self, statement: str) -> None:
        """What pg_terminate_backend does to the report; the queue behind its lock then moves."""
        if self.reader is None:
            return
        line, text = self.log(
            self.reader, "FATAL", "terminating connection due to administrator command", statement=statement
        )
        self._remember(line, text, role="context", why="the report is terminated by hand: recovery begins")
        self.reader = None
        self._open -= 1
        self._scene.after(0.002, self._grant_next)

    def _grant_next(self) -> None:
        if not self.queue:
            return
        waiter = self.queue.pop(0)
        self._report_grant(waiter)
        if waiter.backend.client_is_gone:
            self.log(waiter.backend, "LOG", "could not send data to client: Broken pipe", statement=waiter.statement)
            self.log(waiter.backend, "FATAL", "connection to client lost", statement=waiter.statement)
            self._open -= 1
        else:
            waiter.go_on()
        self._scene.after(self._scene.random.uniform(0.001, 0.012), self._grant_next)

    def _report_grant(self, waiter: Waiter) -> None:
        acquired = f"process {waiter.backend.pid} acquired {self._lock(waiter)} after {self._waited_ms(waiter)} ms"
        line, text = self.log(waiter.backend, "LOG", acquired, statement=waiter.statement)
        self.log(waiter.backend, "LOG", f"duration: {self._waited_ms(waiter)} ms  statement: {waiter.statement}")
        if waiter.mode == "AccessExclusiveLock":
            self._remember(line, text, role="correlated", why="the migration gets its lock at last")
