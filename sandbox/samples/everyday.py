"""What the logs hold on any day: housekeeping, other clients of the database, and warnings that lead nowhere."""

from collections.abc import Sequence

from sandbox.samples.application import Instance
from sandbox.samples.database import Database
from sandbox.samples.proxy import Proxy
from sandbox.samples.scene import Scene
from sandbox.samples.stack_traces import unreadable_request

# Warnings that were there before the outage and after it: they explain nothing.
RED_HERRINGS = (
    {"file": "checkout-api.log", "contains": "Card declined", "why_not": "customers' cards, at the usual rate"},
    {"file": "checkout-api.log", "contains": "answered slowly", "why_not": "the acquirer is as slow as before"},
    {
        "file": "checkout-api.log",
        "contains": "HttpMessageNotReadableException",
        "why_not": "broken requests of one client, all day",
    },
    {"file": "checkout-api.log", "contains": "certificate of pay.example expires", "why_not": "in three weeks"},
    {
        "file": "postgres.log",
        "contains": "payment_event_pkey",
        "why_not": "webhooks delivered twice are refused by design",
    },
    {"file": "postgres.log", "contains": "from inventory", "why_not": "slow, but no slower than before"},
    {"file": "nginx.log", "contains": "wp-login.php", "why_not": "scanners get 404"},
    {"file": "nginx.log", "contains": "buffered to a temporary file", "why_not": "a large export, as every day"},
)


class Everyday:
    """Sees to it that the ordinary happens, at its ordinary pace."""

    def __init__(self, scene: Scene, database: Database, instances: Sequence[Instance], proxy: Proxy) -> None:
        self._scene = scene
        self._database = database
        self._instances = instances
        self._checkpoints = 0
        for mean_seconds, act in (
            (38, self._card_declined),
            (75, self._slow_acquirer),
            (310, self._broken_request),
            (16, self._outbox),
            (55, self._expired_carts),
            (1.0, self._stock_sync),
            (42, self._double_webhook),
            (21, self._slow_query),
            (240, self._client_reset),
            (50, proxy.scan),
            (170, proxy.buffer_to_disk),
        ):
            scene.now_and_then(mean_seconds / scene.scale, act)
        scene.every(15, self._exporter)
        scene.every(300, self._checkpoint)
        scene.every(900, self._certificate)
        scene.now_and_then(200, self._autovacuum)

    def _somewhere(self) -> Instance | None:
        """An instance that is up, if there is one."""
        up = [instance for instance in self._instances if instance.is_up]
        return self._scene.random.choice(up) if up else None

    def _say(self, level: str, logger: str, message: str, *trace: str, thread: str | None = None) -> None:
        if instance := self._somewhere():
            random = self._scene.random
            request_id = "" if thread else f"{random.getrandbits(64):016x}"
            thread = thread or f"nio-8080-exec-{random.randint(1, 200)}"
            instance.log(level, logger, message, *trace, thread=thread, request_id=request_id)

    def _card_declined(self) -> None:
        code = self._scene.random.choice(("insufficient_funds", "expired_card", "do_not_honor"))
        payment = f"pay_{self._scene.random.getrandbits(40):010x}"
        self._say("WARN", "c.e.shop.payment.PaymentService", f"Card declined for {payment}: {code}")

    def _slow_acquirer(self) -> None:
        took_ms = self._scene.random.randint(1500, 2900)
        self._say(
            "WARN",
            "c.e.shop.payment.AcquirerClient",
            f"POST https://pay.example/v2/charges answered slowly: {took_ms} ms",
        )

    def _broken_request(self) -> None:
        message = "Unreadable request body: POST /api/cart/import/items"
        self._say("ERROR", "c.e.shop.web.GlobalExceptionHandler", message, *unreadable_request())

    def _outbox(self) -> None:
        count = self._scene.random.randint(1, 40)
        self._say(
            "INFO", "c.e.shop.outbox.OutboxPublisher", f"Published {count} events to shop.orders", thread="scheduling-1"
        )

    def _expired_carts(self) -> None:
        count = self._scene.random.randint(0, 14)
        self._say("INFO", "c.e.shop.cart.CartExpiry", f"Expired {count} abandoned carts", thread="scheduling-1")

    def _certificate(self) -> None:
        message = "The certificate of pay.example expires in 21 days"
        self._say("WARN", "c.e.shop.ops.CertificateCheck", message, thread="scheduling-1")

    def _stock_sync(self) -> None:
        backend = self._database.connect("stock_sync", "10.20.6.3", "stock-sync")
        if backend is not None:
            self._scene.after(self._scene.random.uniform(0.02, 0.4), lambda: self._database.disconnect(backend))

    def _exporter(self) -> None:
        backend = self._database.connect("exporter", "10.20.9.2", "postgres_exporter")
        if backend is not None:
            self._scene.after(0.06, lambda: self._database.disconnect(backend))

    def _double_webhook(self) -> None:
        event = f"evt_{self._scene.random.getrandbits(48):012x}"
        self._database.log(
            self._database.passing("checkout"),
            "ERROR",
            'duplicate key value violates unique constraint "payment_event_pkey"',
            detail=f"Key (event_id)=({event}) already exists.",
            statement="insert into payment_event (event_id,received_at,payload) values ($1,$2,$3)",
        )

    def _slow_query(self) -> None:
        took_ms = self._scene.random.uniform(510, 940)
        query = "select i.sku,i.on_hand,i.reserved from inventory i where i.updated_at > $1 order by i.updated_at"
        self._database.log(
            self._database.passing("stock_sync"), "LOG", f"duration: {took_ms:.3f} ms  statement: {query}"
        )

    def _client_reset(self) -> None:
        message = "could not receive data from client: Connection reset by peer"
        self._database.log(self._database.passing("metabase"), "LOG", message)

    def _autovacuum(self) -> None:
        table = self._scene.random.choice(("carts", "cart_items", "outbox_event"))
        removed = self._scene.random.randint(120, 4200)
        self._database.log(
            None, "LOG", f'automatic analyze of table "shop.public.{table}"', detail=f"{removed} rows had changed."
        )

    def _checkpoint(self) -> None:
        self._database.log(None, "LOG", "checkpoint starting: time")
        buffers, seconds = self._scene.random.randint(180, 900), self._scene.random.uniform(18, 90)
        message = (
            f"checkpoint complete: wrote {buffers} buffers ({buffers / 163.84:.1f}%); "
            "0 WAL file(s) added, 0 removed, 1 recycled; "
            f"write={seconds:.3f} s, sync=0.011 s, total={seconds + 0.03:.3f} s; "
            f"sync files={buffers // 9}, longest=0.004 s, average=0.001 s; "
            f"distance={buffers * 21} kB, estimate={buffers * 24} kB"
        )
        self._scene.after(seconds, lambda: self._database.log(None, "LOG", message))
