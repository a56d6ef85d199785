import json
import os
from pathlib import Path

import pytest

KEPT = Path(__file__).parent / "kept"


@pytest.fixture
def same_as_kept():
    """Compare a payload with the file kept under its name; TRIAGE_TEST_KEEP_PAYLOADS=1 writes the files anew."""

    def compare(name, payload):
        path = KEPT / f"{name}.json"
        if os.environ.get("TRIAGE_TEST_KEEP_PAYLOADS"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(payload, indent=1, ensure_ascii=False) + "\n")
        assert payload == json.loads(path.read_text())

    return compare
