"""Bot API: setWebhook, deleteWebhook, getWebhookInfo, and the delivery that follows from them.

As a self-hosted server in local mode, it delivers to any http or https address. Follows WebhookActor.cpp: updates of
one lane go one after the other, the next only when the one before got a 2xx or expired; the first retry comes at
once, the pauses then double up to one or two minutes.
"""

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

import aiohttp

from bot.sandbox.arguments import Arguments, from_json
from bot.sandbox.chats import Json
from bot.sandbox.polling import Polling, set_allowed_updates
from bot.sandbox.refusals import bad_request, conflict, too_many_requests
from bot.sandbox.updates import DEFAULT_ALLOWED, KINDS, Update
from bot.sandbox.world import World

LONGEST_SECRET = 256
LONGEST_RETRY_AFTER = 3600  # seconds
GONE = 410
GONE_FOR = 23 * 3600  # seconds
_SUCCESS = 2  # the first digit of a status that takes an update
SLOWEST_RETRY = (60, 120)  # seconds, drawn anew each time
DEFAULT_CONNECTIONS, MOST_CONNECTIONS = 40, 100_000
ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
_NOT_BY_WEBHOOK = frozenset({"setwebhook", "deletewebhook", "close", "logout"})
Caller = Callable[[str, Arguments], Awaitable[object]]


@dataclass
class Hook:
    """A webhook that is set, and how its last delivery failed."""

    url: str
    secret: str = ""
    connections: int = DEFAULT_CONNECTIONS
    error_at: int = 0
    gone_since: float | None = None  # virtual Unix seconds of the first 410 in a row
    error: str = ""
    lanes: dict[str, asyncio.Task[None]] = field(default_factory=dict)


