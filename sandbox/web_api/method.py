"""What a Web API method is: a function of a call, with the scopes it needs and the tier it is limited by."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.json_object import JsonObject
from sandbox.rates import Tier
from sandbox.web_api.call import Call


@dataclass(frozen=True)
class Method:
    """`run` answers what is besides `ok`, or raises Refused. One of `scopes` has to be granted, none means free."""

    name: str
    run: Callable[[Call], JsonObject]
    tier: Tier
    scopes: tuple[str, ...] = ()
