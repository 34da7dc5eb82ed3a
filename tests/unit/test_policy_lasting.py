from policies.lasting import SPANS, follow


def held(samples: list[tuple[float, float]], window_s: float = 30.0) -> float:
    state: tuple[float, ...] = ()
    for now_s, sample in samples:
        state = follow(state, now_s, sample, window_s)
    return state[0]


def test_the_first_sample_is_held() -> None:
    assert held([(0.0, 7.0)]) == 7.0


def test_a_move_shorter_than_the_window_does_not_count() -> None:
    assert held([(float(second), 9.0 if 10 <= second < 38 else 7.0) for second in range(60)]) == 7.0


def test_a_move_that_lasts_counts_by_its_smallest_part() -> None:
    rising = [(float(second), float(second)) for second in range(100)]

    assert 99.0 - 30.0 * (1 + 1 / SPANS) - 1.0 <= held(rising) <= 99.0 - 30.0 + 1.0


def test_after_a_gap_longer_than_the_window_the_new_sample_is_held() -> None:
    assert held([(0.0, 7.0), (40.0, 3.0)]) == 3.0


def test_samples_from_the_future_are_forgotten() -> None:
    assert held([(1000.0, 7.0), (5.0, 3.0)]) == 3.0


def test_the_memory_stays_small_at_any_rate_of_samples() -> None:
    state: tuple[float, ...] = ()
    for tick in range(3000):
        state = follow(state, tick / 20, float(tick % 7), 30.0)

    assert len(state) <= 1 + 3 * (SPANS + 2)
