"""An instance of the checkout application: its connection pool, its health checks, its restarts, and its log."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sandbox.samples import stack_traces
from sandbox.samples.database import SLOTS_GONE, Backend, Database
from sandbox.samples.scene import Scene
from sandbox.samples.shop import Request

POOL_SIZE = 20
CONNECTION_TIMEOUT_SECONDS = 30.0
HEALTH_CHECK_SECONDS = 10.0
FAILURES_UNTIL_RESTART = 9
GRACE_SECONDS = 20.0
VERSION = "2.30.4"
STATEMENTS = {
    "GET": "select o1_0.id,o1_0.cart_id,o1_0.placed_at,o1_0.status,o1_0.total_cents from orders o1_0 where o1_0.id=$1",
    "POST": "insert into orders (cart_id,currency,placed_at,status,total_cents,id) values ($1,$2,$3,$4,$5,$6)",
}

Answer = Callable[[int], None]


@dataclass(eq=False)
class Visit:
    """A request inside this instance, and the way back to the proxy (status 0: the connection broke)."""

    request: Request
    answer: Answer
    thread: str
    since: float


class Instance:
    """One process of the application behind the proxy."""

    def __init__(self, scene: Scene, database: Database, number: int) -> None:
        self.name = f"app-{number}"
        self.host = f"10.20.4.{10 + number}"
        self.address = f"{self.host}:8080"
        self.is_up = True
        self._scene = scene
        self._database = database
        self._idle: list[Backend] = [database.existing("checkout", self.host) for _ in range(POOL_SIZE)]
        self._stuck: dict[int, tuple[Backend, Visit]] = {}
        self._pending: list[Visit] = []
        self._failed_checks = 0
        self._backoff_seconds = 10.0
        scene.after(number * 3.1, lambda: scene.every(HEALTH_CHECK_SECONDS, self._check_health))

    def log(
        self, level: str, logger: str, message: str, *trace: str, thread: str = "main", request_id: str = ""
    ) -> tuple[int, str]:
        """Write a message and its stack trace; return the first line's number and text."""
        time = self._scene.time
        text = (
            f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}Z {level:>5} 1 --- [{self.name}] [{thread:>16}] "
            f"[{request_id:16}] {logger:<40} : {message}"
        )
        return self._scene.application.write(text, *trace), text

    def serve(self, request: Request, answer: Answer) -> None:
        thread = f"nio-8080-exec-{self._scene.random.randint(1, 200)}"
        self._take_up(Visit(request, answer, thread, self._scene.now))

    def _take_up(self, visit: Visit) -> None:
        page = visit.request.page
        if page.needs != "cache" and not self._idle:
            self._pending.append(visit)
            self._scene.after(CONNECTION_TIMEOUT_SECONDS, lambda: self._give_up(visit))
        elif page.needs == "orders" and self._database.orders_is_locked:
            self._wait_for_orders(visit)
        else:
            self._work(visit)

    def _work(self, visit: Visit) -> None:
        seconds = visit.request.page.usual_seconds * self._scene.random.lognormvariate(0, 0.45)
        if visit.request.page.path == "/api/checkout":
            self._log_order(visit, seconds)
        self._scene.after(seconds, lambda: self._complete(visit))

    def _complete(self, visit: Visit) -> None:
        page, request = visit.request.page, visit.request
        created = page.method == "POST" and "webhook" not in page.path
        if page.needs != "cache":
            took_ms = round((self._scene.now - visit.since) * 1000)
            path = request.target.partition("?")[0]
            self._say(
                visit,
                "INFO",
                "c.e.shop.web.RequestLogFilter",
                f"{page.method} {path} {201 if created else 200} {took_ms} ms",
            )
        if request.answered:
            why = "java.io.IOException: Broken pipe"
            self._say(
                visit,
                "WARN",
                "c.e.shop.web.RequestLogFilter",
                f"The client had left before the response was written: {why}",
            )
        visit.answer(201 if created else 200)

    def _log_order(self, visit: Visit, seconds: float) -> None:
        """An order on its way: stock, payment (which takes the time), order."""
        random, request = self._scene.random, visit.request
        payment = f"Payment pay_{random.getrandbits(40):010x} authorised: {random.randint(900, 48_000) / 100:.2f} EUR"
        for share, logger, message in (
            (0.1, "c.e.shop.stock.StockService", f"Reserved {random.randint(1, 5)} items for cart {request.cart}"),
            (0.85, "c.e.shop.payment.PaymentService", payment),
            (0.97, "c.e.shop.order.OrderService", f"Order {request.order} placed from cart {request.cart}"),
        ):
            self._scene.after(share * seconds, partial(self._say, visit, "INFO", logger, message))

    def _say(self, visit: Visit, level: str, logger: str, message: str, *trace: str) -> tuple[int, str]:
        return self.log(level, logger, message, *trace, thread=visit.thread, request_id=visit.request.request_id)

    def _wait_for_orders(self, visit: Visit) -> None:
        backend = self._idle.pop()
        self._stuck[backend.pid] = (backend, visit)
        method = visit.request.page.method
        statement = f"{STATEMENTS[method]} /* request_id='{visit.request.request_id}' */"
        mode = "AccessShareLock" if method == "GET" else "RowExclusiveLock"
        self._database.wait_for_orders(backend, mode, statement, lambda: self._go_on(backend, visit))

    def _go_on(self, backend: Backend, visit: Visit) -> None:
        del self._stuck[backend.pid]
        self._idle.append(backend)
        self._work(visit)
        if self._pending:
            self._take_up(self._pending.pop(0))

    def _pool_state(self) -> str:
        active = len(self._stuck)
        return (
            f"(total={active + len(self._idle)}, active={active}, idle={len(self._idle)}, waiting={len(self._pending)})"
        )

    def _give_up(self, visit: Visit) -> None:
        if visit not in self._pending:
            return
        self._pending.remove(visit)
        waited_ms = round((self._scene.now - visit.since) * 1000) + self._scene.random.randint(0, 4)
        pool = self._pool_state()
        self._say(visit, "WARN", "o.h.engine.jdbc.spi.SqlExceptionHelper", "SQL Error: 0, SQLState: null")
        line, text = self._say(
            visit, "ERROR", "o.h.engine.jdbc.spi.SqlExceptionHelper", stack_traces.timed_out(waited_ms, pool)
        )
        self._remember(line, text, "the application's pool has no connection left")
        request = f"{visit.request.page.method} {visit.request.target} failed"
        trace = stack_traces.no_connection(visit.request.target, waited_ms, pool)
        self._say(visit, "ERROR", "c.e.shop.web.GlobalExceptionHandler", request, *trace)
        visit.answer(500)

    def _remember(self, line: int, text: str, why: str) -> None:
        self._scene.remember(self._scene.application, line, text, role="correlated", why=why)

    def _check_health(self) -> None:
        """The check needs a connection too: where there is none, it fails when its wait for one has timed out."""
        if self.is_up and not self._idle:
            self._scene.after(CONNECTION_TIMEOUT_SECONDS, self._fail_health_check)
        else:
            self._failed_checks = 0

    def _fail_health_check(self) -> None:
        if not self.is_up or self._idle:
            return
        self._failed_checks += 1
        why = stack_traces.timed_out(round(CONNECTION_TIMEOUT_SECONDS * 1000), self._pool_state())
        trace = stack_traces.failed_health_check(why)
        message = "DataSource health check failed"
        self.log("WARN", "o.s.b.a.jdbc.DataSourceHealthIndicator", message, *trace, thread="nio-8081-exec-1")
        if self._failed_checks == FAILURES_UNTIL_RESTART:
            self._stop()

    def _stop(self) -> None:
        """The supervisor asks the instance to stop; what hangs does not end within the grace."""
        self.is_up = False
        logger = "o.s.b.w.e.tomcat.GracefulShutdown"
        message = "Commencing graceful shutdown. Waiting for active requests to complete"
        line, text = self.log("INFO", logger, message, thread="ionShutdownHook")
        self._remember(line, text, "the supervisor restarts an instance that fails its health check")
        self._scene.after(GRACE_SECONDS, self._end)

    def _end(self) -> None:
        message = "Graceful shutdown aborted with one or more requests still active"
        self.log("INFO", "o.s.b.w.e.tomcat.GracefulShutdown", message, thread="tomcat-shutdown")
        for backend in self._idle:
            self._database.disconnect(backend)
        for backend, _ in self._stuck.values():
            backend.client_is_gone = True  # the server notices only when it has something to send
        visits = [*self._pending, *(visit for _, visit in self._stuck.values())]
        self._idle, self._stuck, self._pending = [], {}, []
        for visit in visits:
            visit.answer(0)
        self._scene.after(4.2, self._start)

    def _start(self) -> None:
        jar = "(/app/checkout-api.jar started by app in /app)"
        starting = f"Starting CheckoutApplication v{VERSION} using Java 21.0.10 with PID 1 {jar}"
        self.log("INFO", "c.e.shop.CheckoutApplication", starting)
        self.log("INFO", "c.e.shop.CheckoutApplication", 'The following 1 profile is active: "production"')
        self._scene.after(3.7, self._open_pool)

    def _open_pool(self) -> None:
        self.log("INFO", "com.zaxxer.hikari.HikariDataSource", "HikariPool-1 - Starting...")
        first = self._database.connect("checkout", self.host, "PostgreSQL JDBC Driver")
        if first is None:
            self._scene.after(1.04, self._fail_to_start)  # Hikari tries for a second
            return
        self._idle = [first]
        completed = partial(self.log, "INFO", "com.zaxxer.hikari.HikariDataSource", "HikariPool-1 - Start completed.")
        self._scene.after(0.061, completed)
        self._scene.after(5.4, self._started)

    def _fail_to_start(self) -> None:
        trace = stack_traces.pool_did_not_start(SLOTS_GONE)
        message = "HikariPool-1 - Exception during pool initialization."
        line, text = self.log("ERROR", "com.zaxxer.hikari.pool.HikariPool", message, *trace)
        self._remember(line, text, "a restarted instance is refused by the database and cannot start")
        self.log("ERROR", "o.s.boot.SpringApplication", "Application run failed")
        self._scene.after(self._backoff_seconds, self._start)
        self._backoff_seconds = min(2 * self._backoff_seconds, 160.0)

    def _started(self) -> None:
        self._fill_pool()
        self.log(
            "INFO",
            "o.s.b.w.embedded.tomcat.TomcatWebServer",
            "Tomcat started on port 8080 (http) with context path '/'",
        )
        took = "Started CheckoutApplication in 9.1 seconds (process running for 9.8)"
        self.log("INFO", "c.e.shop.CheckoutApplication", took)
        self.is_up = True
        self._failed_checks = 0
        self._backoff_seconds = 10.0

    def _fill_pool(self) -> None:
        while len(self._idle) < POOL_SIZE:
            backend = self._database.connect("checkout", self.host, "PostgreSQL JDBC Driver")
            if backend is None:
                return
            self._idle.append(backend)
