"""Which tables move, and in which order: none can be forgotten."""

from __future__ import annotations

from storage import moves
from storage.models import Base, Move, Nonce


def test_every_table_moves_but_the_two_that_are_named() -> None:
    tables = {table.name for table in moves.list_tables()}
    assert tables | moves.STAY == set(Base.metadata.tables)
    assert {Nonce.__tablename__, Move.__tablename__} == moves.STAY


def test_what_a_row_refers_to_comes_before_it() -> None:
    order = [table.name for table in moves.list_tables()]
    for table in moves.list_tables():
        for key in table.foreign_keys:
            assert order.index(key.column.table.name) < order.index(table.name)
