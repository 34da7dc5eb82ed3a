from pathlib import Path

import pytest

from controller.cli import main

_CONFIG = """
[[circuits]]
id = "main"
limit_a = 25

[[meters]]
id = "grid"
host = "192.0.2.1"
{meter}
"""

_OWN_MAP = """
names = ["My inverter's meter"]
kind = "sunspec"
function_code = 3
[sunspec]
base = [40000]
models = [203]
"""


def checked(folder: Path, meter: str) -> int:
    config = folder / "config.toml"
    config.write_text(_CONFIG.format(meter=meter))
    with pytest.raises(SystemExit) as ended:
        main(("check", "-c", str(config)))
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    ("meter", "says"),
    [
        ('map = "eastron_sdm63"', "meters[grid].map = 'eastron_sdm63': "),
        ('map = "sma_em"', "meters[grid].map = 'sma_em': is a map for kind"),
        ('map_file = "absent.toml"', "meters[grid]: absent.toml: cannot be read: No such file"),
        ('map_file = "own.toml"', "meters[grid].unit_id: missing: the map own.toml knows no default"),
    ],
)
def test_a_meter_that_could_not_be_built_is_a_wrong_configuration(
    meter: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own.toml").write_text(_OWN_MAP)

    status = checked(tmp_path, meter)

    said = capsys.readouterr()
    assert (status, said.out) == (2, "")
    assert said.err.replace(f"{tmp_path}/", "").startswith(f"config.toml: {says}")
    assert said.err.count("\n") == 1


def test_one_of_a_thing_is_counted_as_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = checked(tmp_path, 'map = "eastron_sdm630"')

    assert status == 0
    assert "valid. 1 circuit, 1 meter, 0 chargers; modes: " in capsys.readouterr().out
