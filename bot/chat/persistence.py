"""The states of the conversation handler, written through to storage. Nothing else of PTB's is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telegram.ext import BasePersistence, PersistenceInput

from bot.services.questions import NAME, Question

if TYPE_CHECKING:
    from telegram.ext._utils.types import ConversationDict, ConversationKey

    from bot.services.questions import QuestionService

ONE_HOUR = 3600


class QuestionPersistence(BasePersistence[Any, Any, Any]):
    """Reads the open questions at start, and keeps their states after every update.

    The receiver asks for `Application.update_persistence` after each update. That hands an error to the error handlers
    and forgets it, so the last one is kept here for `raise_failure`.
    """

    def __init__(self, questions: QuestionService) -> None:
        nothing = PersistenceInput(bot_data=False, chat_data=False, user_data=False, callback_data=False)
        super().__init__(store_data=nothing, update_interval=ONE_HOUR)
        self._questions = questions
        self._failure: Exception | None = None

    def raise_failure(self) -> None:
        """Raise what kept a state from being written, once."""
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    async def get_conversations(self, name: str) -> ConversationDict:
        """Return the state of every open question, by chat and person, which are one in a private chat."""
        if name != NAME:
            return {}
        return {(question.chat_id, question.chat_id): question.state for question in await self._questions.list_open()}

    async def update_conversation(self, name: str, key: ConversationKey, new_state: object | None) -> None:
        """Make what is kept agree with the handler: a closed question is forgotten, an open one has its state."""
        if name != NAME:
            return
        chat_id = int(key[0])
        try:
            await self._settle(chat_id, new_state)
        except Exception as error:
            self._failure = error
            raise

    async def _settle(self, chat_id: int, state: object | None) -> None:
        kept = await self._questions.find_open(chat_id)
        if state is None:
            if kept is not None:
                await self._questions.close(chat_id)
        elif kept is None or kept.state != state:
            await self._questions.ask(Question(chat_id, str(state)))

    async def flush(self) -> None:
        """Nothing waits to be written."""

    async def get_bot_data(self) -> dict[str, Any]:
        """Nothing of this kind is kept."""
        return {}

    async def get_chat_data(self) -> dict[int, Any]:
        """Nothing of this kind is kept."""
        return {}

    async def get_user_data(self) -> dict[int, Any]:
        """Nothing of this kind is kept."""
        return {}

    async def get_callback_data(self) -> None:
        """Nothing of this kind is kept."""

    async def update_bot_data(self, data: Any) -> None:
        """Nothing of this kind is kept."""

    async def update_chat_data(self, chat_id: int, data: Any) -> None:
        """Nothing of this kind is kept."""

    async def update_user_data(self, user_id: int, data: Any) -> None:
        """Nothing of this kind is kept."""

    async def update_callback_data(self, data: Any) -> None:
        """Nothing of this kind is kept."""

    async def drop_chat_data(self, chat_id: int) -> None:
        """Nothing of this kind is kept."""

    async def drop_user_data(self, user_id: int) -> None:
        """Nothing of this kind is kept."""

    async def refresh_bot_data(self, bot_data: Any) -> None:
        """Nothing of this kind is kept."""

    async def refresh_chat_data(self, chat_id: int, chat_data: Any) -> None:
        """Nothing of this kind is kept."""

    async def refresh_user_data(self, user_id: int, user_data: Any) -> None:
        """Nothing of this kind is kept."""
