"""Echo bots as the documentations of two libraries show them, each as a process: `ptb` and `aiogram`.

    python -m tests.benchmarks.echo_bots ptb http://127.0.0.1:8081

What their documentation leaves to its reader, the address of the Bot API server, is all that is set besides.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from typing import TYPE_CHECKING

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from tests.benchmarks.lean_telegram import TOKEN

if TYPE_CHECKING:
    from aiogram.types import Message


def run_ptb(url: str) -> None:
    """Be https://docs.python-telegram-bot.org/en/stable/examples.echobot.html."""
    logging.basicConfig(format="%(asctime)s - %(name)s - %(levelname)s - %(message)s", level=logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)

    async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        assert update.message.text is not None
        await update.message.reply_text(update.message.text)

    application = Application.builder().token(TOKEN).base_url(f"{url}/bot").build()
    application.add_handler(MessageHandler(filters.TEXT & ~filters.COMMAND, echo))
    application.run_polling(allowed_updates=Update.ALL_TYPES)


async def run_aiogram(url: str) -> None:
    """Be https://docs.aiogram.dev/en/latest/#simple-usage."""
    from aiogram import Bot, Dispatcher  # noqa: PLC0415 - of the extra `bench`
    from aiogram.client.default import DefaultBotProperties  # noqa: PLC0415
    from aiogram.client.session.aiohttp import AiohttpSession  # noqa: PLC0415
    from aiogram.client.telegram import TelegramAPIServer  # noqa: PLC0415
    from aiogram.enums import ParseMode  # noqa: PLC0415

    logging.basicConfig(level=logging.INFO, stream=sys.stdout)

    async def echo(message: Message) -> None:
        try:
            await message.send_copy(chat_id=message.chat.id)
        except TypeError:
            await message.answer("Nice try!")

    dispatcher = Dispatcher()
    dispatcher.message.register(echo)
    session = AiohttpSession(api=TelegramAPIServer.from_base(url))
    bot = Bot(TOKEN, session=session, default=DefaultBotProperties(parse_mode=ParseMode.HTML))
    await dispatcher.start_polling(bot)


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=["ptb", "aiogram"])
    parser.add_argument("url")
    options = parser.parse_args()
    if options.name == "ptb":
        run_ptb(options.url)
    else:
        asyncio.run(run_aiogram(options.url))


if __name__ == "__main__":
    _main()
