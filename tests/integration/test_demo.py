from tests.integration.demo_record import LASTS_S, Record
from tests.phasewise import phasewise


def test_the_demo_stays_inside_its_fuse_although_the_oven_is_more_than_is_spare(
    recorded_demo: Record,
) -> None:
    score = recorded_demo.referee.score

    assert recorded_demo.referee.passed
    assert score.watched_s >= LASTS_S
    assert score.spells > 0
    assert score.peak_a > max(recorded_demo.referee.limit_a)
    assert score.charged_wh > 0.0


def test_the_demo_runs_headless_as_a_command_and_says_how_it_went() -> None:
    done = phasewise("demo", "--headless", "--minutes", "0.4", "--speed", "6", "--seed", "3")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "hatchback plugs in at left" in done.stdout
    assert "fuse model gG25: at most" in done.stdout
    assert done.stderr == ""
