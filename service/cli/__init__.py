"""The command line: one file per command group."""

from flask import Flask

from service.cli import (
    articles,
    check,
    database,
    demo,
    explain,
    export,
    feature,
    finance,
    moderation,
    privacy,
    reconcile,
    retention,
    serve,
    staff,
    sweep,
    terms,
    webhooks,
)


def init_app(app: Flask) -> None:
    """Add every command to ``flask`` and ``apresiasi``, and take those of libraries away."""
    for name in list(app.cli.commands):
        app.cli.commands.pop(name)
    for group in (
        articles,
        check,
        database,
        demo,
        export,
        explain,
        feature,
        finance,
        moderation,
        privacy,
        reconcile,
        retention,
        serve,
        staff,
        sweep,
        terms,
        webhooks,
    ):
        for command in group.COMMANDS:
            app.cli.add_command(command)
