"""Every Bot API method the sandbox knows, by name. Names are case-insensitive, as Telegram's are."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from bot.sandbox import messages, profile
from bot.sandbox.arguments import Arguments
from bot.sandbox.polling import Polling
from bot.sandbox.profile import LONGEST_DESCRIPTION, LONGEST_SHORT_DESCRIPTION, Profile
from bot.sandbox.refusals import Refusal, conflict
from bot.sandbox.webhook import ACTIVE, Caller, Webhook
from bot.sandbox.world import World

Method = Callable[[Arguments], Any]


class Methods:
    """Carries out calls. `call` is how a webhook's answer makes one."""

    def __init__(self, world: World, call: Caller) -> None:
        self.polling = Polling(world)
        self.webhook = Webhook(world, self.polling, call)
        self.profile = Profile()
        self._table = self._build(world)

    def _build(self, world: World) -> dict[str, Method]:
        mine = self.profile
        described, short = mine.descriptions, mine.short_descriptions
        table: dict[str, Method] = {
            "getMe": lambda _: profile.get_me(world),
            "getUpdates": self._get_updates,
            "setWebhook": self.webhook.set_webhook,
            "deleteWebhook": self.webhook.delete_webhook,
            "getWebhookInfo": lambda _: self.webhook.get_webhook_info(),
            "sendMessage": partial(messages.send_message, world),
            "sendDocument": partial(messages.send_document, world),
            "editMessageText": partial(messages.edit_message_text, world),
            "editMessageReplyMarkup": partial(messages.edit_message_reply_markup, world),
            "deleteMessage": partial(messages.delete_message, world),
            "deleteMessages": partial(messages.delete_messages, world),
            "answerCallbackQuery": partial(messages.answer_callback_query, world),
            "sendChatAction": partial(messages.send_chat_action, world),
            "getChat": partial(profile.get_chat, world),
            "setMyCommands": partial(profile.set_my_commands, world, mine),
            "getMyCommands": partial(profile.get_my_commands, world, mine),
            "deleteMyCommands": partial(profile.delete_my_commands, world, mine),
            "setMyDescription": partial(
                profile.set_description, described, name="description", longest=LONGEST_DESCRIPTION
            ),
            "getMyDescription": partial(profile.get_description, described, name="description"),
            "setMyShortDescription": partial(
                profile.set_description, short, name="short_description", longest=LONGEST_SHORT_DESCRIPTION
            ),
            "getMyShortDescription": partial(profile.get_description, short, name="short_description"),
        }
        return {name.lower(): method for name, method in table.items()}

    async def run(self, name: str, arguments: Arguments) -> tuple[Any, str | None]:
        """Return a method's result and the description that goes with it. Refusal when Telegram refuses."""
        method = self._table.get(name.lower())
        if method is None:
            raise Refusal(404, "Not Found: method not found")
        result = method(arguments)
        if isinstance(result, Awaitable):
            result = await result
        return result if isinstance(result, tuple) else (result, None)

    async def _get_updates(self, arguments: Arguments) -> list[dict[str, Any]]:
        if self.webhook.hook is not None:
            await self.polling.refuse(conflict(ACTIVE))
        return await self.polling.get_updates(arguments)
