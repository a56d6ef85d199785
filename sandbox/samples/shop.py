"""The shop's visitors: what they ask for, from where, with what, and how long they are willing to wait."""

from dataclasses import dataclass
from random import Random
from typing import Literal


@dataclass(frozen=True)
class Page:
    """A kind of request: how often it comes, what it needs, and how long it usually takes."""

    method: str
    path: str
    share: float
    needs: Literal["cache", "database", "orders"]
    usual_seconds: float
    usual_bytes: int


PAGES = (
    Page("GET", "/api/catalog/items/{item}", 0.30, "cache", usual_seconds=0.009, usual_bytes=2100),
    Page("GET", "/api/catalog/search?q={word}&page={page}", 0.12, "cache", usual_seconds=0.038, usual_bytes=9400),
    Page("GET", "/api/cart/{cart}", 0.16, "database", usual_seconds=0.014, usual_bytes=1300),
    Page("POST", "/api/cart/{cart}/items", 0.11, "database", usual_seconds=0.026, usual_bytes=410),
    Page("GET", "/api/orders/{order}", 0.12, "orders", usual_seconds=0.018, usual_bytes=1800),
    Page("POST", "/api/checkout", 0.14, "orders", usual_seconds=0.310, usual_bytes=620),
    Page("POST", "/api/payments/webhook", 0.05, "orders", usual_seconds=0.042, usual_bytes=2),
)
WORDS = ("lamp", "desk+lamp", "rug", "chair", "oak+table", "mirror", "shelf", "sofa", "curtain", "vase", "bed+frame")
_WEBKIT, _IOS_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)", "AppleWebKit/605.1.15 (KHTML, like Gecko)"
BROWSERS = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/145.0.0.0 Safari/537.36",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 19_2 like Mac OS X) {_IOS_WEBKIT} Version/19.2 Mobile/15E148 Safari/604.1",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_IOS_WEBKIT} Version/19.1 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0",
    f"Mozilla/5.0 (Linux; Android 16) {_WEBKIT} Chrome/145.0.0.0 Mobile Safari/537.36",
)
PAYMENT_PROVIDER = "acquirer-webhooks/3.2 (+https://pay.example)"


@dataclass
class Request:
    """One visitor's request on its way through the shop."""

    page: Page
    target: str
    request_id: str
    client: str
    browser: str
    number: int
    order: int
    cart: str
    started: float
    patience_seconds: float
    answered: bool = False


class Visitors:
    """An endless supply of requests."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._number = 48_113
        self._order = 4_481_900
        self._shares = [page.share for page in PAGES]

    def next_request(self, now: float) -> Request:
        random = self._random
        page = random.choices(PAGES, self._shares)[0]
        self._number += random.randint(1, 3)
        self._order += 1
        cart = f"c{random.getrandbits(32):08x}"
        webhook = page.path.endswith("webhook")
        return Request(
            page=page,
            target=self._target(page, cart),
            request_id=f"{random.getrandbits(64):016x}",
            client="198.51.100.7" if webhook else self._address(),
            browser=PAYMENT_PROVIDER if webhook else random.choice(BROWSERS),
            number=self._number,
            order=self._order,
            cart=cart,
            started=now,
            patience_seconds=30.0 if webhook else 6 + random.expovariate(1 / 40),
        )

    def _address(self) -> str:
        network = self._random.choice(("203.0.113", "198.51.100", "192.0.2"))
        return f"{network}.{self._random.randint(2, 254)}"

    def _target(self, page: Page, cart: str) -> str:
        random = self._random
        return page.path.format(
            item=random.randint(10_000, 19_999),
            word=random.choice(WORDS),
            page=random.randint(1, 6),
            cart=cart,
            order=self._order - random.randint(1, 900),
        )
