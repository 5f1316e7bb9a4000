"""Statements that are put into SQL once. To make such a one anew takes twenty times as long as to carry it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Dialect, Insert, Select, Update

    Statement = Select[*tuple[Any, ...]] | Insert | Update


class Prepared:
    """A statement whose values are all `bindparam`s, ready for the driver of one database or the other."""

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._texts: dict[str, PreparedText] = {}

    def text_for(self, dialect: Dialect) -> PreparedText:
        """Return the statement as the database understands it."""
        text = self._texts.get(dialect.name)
        if text is None:
            text = self._texts[dialect.name] = PreparedText(self._statement, dialect)
        return text


class PreparedText:
    """A statement in one database's SQL, with what turns values into the driver's, and back."""

    def __init__(self, statement: Statement, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self.sql: str = compiled.string
        self._fixed = compiled.params
        self._binds = [
            (name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
            for name in compiled.positiontup
        ]
        self._columns: list[tuple[int, Callable[[Any], Any]]] = [
            (place, convert)
            for place, column in enumerate(getattr(statement, "selected_columns", ()))
            if (convert := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
        ]

    def bind(self, values: dict[str, Any]) -> tuple[Any, ...]:
        """Return the values in the order of their places in the text."""
        known = self._fixed | values
        return tuple(known[name] if convert is None else convert(known[name]) for name, convert in self._binds)

    def read(self, rows: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
        """Return the driver's rows with values as the models have them."""
        return [self._convert(list(row)) for row in rows]

    def _convert(self, row: list[Any]) -> tuple[Any, ...]:
        for place, convert in self._columns:
            row[place] = convert(row[place])
        return tuple(row)
