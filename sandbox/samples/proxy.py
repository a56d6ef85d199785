"""The nginx in front: it spreads requests over the instances, gives up after a while, and logs both to one stream."""

from collections.abc import Sequence
from itertools import count

from sandbox.samples.application import Instance
from sandbox.samples.scene import Scene
from sandbox.samples.shop import Request

READ_TIMEOUT_SECONDS = 60.0
FAIL_TIMEOUT_SECONDS = 10.0  # nginx leaves a failed upstream alone for so long
HOST = "shop.example"
SCANNED = (
    "/wp-login.php",
    "/.env",
    "/phpmyadmin/index.php",
    "/.git/config",
    "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
)


class Proxy:
    """nginx with three upstreams; access and error lines share one stream, as in its container image."""

    def __init__(self, scene: Scene, instances: Sequence[Instance]) -> None:
        self._scene = scene
        self._instances = instances
        self._turn = count()
        self._unavailable_until: dict[str, float] = {}

    def receive(self, request: Request) -> None:
        turn = next(self._turn) % len(self._instances)
        tried: list[Instance] = []
        for instance in (*self._instances[turn:], *self._instances[:turn]):
            if self._scene.now < self._unavailable_until.get(instance.address, 0.0):
                continue
            tried.append(instance)
            if instance.is_up:
                self._pass_to(request, tried)
                return
            self._refused(request, instance)
        if not tried:
            self._error(request, "no live upstreams while connecting to upstream", "shop_api")
        self._answer(request, 502, tried, 0.001)

    def _pass_to(self, request: Request, tried: list[Instance]) -> None:
        self._scene.after(READ_TIMEOUT_SECONDS, lambda: self._time_out(request, tried))
        self._scene.after(request.patience_seconds, lambda: self._client_left(request, tried))
        tried[-1].serve(request, lambda status: self._served(request, status, tried))

    def _served(self, request: Request, status: int, tried: list[Instance]) -> None:
        if request.answered:
            return
        if status == 0:
            what = "upstream prematurely closed connection while reading response header from upstream"
            self._error(request, what, tried[-1].address)
        self._answer(request, status or 502, tried, self._scene.now - request.started)

    def _refused(self, request: Request, instance: Instance) -> None:
        line, text = self._error(
            request, "connect() failed (111: Connection refused) while connecting to upstream", instance.address
        )
        self._unavailable_until[instance.address] = self._scene.now + FAIL_TIMEOUT_SECONDS
        self._scene.remember(self._scene.proxy, line, text, role="correlated", why="an instance is down: 502")

    def _time_out(self, request: Request, tried: list[Instance]) -> None:
        if request.answered:
            return
        what = "upstream timed out (110: Connection timed out) while reading response header from upstream"
        line, text = self._error(request, what, tried[-1].address)
        self._scene.remember(
            self._scene.proxy, line, text, role="correlated", why="requests hang until the proxy gives up: 504"
        )
        self._answer(request, 504, tried, READ_TIMEOUT_SECONDS)

    def _client_left(self, request: Request, tried: list[Instance]) -> None:
        if not request.answered:
            self._answer(request, 499, tried, request.patience_seconds)

    def _answer(self, request: Request, status: int, tried: list[Instance], seconds: float) -> None:
        request.answered = True
        usual = int(request.page.usual_bytes * self._scene.random.uniform(0.6, 1.5))
        size = {499: 0, 500: 134, 502: 157, 504: 167}.get(status, usual)
        upstreams = ", ".join(instance.address for instance in tried) or "shop_api"
        times = ", ".join(["0.000"] * (len(tried) - 1) + [f"{seconds:.3f}"])
        referrer = "-" if request.browser.startswith("acquirer") else f"https://{HOST}/"
        self._scene.proxy.write(
            f"{request.client} - - [{self._scene.time:%d/%b/%Y:%H:%M:%S} +0000] "
            f'"{request.page.method} {request.target} HTTP/1.1" {status} {size} "{referrer}" "{request.browser}" '
            f'rt={seconds:.3f} urt="{times}" us="{upstreams}" '
            f"rid={request.request_id}"
        )

    def _error(self, request: Request, what: str, upstream: str) -> tuple[int, str]:
        text = (
            f"{self._scene.time:%Y/%m/%d %H:%M:%S} [error] 29#29: *{request.number} {what}, client: {request.client}, "
            f'server: {HOST}, request: "{request.page.method} {request.target} HTTP/1.1", '
            f'upstream: "http://{upstream}{request.target}", host: "{HOST}"'
        )
        return self._scene.proxy.write(text), text

    def scan(self) -> None:
        """Somebody's scanner comes by, as on every public address."""
        path = self._scene.random.choice(SCANNED)
        client = f"203.0.113.{self._scene.random.randint(2, 254)}"
        self._scene.proxy.write(
            f'{client} - - [{self._scene.time:%d/%b/%Y:%H:%M:%S} +0000] "GET {path} HTTP/1.1" 404 153 "-" "-" '
            f'rt=0.000 urt="-" us="-" rid={self._scene.random.getrandbits(64):016x}'
        )

    def buffer_to_disk(self) -> None:
        """A warning that means nothing here: a response larger than the buffers."""
        random = self._scene.random
        path = "/api/catalog/export.csv"
        name = f"{random.randint(1, 9)}/{random.randint(10, 99)}/{random.randint(1, 9999):010}"
        self._scene.proxy.write(
            f"{self._scene.time:%Y/%m/%d %H:%M:%S} [warn] 29#29: *{random.randint(40_000, 60_000)} "
            f"an upstream response is buffered to a temporary file /var/cache/nginx/proxy_temp/{name} "
            f"while reading upstream, client: 203.0.113.{random.randint(2, 254)}, server: {HOST}, "
            f'request: "GET {path} HTTP/1.1", upstream: "http://10.20.4.11:8080{path}", host: "{HOST}"'
        )
