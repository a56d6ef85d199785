"""A real S3 API server on this machine, and the environment that leads obstore to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import httpx
from moto.server import ThreadedMotoServer

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "fake-key-of-the-tests", "AWS_SECRET_ACCESS_KEY": "fake-secret-of-the-tests"}


@dataclass
class S3Server:
    server: ThreadedMotoServer
    endpoint: str

    @property
    def environment(self) -> dict[str, str]:
        """What somebody sets who keeps artifacts on a server of their own."""
        return {**CREDENTIALS, "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": self.endpoint, "AWS_ALLOW_HTTP": "true"}

    def make_bucket(self) -> str:
        """A new bucket's name."""
        name = f"bucket-{uuid4().hex}"
        httpx.put(f"{self.endpoint}/{name}").raise_for_status()
        return name

    def keys(self, bucket: str) -> list[str]:
        return _all(httpx.get(f"{self.endpoint}/{bucket}").text, "Key")

    def unfinished_uploads(self, bucket: str) -> list[str]:
        return _all(httpx.get(f"{self.endpoint}/{bucket}?uploads").text, "UploadId")

    @contextmanager
    def refusing_credentials(self) -> Iterator[None]:
        """Every signed call is checked meanwhile, and nobody is known."""
        self._check_credentials_after("0")
        try:
            yield
        finally:
            self._check_credentials_after("inf")

    def _check_credentials_after(self, calls: str) -> None:
        httpx.post(f"{self.endpoint}/moto-api/reset-auth", content=calls).raise_for_status()


def _all(xml: str, tag: str) -> list[str]:
    return [part.partition(f"</{tag}>")[0] for part in xml.split(f"<{tag}>")[1:]]


@contextmanager
def running_s3() -> Iterator[S3Server]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield S3Server(server, f"http://{host}:{port}")
    finally:
        server.stop()
