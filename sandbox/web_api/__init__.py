"""Slack's Web API: one module per family of methods, one function per method."""

from sandbox.web_api import apps, chat, conversations, files, pins, reactions, users, views
from sandbox.web_api.method import Method

METHODS: dict[str, Method] = {
    method.name: method
    for family in (apps, chat, conversations, files, pins, reactions, users, views)
    for method in family.METHODS
}

__all__ = ["METHODS"]
