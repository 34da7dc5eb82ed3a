"""Files: the configuration on disk, read as a whole, and whether it changed since."""

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from controller.domain.modes import Policies
from controller.errors import SettingsError
from controller.policy_files import load as load_policies
from controller.policy_files import tuned
from controller.settings import Settings
from controller.settings import load as load_settings

_Mark = tuple[int, int, int] | None


class Files:
    """The configuration file and the policy file that it names."""

    def __init__(self, path: Path, env: Mapping[str, str]) -> None:
        self.path, self._env = path, env
        self._watched: tuple[Path, ...] = (path,)
        self._read = self._latest = self._marks()

    def read(self) -> tuple[Settings, Policies]:
        """Read both files anew.

        Raises:
            SettingsError: something in them is wrong; a file that is not changed is not worth another try.
        """
        self._watch(_policy_file(self.path))
        self._read = self._latest = self._marks()
        settings = load_settings(self.path, self._env)
        policies = _tuned(load_policies(settings.policies.file), settings)
        _check_modes(settings, policies)
        return settings, policies

    def changed(self) -> bool:
        """Tell whether a file is another one than the one last read, and is no longer being written."""
        marks = self._marks()
        settled, self._latest = marks == self._latest, marks
        return settled and marks != self._read

    def _watch(self, policy_file: Path | None) -> None:
        self._watched = (self.path,) if policy_file is None else (self.path, policy_file)

    def _marks(self) -> tuple[_Mark, ...]:
        return tuple(_mark(file) for file in self._watched)


def _policy_file(path: Path) -> Path | None:
    """Find the policy file that a configuration names, itself wrong or not: it may be put right."""
    try:
        named = tomllib.loads(path.read_text(encoding="utf-8-sig"))["policies"]["file"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return path.parent / named if isinstance(named, str) else None


def _mark(file: Path) -> _Mark:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _tuned(policies: Policies, settings: Settings) -> Policies:
    """Apply `[policies.tuned.MODE.POLICY]`."""
    for mode, by_policy in settings.policies.tuned.items():
        for policy, values in by_policy.items():
            for parameter, value in values.items():
                try:
                    policies = tuned(policies, mode, policy, parameter, value)
                except SettingsError as error:
                    key = f"policies.tuned.{mode}.{policy}.{parameter}"
                    raise SettingsError(str(settings.path), key, value, error.expected) from error
    return policies


def _check_modes(settings: Settings, policies: Policies) -> None:
    """Refuse a charger whose mode does not exist."""
    for charger in settings.site.chargers:
        if charger.mode not in policies.modes:
            close = get_close_matches(charger.mode, policies.modes, n=1)
            hint = f", did you mean {close[0]!r}?" if close else ""
            known = ", ".join(sorted(policies.modes))
            raise SettingsError(
                str(settings.path),
                f"chargers[{charger.id}].mode",
                charger.mode,
                f"expected a mode: {known}{hint}",
            )
