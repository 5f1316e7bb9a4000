"""The words of the chat in one language: keys and values in, a sentence out.

The sentences live in ``locales/``, one Fluent file a language; another language is another file and no code.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Sequence

FALLBACK = "en"
SUFFIX = ".ftl"


class BrokenWords(LookupError):
    """A sentence that does not exist or cannot be completed. It is raised rather than shown to a person."""


class Words:
    """Everything the bot can say in one language; what the language lacks is said in English."""

    def __init__(self, language: str, bundles: Sequence[FluentBundle]) -> None:
        self.language = language
        self._bundles = tuple(bundles)

    def __call__(self, key: str, /, **values: str | int) -> str:
        """Return the sentence with its values in place. Raises `BrokenWords` when either is missing."""
        bundle = next((bundle for bundle in self._bundles if bundle.has_message(key)), None)
        pattern = bundle.get_message(key).value if bundle else None
        if bundle is None or pattern is None:
            raise BrokenWords(f"no words for {key} in {self.language}")
        sentence, faults = bundle.format_pattern(pattern, values)
        if faults:
            raise BrokenWords(f"the words for {key} in {self.language} are incomplete: {faults!r}")
        return str(sentence)


def load_words(language: str | None) -> Words:
    """Return the words for a language tag as Telegram gives it: itself, else its main language, else English."""
    tag = (language or FALLBACK).lower().replace("_", "-")
    known = list_languages()
    return _load(next((code for code in (tag, tag.partition("-")[0]) if code in known), FALLBACK))


@cache
def list_languages() -> frozenset[str]:
    """Return the languages that have a file."""
    names = (entry.name for entry in (files(__package__) / "locales").iterdir())
    return frozenset(name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX))


@cache
def _load(language: str) -> Words:
    return Words(language, [_bundle(code) for code in dict.fromkeys((language, FALLBACK))])


def _bundle(language: str) -> FluentBundle:
    # isolation is off: inside <code> or an attribute its invisible marks get copied or break the tag
    bundle = FluentBundle([language], use_isolating=False)
    bundle.add_resource(parse(_read(language)))
    return bundle


def parse(source: str) -> ast.Resource:
    """Parse a Fluent file. Raises `BrokenWords` at its first fault, where Fluent itself would skip the entry."""
    resource = FluentResource(source)
    for entry in resource.body:
        if isinstance(entry, ast.Junk):
            raise BrokenWords(f"not Fluent: {entry.content!r}")
    return resource


def _read(language: str) -> str:
    return (files(__package__) / "locales" / f"{language}{SUFFIX}").read_text(encoding="utf-8")
