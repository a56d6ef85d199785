"""docs/sandbox.md and the sandbox say the same."""

import re
from pathlib import Path

from starlette.routing import Mount, Route

from sandbox.assembly import Sandbox
from sandbox.config import SandboxConfig
from sandbox.faults import ANSWER_KINDS, DELIVERY_KINDS, INTERACTION_KINDS, SOCKET_KINDS, Fault
from sandbox.manifest import DEFAULT_MANIFEST
from sandbox.web import web_application

DOCUMENT = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")


def served_calls(tmp_path):
    sandbox = Sandbox(SandboxConfig(), DEFAULT_MANIFEST, url="http://127.0.0.1:1", spool=tmp_path)
    mount = next(each for each in web_application(sandbox).routes if isinstance(each, Mount) and each.path == "/people")
    routes = [each for each in mount.routes if isinstance(each, Route)]
    return {(method, route.path.split("{")[0].strip("/")) for route in routes for method in route.methods - {"HEAD"}}


def test_every_call_of_people_is_in_the_document_and_the_other_way_round(tmp_path):
    rows = re.findall(r"`(GET|POST|DELETE) /people/(\w+)", DOCUMENT)
    also = {("GET", "faults"), ("DELETE", "faults")} if "also `GET` and `DELETE`" in DOCUMENT else set()
    assert set(rows) | also == served_calls(tmp_path)


def test_every_fault_and_what_it_needs_is_in_the_document():
    kinds = {*ANSWER_KINDS, *DELIVERY_KINDS, *INTERACTION_KINDS, *SOCKET_KINDS, *Fault.model_fields}
    kinds -= {"id", "target", "kind"}
    section = DOCUMENT.split("## Faults on demand")[1].split("\n## ")[0]
    for name in kinds:
        assert f"`{name}`" in section, name
