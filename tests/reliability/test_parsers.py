"""No reader breaks, whatever it is given; `python -m tests.reliability fuzz` gives them a million inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.reliability.fuzz import SEEDS, WORDS
from tests.reliability.parsers import PARSERS

if TYPE_CHECKING:
    from collections.abc import Callable

ALL_SEEDS = [seed for seeds in SEEDS.values() for seed in seeds]
MUTATED = st.builds(
    lambda seed, at, length, piece: seed[:at] + piece + seed[at + length :],
    st.sampled_from(ALL_SEEDS),
    st.integers(0, 80),
    st.integers(0, 8),
    st.binary(max_size=8),
)


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.__name__)
@given(st.binary(max_size=200) | st.text(max_size=80).map(lambda text: text.encode("utf-8", "surrogatepass")) | MUTATED)
@example(b"\xed\xa0\x80")
def test_no_reader_breaks(parser: Callable[[bytes], None], data: bytes) -> None:
    parser(data)


def test_every_reader_has_something_to_begin_with() -> None:
    assert set(SEEDS) == set(WORDS) == {parser.__name__ for parser in PARSERS}
