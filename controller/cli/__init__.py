"""The command line: `phasewise COMMAND`; each command's module is loaded only when it is called."""

from controller.cli.entry import main

__all__ = ["main"]
