"""A person is spoken to in the language of their app, until they choose another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.people import read_id, read_secret

if TYPE_CHECKING:
    from tests.journeys.conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_registering_in_russian_and_going_on_in_spanish(house: House) -> None:
    ivan = house.newcomer("Иван", language_code="ru")
    await ivan.ask("/start", "Добро пожаловать")
    card = await ivan.ask("/register VPS-1", "почти готово")
    await ivan.tap("Показать ключ", card)
    shown = await ivan.becomes(card, "Показать этот ключ ещё раз не сможет никто")
    assert read_secret(shown)
    await ivan.tap("Сохранено", card)
    await ivan.sees("зарегистрировано", after=card.message_id)

    choice = await ivan.ask("/language", "Сейчас: Русский.")
    chosen = await ivan.follow("Español", "Ahora: Español.", choice)
    assert chosen.message_id == choice.message_id

    await house.olga.ask(f"/revoke {read_id(card)} Laptop stolen", "is revoked since")
    told = await ivan.sees("La administración ha revocado tu dispositivo", after=chosen.message_id)
    assert "Motivo: Laptop stolen" in told.text
    assert told.labels == [["➕ Nuevo dispositivo", "📟 Mis dispositivos"]]


async def test_the_menu_of_commands_follows_the_choice(house: House) -> None:
    luis = house.newcomer("Luís", language_code="pt-br")
    await luis.ask("/start", "Boas-vindas")
    assert "Escolher o idioma" in described(house, luis.id)
    choice = await luis.ask("/language", "Agora: Português (Brasil).")
    await luis.follow("Русский", "Сейчас: Русский.", choice)
    await luis.ask("/id", "Ваш Telegram ID")
    assert "Выбрать язык" in described(house, luis.id)
    await luis.follow("Как в приложении", "Sigo o idioma do seu aplicativo", choice)
    await luis.ask("/id", "Seu ID do Telegram")
    assert "Escolher o idioma" in described(house, luis.id)


def described(house: House, person: int) -> list[str]:
    """Return how a person's app describes the commands."""
    return [command["description"] for command in house.sandbox.commands(person)]
