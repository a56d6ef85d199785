"""The story: a migration queues behind a long report, all else queues behind the migration, the shop stands still.

A report has been reading `orders` for eight minutes. A migration wants to add a column, for which it needs the whole
table to itself: it waits for the report, and every later statement on `orders` waits for the migration. Each waiting
statement holds a connection of the application's pools until they are empty; requests time out, health checks fail,
restarted instances leave their waiting connections behind in the database until it has none left for anybody. It ends
when somebody terminates the report.
"""

from pathlib import Path

from sandbox.samples.application import Instance
from sandbox.samples.database import Database
from sandbox.samples.everyday import RED_HERRINGS, Everyday
from sandbox.samples.proxy import Proxy
from sandbox.samples.scene import APPLICATION, DATABASE, PROXY, Scene
from sandbox.samples.shop import Visitors

REPORT_BEGINS, MIGRATION_BEGINS, REPORT_ENDS, END = "13:58:04", "14:06:01", "14:27:21", "14:45:00"
VISITORS_GIVE_UP, VISITORS_COME_BACK = "14:08:30", "14:29:30"
REQUESTS_PER_SECOND, REQUESTS_PER_SECOND_IN_THE_OUTAGE = 2.6, 1.3
# What one play at scale 1 writes, over the three files; found by counting.
BYTES_AT_SCALE_1 = 5_500_000
MIGRATION = "ALTER TABLE orders ADD COLUMN gift_note text NOT NULL DEFAULT ''"
REPORT = (
    "SELECT date_trunc('week', o.placed_at) AS week, i.category, count(DISTINCT o.id), sum(i.price_cents) "
    "FROM orders o JOIN order_items i ON i.order_id = o.id GROUP BY 1, 2 ORDER BY 1, 2 /* Metabase:: dashboard 41 */"
)


def write_samples(directory: Path, *, seed: int = 7, total_bytes: int = BYTES_AT_SCALE_1) -> dict[str, object]:
    """Write the three logs, about `total_bytes` together, and return their answer sheet.

    The sheet stays out of the folder: people drop all they find there into a thread.

    Larger logs tell the same story of a busier shop. The logs are streamed: memory holds the requests under way only.
    """
    directory.mkdir(parents=True, exist_ok=True)
    scene = Scene(directory, seed=seed, scale=total_bytes / BYTES_AT_SCALE_1)
    _Plot(scene).prepare()
    scene.play_until(END)
    return _answers(scene, seed)


class _Plot:
    """Sets up the players and writes the turns of the story into the agenda."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._database = Database(scene)
        self._instances = [Instance(scene, self._database, number) for number in (1, 2, 3)]
        self._proxy = Proxy(scene, self._instances)
        self._visitors = Visitors(scene.random)
        self._rate = REQUESTS_PER_SECOND * scene.scale
        for _ in range(16):  # other clients that stay connected: reporting, administration, a replica's slot
            self._database.existing("metabase", "10.20.9.14")
        Everyday(scene, self._database, self._instances, self._proxy)

    def prepare(self) -> None:
        self._next_visitor()
        self._scene.at(REPORT_BEGINS, self._report)
        self._scene.at(MIGRATION_BEGINS, self._migrate)
        self._scene.at(VISITORS_GIVE_UP, lambda: self._set_rate(REQUESTS_PER_SECOND_IN_THE_OUTAGE))
        self._scene.at(REPORT_ENDS, lambda: self._database.terminate_reader(REPORT))
        self._scene.at(VISITORS_COME_BACK, lambda: self._set_rate(REQUESTS_PER_SECOND))

    def _set_rate(self, requests_per_second: float) -> None:
        self._rate = requests_per_second * self._scene.scale

    def _next_visitor(self) -> None:
        self._proxy.receive(self._visitors.next_request(self._scene.now))
        self._scene.after(self._scene.random.expovariate(self._rate), self._next_visitor)

    def _report(self) -> None:
        self._database.reader = self._database.connect("metabase", "10.20.9.14", "Metabase")

    def _migrate(self) -> None:
        backend = self._database.connect("migrator", "10.20.8.5", "Flyway")
        if backend is not None:
            self._database.wait_for_orders(
                backend, "AccessExclusiveLock", MIGRATION, lambda: self._database.disconnect(backend)
            )


def _answers(scene: Scene, seed: int) -> dict[str, object]:
    first = scene.evidence[0]
    visible = next(note for note in scene.evidence if note["file"] == APPLICATION)
    return {
        "seed": seed,
        "title": "A migration waits behind a long report and blocks every statement on the table orders",
        "cause": "ALTER TABLE orders needs an ACCESS EXCLUSIVE lock; a report that began at "
        f"{REPORT_BEGINS} holds the table, and all later statements queue behind the migration",
        "consequences": [
            "the connection pools of the application run empty",
            "health checks fail and instances are restarted",
            "the database runs out of connection slots",
            "the proxy answers 500, 502 and 504",
        ],
        "component": "postgres",
        "files": [APPLICATION, DATABASE, PROXY],
        "began_at": first["at"],
        "first_failure_at": visible["at"],
        "ended_by": f"the report was terminated at {REPORT_ENDS}",
        "evidence": scene.evidence,
        "red_herrings": list(RED_HERRINGS),
    }
