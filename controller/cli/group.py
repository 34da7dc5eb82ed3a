"""Group: what every command's module starts with."""

import typer


def command_group(**settings: str) -> typer.Typer:
    """Make the application of one command: plain help, our own way of failing."""
    return typer.Typer(
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
        **settings,  # type: ignore[arg-type] # texts only
    )
