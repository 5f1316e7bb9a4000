"""What is counted is really done; the counting is valgrind's."""

from __future__ import annotations

import pytest

from tests.benchmarks import instructions


@pytest.mark.parametrize("name", instructions.SUBJECTS)
async def test_a_subject_is_led_through_its_work_while_it_is_counted(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    switches: list[str] = []
    monkeypatch.setattr(instructions, "_control", switches.append)
    await instructions.run_subject(name, 10)
    assert switches == ["on", "off"]


def test_a_machine_without_valgrind_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    monkeypatch.setattr("sys.argv", ["instructions"])
    assert instructions.main() == 2
    assert "apt-get install valgrind" in capsys.readouterr().out
