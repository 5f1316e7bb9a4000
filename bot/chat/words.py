"""The words of the chat in one language: keys and values in, a sentence out.

The sentences live in ``locales/``, one Fluent file a language; another language is another file and no code.
"""

from __future__ import annotations

import asyncio
import contextlib
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.services.clients import ClientService

FALLBACK = "en"
SUFFIX = ".ftl"
SMALLEST_GROUPED = 1000
LOOK_UP_TIME = 1.0
"""Seconds to wait for the database to tell a language: an apology is about to be made, which must not be late."""


class BrokenWords(LookupError):
    """A sentence that does not exist or cannot be completed. It is raised rather than shown to a person."""


class Words:
    """Everything the bot can say in one language; what the language lacks is said in English."""

    def __init__(self, language: str, bundles: Sequence[FluentBundle], plain: Mapping[str, str] | None = None) -> None:
        self.language = language
        self._bundles = tuple(bundles)
        self._plain = plain or {}

    def __call__(self, key: str, /, **values: str | int) -> str:
        """Return the sentence with its values in place. Raises `BrokenWords` when no language has it whole."""
        plain = self._plain.get(key)
        if plain is not None and all(map(_needs_no_formatting, values.values())):
            with contextlib.suppress(KeyError):
                return plain.format_map(values)
        numbers = tuple((name, value) for name, value in values.items() if isinstance(value, int))
        if len(numbers) == len(values):
            return _write_numbers(self, key, numbers)
        return self.write(key, values)

    def write(self, key: str, values: dict[str, str | int]) -> str:
        """Return the sentence by Fluent's rules. Raises `BrokenWords` when no language has it whole."""
        faults: list[Exception] = []
        for bundle in self._bundles:
            pattern = bundle.get_message(key).value if bundle.has_message(key) else None
            if pattern is None:
                continue
            sentence, faults = bundle.format_pattern(pattern, values)
            if not faults:
                return str(sentence)
        if faults:
            raise BrokenWords(f"the words for {key} in {self.language} are incomplete: {faults!r}")
        raise BrokenWords(f"no words for {key} in {self.language}")


def load_words(language: str | None) -> Words:
    """Return the words for a language tag as Telegram gives it: in that language if there is a file, else in English.

    Without a file of its own, a tag gets its main language (`es-419`: `es`), or a relative of it (`pt`: `pt-BR`).
    """
    return _load(negotiate(language) or FALLBACK)


async def find_words(clients: ClientService, telegram_id: int, app_language: str | None = None) -> Words:
    """Return the words a person reads; those of their app's language when the database cannot be asked."""
    try:
        async with asyncio.timeout(LOOK_UP_TIME):
            language = await clients.find_language(telegram_id)
    except Exception:  # noqa: BLE001 - in the wrong language is better than not at all
        language = None
    return load_words(language or app_language)


@lru_cache(1000)
def negotiate(language: str | None) -> str | None:
    """Return the code of the file that is nearest to a language tag, None when none is near."""
    tag = (language or "").lower().replace("_", "-")
    main = tag.partition("-")[0]
    by_tag = {code.lower(): code for code in list_languages()}
    relatives = (code for code in sorted(by_tag) if code.partition("-")[0] == main)
    return by_tag.get(tag) or by_tag.get(main) or by_tag.get(next(relatives, ""))


def name_languages() -> dict[str, str]:
    """Return the name of each language in that language, by its code: English first, the others as names sort."""
    names = {code: load_words(code)("language-name") for code in list_languages()}
    return dict(sorted(names.items(), key=lambda named: (named[0] != FALLBACK, named[1])))


@cache
def list_languages() -> frozenset[str]:
    """Return the codes of the languages that have a file."""
    names = (entry.name for entry in (files(__package__) / "locales").iterdir())
    return frozenset(name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX))


@lru_cache(10_000)
def _write_numbers(words: Words, key: str, values: tuple[tuple[str, int], ...]) -> str:
    """Return a sentence about numbers, which is said often. One with words in it may be secret, and is kept nowhere."""
    return words.write(key, dict(values))


@cache
def _load(language: str) -> Words:
    resources = {code: parse(_read(code)) for code in dict.fromkeys((language, FALLBACK))}
    plain: dict[str, str | None] = {}
    for resource in reversed(resources.values()):
        plain.update({entry.id.name: _template(entry) for entry in resource.body if isinstance(entry, ast.Message)})
    return Words(
        language,
        [_bundle(code, resource) for code, resource in resources.items()],
        {key: template for key, template in plain.items() if template is not None},
    )


def _bundle(language: str, resource: ast.Resource) -> FluentBundle:
    # isolation is off: inside <code> or an attribute its invisible marks get copied or break the tag
    bundle = FluentBundle([language], use_isolating=False)
    bundle.add_resource(resource)
    return bundle


def _template(message: ast.Message) -> str | None:
    """Return a sentence of texts and values only as `str.format` has it, which is ten times as fast; else None."""
    parts = []
    for element in message.value.elements if message.value else ():
        if isinstance(element, ast.TextElement):
            parts.append(element.value.replace("{", "{{").replace("}", "}}"))
        elif isinstance(element.expression, ast.VariableReference):
            parts.append(f"{{{element.expression.id.name}}}")
        else:
            return None
    return "".join(parts) or None


def _needs_no_formatting(value: str | int) -> bool:
    """Tell whether a value looks the same in every language: larger numbers are grouped."""
    return isinstance(value, str) or 0 <= value < SMALLEST_GROUPED


def parse(source: str) -> ast.Resource:
    """Parse a Fluent file. Raises `BrokenWords` at its first fault, where Fluent itself would skip the entry."""
    resource = FluentResource(source)
    for entry in resource.body:
        if isinstance(entry, ast.Junk):
            raise BrokenWords(f"not Fluent: {entry.content!r}")
    return resource


def _read(language: str) -> str:
    return (files(__package__) / "locales" / f"{language}{SUFFIX}").read_text(encoding="utf-8")