class Webhook:
    """Sets the webhook and delivers to it. `call` runs a method that came in a webhook's answer."""

    def __init__(self, world: World, polling: Polling, call: Caller) -> None:
        self._world = world
        self._polling = polling
        self._call = call
        self._session: aiohttp.ClientSession | None = None
        self._slots = asyncio.Semaphore(DEFAULT_CONNECTIONS)
        self._next_change = float("-inf")
        self.hook: Hook | None = None
        world.updates.on_change.append(self._start_lanes)

    async def set_webhook(self, arguments: Arguments) -> tuple[bool, str]:
        """Bot API: setWebhook. An empty url deletes."""
        url = arguments.text("url")
        if not url:
            return await self.delete_webhook(arguments)
        now = time.monotonic()
        if now < self._next_change:
            raise too_many_requests(1)
        self._next_change = now + self._world.timings.set_webhook
        hook = Hook(
            url,
            arguments.text("secret_token"),
            arguments.clamped("max_connections", DEFAULT_CONNECTIONS, 1, MOST_CONNECTIONS),
        )
        if self._is_same(hook) and not arguments.boolean("drop_pending_updates"):
            set_allowed_updates(self._world.updates, arguments)
            return True, "Webhook is already set"
        self._polling.abort(conflict("terminated by setWebhook request"))
        # before the new one is looked at: the old one stays away when that is refused (process_set_webhook_query)
        await self.delete_webhook(arguments)
        _check(hook)
        set_allowed_updates(self._world.updates, arguments)
        self.hook, self._slots = hook, asyncio.Semaphore(hook.connections)
        self._start_lanes()
        return True, "Webhook was set"

    async def delete_webhook(self, arguments: Arguments) -> tuple[bool, str]:
        """Bot API: deleteWebhook."""
        was_set = self.hook is not None
        await self._stop_lanes()
        self.hook = None
        if arguments.boolean("drop_pending_updates"):
            self._world.updates.clear()
        return True, "Webhook was deleted" if was_set else "Webhook is already deleted"

    def get_webhook_info(self) -> Json:
        """Bot API: getWebhookInfo."""
        hook, updates = self.hook, self._world.updates
        told: Json = {
            "url": hook.url if hook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(updates.waiting()),
        }
        if hook and hook.error:
            told |= {"last_error_date": hook.error_at, "last_error_message": hook.error}
        if hook:
            told |= {"max_connections": hook.connections, "ip_address": "127.0.0.1"}
        if updates.allowed != DEFAULT_ALLOWED:
            told["allowed_updates"] = [kind for kind in KINDS if kind in updates.allowed]
        return told

    async def close(self) -> None:
        """Stop delivering."""
        await self._stop_lanes()
        if self._session is not None:
            await self._session.close()

    def _is_same(self, hook: Hook) -> bool:
        old = self.hook
        return old is not None and (old.url, old.secret, old.connections) == (
            hook.url,
            hook.secret,
            hook.connections,
        )

    def _start_lanes(self) -> None:
        if self.hook is None:
            return
        for lane in {update.lane for update in self._world.updates.waiting()}:
            running = self.hook.lanes.get(lane)
            if running is None or running.done():
                self.hook.lanes[lane] = asyncio.create_task(self._deliver_lane(self.hook, lane))

    async def _stop_lanes(self) -> None:
        tasks = list(self.hook.lanes.values()) if self.hook else []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _deliver_lane(self, hook: Hook, lane: str) -> None:
        updates = self._world.updates
        while mine := next((update for update in updates.waiting() if update.lane == lane), None):
            await self._deliver(hook, mine)
            updates.remove(mine)

    async def _deliver(self, hook: Hook, update: Update) -> None:
        """Try until it was taken or it has expired."""
        pause, tries = 1.0, 0
        while True:
            async with self._slots:
                retry_after = await self._post(hook, update)
            if retry_after is None:
                return
            wait = float(min(retry_after, LONGEST_RETRY_AFTER))
            if not wait and tries:
                pause = wait = min(random.uniform(*SLOWEST_RETRY), pause * 2)  # noqa: S311 - spreads load, hides nothing
            if self._world.clock.now() + wait > update.expires_at:
                return
            tries += 1
            await asyncio.sleep(wait * self._world.timings.webhook_retry)

    async def _post(self, hook: Hook, update: Update) -> int | None:
        """Post it once; return None when it was taken, else the seconds the webhook asked to wait, or 0."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret} if hook.secret else {}
        timeout = aiohttp.ClientTimeout(total=self._world.timings.webhook_answer)
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        try:
            async with self._session.post(
                hook.url, json=update.to_json(), headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                body = await response.read()
                if response.status // 100 == _SUCCESS:
                    hook.gone_since = None
                    await self._obey(response.content_type, body)
                    return None
                self._count_gone(hook, response.status)
                self._fail(hook, f"Wrong response from the webhook: {response.status} {response.reason}")
                asked = response.headers.get("Retry-After", "")
                return int(asked) if asked.isdecimal() else 0
        except TimeoutError:
            self._fail(hook, "Read timeout expired")
        except aiohttp.ClientConnectorError:
            self._fail(hook, "Connection refused")
        except aiohttp.ClientError:
            self._fail(hook, "Webhook connection closed")
        return 0

    def _fail(self, hook: Hook, reason: str) -> None:
        hook.error_at, hook.error = int(self._world.clock.now()), reason
        self._world.journal.record("webhook_error", reason=reason)

    def _count_gone(self, hook: Hook, status: int) -> None:
        """Take the webhook away when it has answered 410 and nothing else for 23 hours."""
        now = self._world.clock.now()
        hook.gone_since = (hook.gone_since or now) if status == GONE else None
        if hook.gone_since is not None and now - hook.gone_since > GONE_FOR:
            self.hook = None
            for lane in hook.lanes.values():
                lane.cancel()

    async def _obey(self, content_type: str, body: bytes) -> None:
        """Carry out the method in a webhook's answer, if there is one."""
        asked = _arguments_in(content_type, body)
        if _may_come_by_webhook(asked.get("method", "").lower()):
            await self._call(asked["method"], Arguments(asked))


def _arguments_in(content_type: str, body: bytes) -> dict[str, str]:
    """Return the arguments in a webhook's answer; an answer of another type has none."""
    if content_type == "application/json":
        return from_json(body)
    if content_type == "application/x-www-form-urlencoded":
        return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    return {}


def _may_come_by_webhook(method: str) -> bool:
    return bool(method) and method not in _NOT_BY_WEBHOOK and not method.startswith("get")


def _check(hook: Hook) -> None:
    try:
        parts = urlsplit(hook.url if "://" in hook.url else f"https://{hook.url}")
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise bad_request("invalid webhook URL specified")
    if len(hook.secret) > LONGEST_SECRET:
        raise bad_request("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", hook.secret):
        raise bad_request("secret token contains unallowed characters")
