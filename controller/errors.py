"""The error tree; each leaf says who can put it right.

PhasewiseError
├── SettingsError          the operator, at start or reload: file, key, value, what was expected
├── CredentialsError       the operator: a device or service does not accept who we are
├── RecordError            the disk or the database: nothing could be written down
└── DeviceError
    ├── DeviceUnreachable  wait: no answer; a write may arrive yet
    ├── DeviceRefused      do not repeat: the device said no, with its code
    │   └── BadRequest     whoever asked: there is no such command or value, whether it was sent or not
    └── DeviceNonsense     log the payload, scrubbed: the answer makes no sense
"""


class PhasewiseError(Exception):
    """Everything that we raise on purpose."""


class SettingsError(PhasewiseError):
    """A value that the operator can put right.

    Renders as one line: `config.toml: chargers[garage].max_a = 99: expected a number from 6 to 80 A`.
    """

    def __init__(self, file: str, key: str, value: object, expected: str) -> None:
        self.file, self.key, self.value, self.expected = file, key, value, expected
        self.others: tuple[SettingsError, ...] = ()
        """What else is wrong with the same file."""
        in_toml = str(value).lower() if isinstance(value, bool) else repr(value)
        shown = "" if value is None else f" = {in_toml}"
        super().__init__(f"{file}: {key}{shown}: {expected}" if key else f"{file}: {expected}")


class CredentialsError(PhasewiseError):
    """A device or service does not accept who we are."""


class RecordError(PhasewiseError):
    """Nothing could be written down: disk full, database locked or away."""


class DeviceError(PhasewiseError):
    """Anything that one device did not do."""


class DeviceUnreachable(DeviceError):  # noqa: N818 - reads as a fact
    """No answer in time. A write may still arrive."""


class DeviceRefused(DeviceError):  # noqa: N818 - reads as a fact
    """The device said no; nothing changed."""

    def __init__(self, message: str, code: int | None = None) -> None:
        self.code = code
        super().__init__(message)


class BadRequest(DeviceRefused):
    """The device knows no such command or value; who asked for it can put it right."""


class DeviceNonsense(DeviceError):  # noqa: N818 - reads as a fact
    """The answer makes no sense."""
