"""The Telegram door. Every handler of the program stands in `add_handlers`, top to bottom."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from telegram import Update
from telegram.ext import (
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    ConversationHandler,
    MessageHandler,
    TypeHandler,
    filters,
)
from telegram.warnings import PTBUserWarning

from bot.chat import (
    access,
    admin,
    administration,
    admins,
    asking,
    audit,
    clients,
    copies,
    devices,
    failures,
    general,
    groups,
    handouts,
    invites,
    languages,
    pasted,
    registration,
    setup,
    stats,
    tokens,
)
from bot.chat.buttons import Verb, pattern
from bot.chat.context import Context
from bot.chat.reduction import WITHHELD
from bot.chat.views import commands
from bot.services.questions import NAME

if TYPE_CHECKING:
    from telegram import Message

    from bot.chat.context import Handler

FIRST, SECOND, THIRD = 0, 1, 2
OURS = pattern(*Verb)


class Known(filters.MessageFilter):
    """Commands that the table answers; all others, and those for another bot, get one answer."""

    def filter(self, message: Message) -> bool:
        """Tell whether the message is one of them."""
        name, at, addressee = (message.text or "").split(maxsplit=1)[0][1:].lower().partition("@")
        return name in commands.KNOWN and (not at or addressee == message.get_bot().username.lower())


class HasSecret(filters.MessageFilter):
    """Messages whose text was withheld because there is a device secret or an API token in it."""

    def filter(self, message: object) -> bool:
        """Tell whether the message is one of them."""
        return bool(getattr(message, "api_kwargs", {}).get(WITHHELD))


def add_handlers(application: Handler) -> None:
    """Fill the routing table. In each group at most one handler runs; the groups run one after the other.

    The first decides who is let in. The second knows commands, and buttons that ask nothing. The third is the
    conversation, which sees those commands too: one in place of an answer closes the question. Then what is left.
    """
    command, tap = CommandHandler[Context, object], CallbackQueryHandler[Context, object]
    application.add_handlers(
        {
            FIRST: [TypeHandler(Update, general.admit)],
            SECOND: [
                MessageHandler(HasSecret(), pasted.tell),
                ChatMemberHandler(general.note_membership, ChatMemberHandler.MY_CHAT_MEMBER),
                command("start", general.start),
                command("help", general.show_help),
                command("id", general.show_id),
                command("devices", devices.show_devices),
                command("rotate", devices.rotate_own),
                command("revoke", admin.revoke_command),
                command("token", tokens.offer_token),
                command("language", languages.show_languages),
                tap(general.show_menu, pattern(Verb.MENU)),
                tap(general.show_help, pattern(Verb.HELP)),
                tap(devices.show_devices, pattern(Verb.LIST)),
                tap(devices.show_device, pattern(Verb.DEVICE)),
                tap(devices.ask_rotation, pattern(Verb.ROTATE, Verb.NEW_SECRET)),
                tap(devices.rotate, pattern(Verb.ROTATE_NOW)),
                tap(devices.replace, pattern(Verb.REPLACE)),
                tap(devices.ask_revocation, pattern(Verb.REVOKE)),
                tap(devices.revoke, pattern(Verb.REVOKE_NOW)),
                tap(groups.begin_selection, pattern(Verb.SELECT)),
                tap(groups.turn_selection, pattern(Verb.PICKS)),
                tap(groups.pick, pattern(Verb.PICK)),
                tap(groups.unpick, pattern(Verb.UNPICK)),
                tap(groups.show_groups, pattern(Verb.PICK_GROUPS)),
                tap(groups.pick_group, pattern(Verb.PICK_GROUP)),
                tap(groups.ask_revoke_picked, pattern(Verb.REVOKE_PICKED)),
                tap(groups.carry_out, pattern(Verb.CARRY_OUT)),
                tap(handouts.show_secret, pattern(Verb.SHOW_SECRET)),
                tap(handouts.remove_secret, pattern(Verb.SAVED)),
                tap(handouts.cancel_card, pattern(Verb.CANCEL_CARD)),
                tap(setup.show_steps, pattern(Verb.SET_UP)),
                tap(setup.send_file, pattern(Verb.SEND_FILE)),
                tap(tokens.offer_token, pattern(Verb.TOKEN)),
                tap(tokens.sign_out_everywhere, pattern(Verb.SIGN_OUT)),
                tap(languages.show_languages, pattern(Verb.LANGUAGE)),
                tap(languages.choose_language, pattern(Verb.LANGUAGE_CHOSEN)),
                tap(admin.pick_device, pattern(Verb.ADMIN_PICK)),
                tap(admin.choose_reason, pattern(Verb.ADMIN_REASON)),
                tap(admin.confirm_revocation, pattern(Verb.ADMIN_REVOKE)),
                tap(admin.cancel, pattern(Verb.ADMIN_CANCEL)),
                command("invite", invites.ask_kind),
                command("admins", admins.show_admins),
                command("notices", admins.show_switches),
                tap(invites.ask_kind, pattern(Verb.INVITE)),
                tap(invites.make_link, pattern(Verb.MAKE_INVITE)),
                tap(invites.withdraw, pattern(Verb.WITHDRAW_INVITE)),
                tap(invites.withdraw_all, pattern(Verb.WITHDRAW_INVITES)),
                tap(invites.ask_leave, pattern(Verb.ASK_LEAVE)),
                tap(invites.leave, pattern(Verb.LEAVE)),
                tap(admins.show_admins, pattern(Verb.ADMINS)),
                tap(admins.explain_naming, pattern(Verb.HOW_TO_NAME)),
                tap(admins.name_admin, pattern(Verb.NAME_ADMIN)),
                tap(admins.ask_removal, pattern(Verb.ASK_REMOVE_ADMIN)),
                tap(admins.remove_admin, pattern(Verb.REMOVE_ADMIN)),
                tap(admins.show_switches, pattern(Verb.NOTICES)),
                tap(admins.switch_notice, pattern(Verb.SWITCH_NOTICE)),
                tap(access.show_newcomers, pattern(Verb.NEWCOMERS)),
                tap(access.show_newcomer, pattern(Verb.NEWCOMER)),
                tap(access.approve, pattern(Verb.APPROVE, Verb.APPROVE_AFTER_ALL)),
                tap(access.refuse_newcomer, pattern(Verb.REFUSE)),
                tap(admin.ask_reason, pattern(Verb.ADMIN_ASK)),
                command("admin", clients.show_menu),
                command("clients", clients.show_clients),
                command("client", clients.show_client),
                command("audit", audit.show_audit),
                command("stats", stats.show_stats),
                tap(clients.show_menu, pattern(Verb.ADMIN)),
                tap(clients.show_clients, pattern(Verb.CLIENTS)),
                tap(clients.show_client, pattern(Verb.CLIENT)),
                tap(clients.show_client_devices, pattern(Verb.CLIENT_DEVICES)),
                tap(clients.show_client_device, pattern(Verb.CLIENT_DEVICE)),
                tap(administration.act_now, pattern(Verb.CLIENT_ACT)),
                tap(audit.show_audit, pattern(Verb.AUDIT)),
                tap(stats.show_stats, pattern(Verb.STATS)),
                tap(copies.confirm_copy, pattern(Verb.CONFIRM_COPY)),
                MessageHandler(filters.COMMAND & ~Known() & ~HasSecret(), general.refuse_command),
            ],
            THIRD: [
                _conversation(),
                command("cancel", registration.cancel),
                tap(registration.redraw_stale_question, pattern(Verb.USE_PROPOSAL, Verb.CANCEL_QUESTION)),
                tap(groups.choose_group, pattern(Verb.CHOOSE_GROUP)),
                tap(groups.turn_groups, pattern(Verb.TURN_GROUPS)),
                tap(administration.choose_reason, pattern(Verb.CLIENT_WHY)),
                tap(administration.set_limit, pattern(Verb.SET_LIMIT)),
                tap(administration.cancel_question, pattern(Verb.CLIENT_CANCEL)),
                tap(general.redraw_stale, _unknown),
                MessageHandler(~filters.COMMAND & ~HasSecret(), general.offer_menu),
            ],
        }
    )
    application.add_error_handler(failures.explain)


def _conversation() -> ConversationHandler[Context]:
    """Return the conversation that all questions belong to, so that at most one is open in a chat."""
    command, tap = CommandHandler[Context, object], CallbackQueryHandler[Context, object]
    answer = ~filters.COMMAND & ~HasSecret()
    with warnings.catch_warnings():
        # buttons are told apart by the question they belong to, not by PTB's per_message
        warnings.filterwarnings("ignore", category=PTBUserWarning, message=".*CallbackQueryHandler")
        return ConversationHandler(
            entry_points=[
                command("register", registration.register),
                tap(registration.register, pattern(Verb.REGISTER)),
                tap(registration.try_again, pattern(Verb.TRY_AGAIN)),
                command("rename", registration.rename_own),
                tap(registration.ask_new_name, pattern(Verb.RENAME)),
                tap(registration.ask_term, pattern(Verb.SEARCH)),
                tap(groups.ask_group, pattern(Verb.GROUP)),
                tap(groups.ask_group_of_picked, pattern(Verb.REGROUP_PICKED)),
                command("suspend", administration.suspend_command),
                command("resume", administration.resume_command),
                tap(clients.ask_term, pattern(Verb.CLIENT_SEARCH)),
                tap(administration.ask_why, pattern(Verb.CLIENT_ASK)),
                tap(administration.ask_limit, pattern(Verb.CLIENT_LIMIT)),
                tap(administration.ask_forget, pattern(Verb.FORGET)),
            ],
            states={
                asking.NAME: [MessageHandler(answer, registration.take_name)],
                asking.NEW_NAME: [MessageHandler(answer, registration.take_new_name)],
                asking.TERM: [MessageHandler(answer, registration.search)],
                asking.GROUP: [MessageHandler(answer, groups.take_group)],
                asking.CLIENT_TERM: [MessageHandler(answer, clients.take_term)],
                asking.CLIENT_REASON: [MessageHandler(answer, administration.take_reason)],
                asking.CLIENT_LIMIT: [MessageHandler(answer, administration.take_limit)],
                asking.CLIENT_NAME: [MessageHandler(answer, administration.take_name)],
            },
            fallbacks=[
                command("cancel", registration.cancel),
                tap(registration.use_proposal, pattern(Verb.USE_PROPOSAL)),
                tap(groups.choose_group, pattern(Verb.CHOOSE_GROUP)),
                tap(groups.turn_groups, pattern(Verb.TURN_GROUPS)),
                tap(registration.cancel_question, pattern(Verb.CANCEL_QUESTION)),
                tap(administration.choose_reason, pattern(Verb.CLIENT_WHY)),
                tap(administration.set_limit, pattern(Verb.SET_LIMIT)),
                tap(administration.cancel_question, pattern(Verb.CLIENT_CANCEL)),
                MessageHandler(filters.COMMAND & ~HasSecret(), registration.stop_question),
            ],
            name=NAME,
            persistent=True,
            allow_reentry=True,
        )


def _unknown(data: object) -> bool:
    """Tell whether a button is none of the table's: an old release's, or a forged one."""
    return not (isinstance(data, str) and OURS.match(data))
