"""A pretended language: English with every letter exchanged for a wide one, so that other letters stand out.

A sentence is recognised by its brackets: ⟦Ｃａｎｃｅｌ⟧.
"""

from __future__ import annotations

import re
import string
from typing import Any

from fluent.runtime import FluentBundle
from fluent.syntax import ast
from fluent.syntax.visitor import Transformer

from bot.chat import words as module
from bot.chat.words import Words, parse

KEPT = re.compile(r"(<[^<>]*>|&[a-z]+;|(?<![\w<])/[a-z]+)|([A-Za-z]+)")
"""Tags, entities and commands, which are no words; and words."""
WIDE = str.maketrans({letter: chr(ord(letter) + 0xFEE0) for letter in string.ascii_letters})
ALLOWED = re.compile(
    r"""
    </?[a-z-]+(?:\ [^<>]*)?>                              # tags
    | &(?:lt|gt|amp);
    | https?://[^\s<⟧]+
    | (?<![\w<])/[a-z]+                                      # commands
    | [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}
    | \b[0-9a-f]{8}\b                                     # short ids and fingerprints
    | \b(?=[A-F]*[0-9])[0-9A-F]{6}\b                      # the number of an incident
    | \bdsk1_\w{59}\b | \beyJ[\w.-]+                      # secrets and tokens
    | \b\w+\.(?:mqh|py|json)\b                           # files that are handed out
    """,
    re.VERBOSE,
)
"""What reads the same in every language."""
MARK = re.compile(r"§\d+")
"""Something that a person wrote, in place of which the tests put this."""


class _Widener(Transformer):
    def visit_TextElement(self, node: Any) -> Any:  # noqa: N802 - the transformer finds it by this name
        node.value = KEPT.sub(lambda found: found[1] or found[2].translate(WIDE), node.value)
        return node


def pseudo_words() -> Words:
    """Return the pretended language."""
    resource = _Widener().visit(parse(module._read("en")))
    for entry in resource.body:
        if isinstance(entry, ast.Message) and entry.value is not None:
            entry.value.elements = [ast.TextElement("⟦"), *entry.value.elements, ast.TextElement("⟧")]
    bundle = FluentBundle(["en"], use_isolating=False)
    bundle.add_resource(resource)
    return Words("en", [bundle])


def own_words(text: str) -> list[str]:
    """Return the words in a text that come from no file of words: those not in brackets, and any in plain letters."""
    text = MARK.sub("", ALLOWED.sub("", text))
    plain, count = re.findall(r"[A-Za-z]+", text), 1
    while count:
        text, count = re.subn(r"⟦[^⟦⟧]*⟧", "", text)
    return plain + re.findall(r"[^\W\d_]+|[⟦⟧]", text)
