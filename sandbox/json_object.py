"""The type of what travels over the wire."""

from typing import Any

JsonObject = dict[str, Any]
