"""The command `triage`. Subcommands are imported when they are used, for start-up is most of a short run."""

import gc
from importlib import import_module

import click

_COMMANDS = {
    "accuracy": ("bot.commands.accuracy", "accuracy"),
    "analyze": ("bot.terminal.analyze", "analyze"),
    "demo": ("bot.commands.demo", "demo"),
    "doctor": ("bot.commands.doctor", "doctor"),
    "migrate": ("bot.commands.serve", "migrate"),
    "outbox": ("bot.commands.outbox", "outbox"),
    "problems": ("bot.commands.problems", "problems"),
    "serve": ("bot.commands.serve", "serve"),
    "templates": ("bot.terminal.templates", "templates"),
    "worker": ("bot.commands.serve", "worker"),
}
# Reading makes objects by the hundred thousand and hardly a cycle: looking for cycles as often as Python does by itself
# is a tenth of a short run.
_READING = "bot.terminal."
_OBJECTS_BETWEEN_COLLECTIONS = 200_000


class LazyGroup(click.Group):
    """A group that imports a subcommand's module when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*_COMMANDS, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, attribute = _COMMANDS[cmd_name]
        if module.startswith(_READING):
            gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
        command = getattr(import_module(module), attribute)
        return command if isinstance(command, click.Command) else None


@click.group(cls=LazyGroup)
@click.version_option(package_name="sre-triage-agent")
def main() -> None:
    """First responder for incidents: reads logs and says what broke."""


if __name__ == "__main__":
    main()
