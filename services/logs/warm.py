"""`python -m services.logs.warm`: compile the loops for large logs now, so that no first triage waits for it."""

import importlib


def warm() -> None:
    """Compile the loops, or load them where that is done already."""
    importlib.import_module("services.logs.kernel")


if __name__ == "__main__":
    warm()
