"""Compiles DeviceAuth.mqh with g++ and drives it as a terminal would."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).parent
FLAGS = ("-std=c++17", "-Wall", "-Wextra", "-Werror", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")

# How MQL5 declares dynamic arrays is the one thing in the include that is no C++.
ARRAY_PARAMETER = re.compile(r"\b(uchar|char|string|ulong) &(\w+)\[\]")
ARRAY_VARIABLE = re.compile(r"^(\s*)(uchar|char|string|ulong)(\s+\w+)\[\];", re.MULTILINE)


def translate(source: str) -> str:
    """Return the include as C++: dynamic arrays declared in C++'s way, every other character as it is."""
    source = ARRAY_PARAMETER.sub(r"Array<\1> &\2", source)
    return ARRAY_VARIABLE.sub(r"\1Array<\2>\3;", source)


def build(folder: Path) -> Path:
    """Compile the include with what stands in for MetaTrader, and return the program. Raises AssertionError."""
    source = files("bot.connectors").joinpath("DeviceAuth.mqh").read_text(encoding="ascii")
    folder.joinpath("DeviceAuth.mqh").write_text(translate(source), encoding="ascii")
    program = folder / "terminal"
    command = ["g++", *FLAGS, "-I", str(HERE), "-I", str(folder), "-o", str(program)]
    command.append(str(HERE / "terminal.cpp"))
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    assert done.returncode == 0, done.stderr[:4000]
    return program


def find_compiler() -> str | None:
    """Return the path of g++, None without one."""
    return shutil.which("g++")


class Outcome(NamedTuple):
    """What became of a request of the include."""

    result: int
    answer: str
    status: int
    code: str
    text: str
    retry_in: int
    clock_offset: int


class Terminal:
    """One run of the compiled include. Everything it ever said is kept in `said`."""

    def __init__(self, program: Path) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - the program that was just compiled
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.said = ""

    def do(self, command: str, *given: str | bytes | int) -> Sequence[str]:
        """Carry out a command of terminal.cpp and return its results."""
        words = [(one if isinstance(one, bytes) else str(one).encode()).hex() for one in given]
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(" ".join([command, *(f"x{word}" for word in words)]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the terminal died: {self.close()}"
        results = [bytes.fromhex(word[1:]).decode() for word in line.split()]
        self.said += "\n".join([*results, ""])
        return results

    def request(self, method: str, target: str, body: str = "") -> Outcome:
        """Send a signed request."""
        result, answer, status, code, text, retry_in, offset = self.do("request", method, target, body)
        return Outcome(int(result), answer, int(status), code, text, int(retry_in), int(offset))

    def close(self) -> str:
        """End the program and return what it had to complain about."""
        _, complaints = self._process.communicate()
        return complaints
