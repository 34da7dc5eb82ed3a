import io
import re

import pytest
from rich.console import Console

from simulator.demo.picture import Picture
from simulator.demo.referee import Referee
from simulator.house.demo import demo_house
from simulator.house.house import House


def played(seconds: float) -> House:
    """Let the demo house live without a controller, both cars at full offer."""
    house = demo_house(1)
    house.offer(house.site.chargers[0].id, 16.0)
    house.offer(house.site.chargers[1].id, 32.0)
    while house.at_s < seconds:
        house.step(0.5)
    return house


def lines_of(width: int, height: int, house: House, speed: float = 1.0) -> list[str]:
    console = Console(file=io.StringIO(), width=width, height=height, force_terminal=True, color_system=None)
    picture = Picture(house, Referee(house), "http://127.0.0.1:58510/", console, speed=speed)
    for number in range(40):
        picture.tell(house.now, f"event {number}: " + "something of more than one line " * 5)
    with console.capture() as captured:
        console.print(picture.drawn())
    return captured.get().rstrip("\n").split("\n")


@pytest.mark.parametrize(("width", "height"), [(80, 24), (80, 40), (100, 30), (120, 34), (200, 50)])
def test_the_picture_fits_its_terminal(width: int, height: int) -> None:
    lines = lines_of(width, height, played(60.0))

    assert len(lines) <= height
    assert max(len(line) for line in lines) <= width


def test_the_picture_tells_phases_cars_and_events() -> None:
    text = "\n".join(lines_of(80, 24, played(60.0)))

    assert "Main fuse 25 A" in text
    assert "L1 " in text
    assert "hatchback" in text
    assert "city car" in text
    assert "event 39" in text
    assert "1 phase" in text


def test_a_bay_without_a_car_is_free() -> None:
    assert "left   free" in "\n".join(lines_of(80, 24, played(1.0)))


def test_a_narrow_title_has_room_for_the_way_out() -> None:
    first, *_ = lines_of(80, 24, played(1.0), speed=12.5)

    assert first.rstrip().endswith("12.5x  http://127.0.0.1:58510/  Ctrl-C ends")


@pytest.mark.parametrize("width", [80, 109, 120, 200])
def test_no_line_is_broken_that_has_room(width: int) -> None:
    text = "\n".join(lines_of(width, 40, played(60.0)))

    assert re.search(r"sun \d\.\d kW  grid -?\d+\.\d kW", text)
    assert re.search(r"hatchback 35 %, 3 phases  told -, draws \d+\.\d A", text)
