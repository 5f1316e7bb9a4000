"""Tables and constraints. What a constraint can decide, no query looks up first."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    TypeDecorator,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, validates

from storage.folding import FOLDED_LENGTH, fold

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect


class HandoutKind(StrEnum):
    """What a handout hands out."""

    REGISTRATION = "registration"
    ROTATION = "rotation"
    TOKEN = "token"  # noqa: S105 - a kind of handout


class HandoutState(StrEnum):
    """Where in its life a secret message is."""

    OFFERING = "offering"
    OFFERED = "offered"
    ARMED = "armed"
    SHOWN = "shown"
    DESTROYING = "destroying"
    DESTROYED = "destroyed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FAILED = "failed"


OPEN_HANDOUT = "state IN ('offering', 'offered', 'armed', 'shown')"
VISIBLE_HANDOUT = "state IN ('armed', 'shown')"
FINISHED_HANDOUT = "state IN ('destroyed', 'cancelled', 'expired', 'failed') AND next_attempt_at IS NULL"
ENDED_NOTICE = "next_attempt_at IS NULL"
CLAIMED_NOTICE = "claimed_until IS NOT NULL"


SUSPENDED_CLIENT = "status = 'suspended'"


def folded(length: int = FOLDED_LENGTH) -> String:
    """Return the type of a text that is searched by its beginning: in the order of its code points everywhere.

    PostgreSQL would otherwise sort by the database's language, in which no beginning is one range of an index.
    """
    return String(length).with_variant(String(length, collation="C"), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept and returned in UTC. A naive one is refused: nobody knows which hour it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002, D102
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without its zone cannot be kept")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002, D102
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The registry of all tables; constraint names are derived, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {datetime: UtcDateTime, int: BigInteger, dict[str, Any]: JSON}


class Client(Base):
    """Who owns devices: a trader, or several people who share their devices."""

    __tablename__ = "clients"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    folded_name: Mapped[str] = mapped_column(folded(), server_default="")
    status: Mapped[str] = mapped_column(String(16))
    device_limit: Mapped[int | None]
    token_generation: Mapped[int]
    created_at: Mapped[datetime]

    devices: Mapped[list[Device]] = relationship(
        back_populates="client", cascade="all, delete-orphan", passive_deletes=True, lazy="raise"
    )
    chat_users: Mapped[list[ChatUser]] = relationship(
        back_populates="client", cascade="all, delete-orphan", passive_deletes=True, lazy="raise"
    )

    __table_args__ = (
        Index("ix_clients_newest", "created_at", "id"),
        Index("ix_clients_folded_name", "folded_name", "id"),
        Index(
            "ix_clients_suspended",
            "created_at",
            "id",
            sqlite_where=text(SUSPENDED_CLIENT),
            postgresql_where=text(SUSPENDED_CLIENT),
        ),
    )

    @validates("name")
    def _fold(self, _column: str, name: str) -> str:
        """Keep with the name what it is searched by, whoever sets it."""
        self.folded_name = fold(name)
        return name


class ChatUser(Base):
    """A person on Telegram. The id is the identity; username and first name are only what to call them."""

    __tablename__ = "chat_users"

    telegram_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    client_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("clients.id", ondelete="CASCADE"), index=True)
    status: Mapped[str] = mapped_column(String(16))
    username: Mapped[str | None] = mapped_column(String(64))
    first_name: Mapped[str] = mapped_column(String(256))
    folded_username: Mapped[str | None] = mapped_column(folded())
    folded_first_name: Mapped[str] = mapped_column(folded(), server_default="")
    digits: Mapped[str] = mapped_column(folded(20), server_default="")
    language: Mapped[str | None] = mapped_column(String(35))
    chosen_language: Mapped[str | None] = mapped_column(String(35))
    role: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(String(100))
    decided_at: Mapped[datetime | None]
    joined_at: Mapped[datetime | None]

    client: Mapped[Client | None] = relationship(back_populates="chat_users", lazy="raise")

    __table_args__ = (
        Index(
            "ix_chat_users_admins",
            "telegram_id",
            sqlite_where=text("role = 'admin'"),
            postgresql_where=text("role = 'admin'"),
        ),
        Index(
            "ix_chat_users_waiting",
            "created_at",
            sqlite_where=text("status = 'waiting'"),
            postgresql_where=text("status = 'waiting'"),
        ),
        Index("ix_chat_users_folded_username", "folded_username", "client_id"),
        Index("ix_chat_users_folded_first_name", "folded_first_name", "client_id"),
        Index("ix_chat_users_digits", "digits", "client_id"),
    )

    @validates("username", "first_name", "telegram_id")
    def _fold(self, column: str, value: Any) -> Any:
        """Keep with each name, and with the id, what it is searched by, whoever sets it."""
        if column == "telegram_id":
            self.digits = str(value)
        elif column == "first_name":
            self.folded_first_name = fold(value)
        else:
            self.folded_username = None if value is None else fold(value)
        return value


class Device(Base):
    """A terminal that proves who it is with a secret. Reserved (it can do nothing) until `live_at` is set."""

    __tablename__ = "devices"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    client_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("clients.id", ondelete="CASCADE"))
    device_name: Mapped[str] = mapped_column(String(100))
    folded_name: Mapped[str] = mapped_column(folded(400))
    group_name: Mapped[str | None] = mapped_column(String(100))
    secret_hash: Mapped[str] = mapped_column(String(200))
    secret_tag: Mapped[bytes] = mapped_column(LargeBinary(16))
    fingerprint: Mapped[str] = mapped_column(String(8))
    secret_generation: Mapped[int]
    previous_hash: Mapped[str | None] = mapped_column(String(200))
    previous_tag: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    previous_fingerprint: Mapped[str | None] = mapped_column(String(8))
    previous_generation: Mapped[int | None]
    previous_valid_until: Mapped[datetime | None]
    secret_seen_at: Mapped[datetime | None]
    live_at: Mapped[datetime | None]
    revoked: Mapped[bool] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None] = mapped_column(String(100))
    revoke_reason: Mapped[str | None] = mapped_column(String(200))
    last_seen: Mapped[datetime | None]
    last_ip: Mapped[str | None] = mapped_column(String(45))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    client: Mapped[Client] = relationship(back_populates="devices", lazy="raise")

    __table_args__ = (
        Index(
            "uq_devices_live_name",
            "client_id",
            "device_name",
            unique=True,
            sqlite_where=text("NOT revoked"),
            postgresql_where=text("NOT revoked"),
        ),
        Index("ix_devices_list", "client_id", "revoked", "created_at", "id").ddl_if(dialect="postgresql"),
        # with all that is counted, so that no row is read; PostgreSQL would write each index anew at every sighting
        Index("ix_devices_counted", "client_id", "revoked", "created_at", "id", "live_at", "last_seen").ddl_if(
            dialect="sqlite"
        ),
        Index("ix_devices_newest", "client_id", "created_at", "id"),
        Index("ix_devices_fingerprint", "client_id", "fingerprint"),
        Index("ix_devices_group", "client_id", "revoked", "group_name"),
        Index("ix_devices_secret_tag", "secret_tag"),
        Index(
            "ix_devices_previous_tag",
            "previous_tag",
            sqlite_where=text("previous_tag IS NOT NULL"),
            postgresql_where=text("previous_tag IS NOT NULL"),
        ),
        Index("ix_devices_any_fingerprint", "fingerprint"),
        Index("ix_devices_folded_name", "folded_name", "client_id"),
    )

    def __repr__(self) -> str:
        """Name the device without its hash."""
        return f"<Device {self.id} {'revoked' if self.revoked else 'active'}>"


class Handout(Base):
    """One secret message: where it is, what state it is in, and when it must be gone. Never the secret.

    `client_id` and `device_id` are plain values: the duty to destroy a message outlives what it was about.
    """

    __tablename__ = "handouts"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    bot_id: Mapped[int]
    chat_id: Mapped[int]
    message_id: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(16))
    client_id: Mapped[uuid.UUID]
    device_id: Mapped[uuid.UUID] = mapped_column(index=True)
    device_name: Mapped[str] = mapped_column(String(100))
    source: Mapped[str] = mapped_column(String(100), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    epoch: Mapped[int]
    base_generation: Mapped[int | None]
    pending_hash: Mapped[str | None] = mapped_column(String(200))
    pending_tag: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    pending_fingerprint: Mapped[str | None] = mapped_column(String(8))
    pending_overlap: Mapped[int]
    old_fingerprint: Mapped[str | None] = mapped_column(String(8))
    outcome: Mapped[str | None] = mapped_column(String(24))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    armed_at: Mapped[datetime | None]
    shown_at: Mapped[datetime | None]
    destroy_at: Mapped[datetime | None]
    redacted_at: Mapped[datetime | None]
    missing_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    destroyed_at: Mapped[datetime | None]
    attempts: Mapped[int]
    next_attempt_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (
        Index(
            "uq_handouts_open_device",
            "device_id",
            unique=True,
            sqlite_where=text(OPEN_HANDOUT),
            postgresql_where=text(OPEN_HANDOUT),
        ),
        Index(
            "uq_handouts_visible_chat",
            "bot_id",
            "chat_id",
            unique=True,
            sqlite_where=text(VISIBLE_HANDOUT),
            postgresql_where=text(VISIBLE_HANDOUT),
        ),
        Index(
            "ix_handouts_due",
            "next_attempt_at",
            sqlite_where=text("next_attempt_at IS NOT NULL"),
            postgresql_where=text("next_attempt_at IS NOT NULL"),
        ),
        Index("ix_handouts_chat", "bot_id", "chat_id", "message_id"),
        Index(
            "ix_handouts_finished",
            "created_at",
            sqlite_where=text(FINISHED_HANDOUT),
            postgresql_where=text(FINISHED_HANDOUT),
        ),
    )

    def __repr__(self) -> str:
        """Name the handout without its hash."""
        return f"<Handout {self.id} {self.kind} {self.state}>"


class InboxUpdate(Base):
    """An update that was received: reduced to what handlers need, kept until it is two days old."""

    __tablename__ = "inbox"

    source: Mapped[str] = mapped_column(String(100), primary_key=True)
    position: Mapped[int]
    person: Mapped[int]
    body: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]
    effect_at: Mapped[datetime | None]
    handled_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "ix_inbox_unhandled",
            "received_at",
            "position",
            sqlite_where=text("handled_at IS NULL"),
            postgresql_where=text("handled_at IS NULL"),
        ),
        Index("ix_inbox_handled_at", "handled_at"),
    )


class Notice(Base):
    """A message owed to somebody, written in the transaction that causes it.

    While `claimed_until` lies ahead, the process with this `claim_token` is sending it, and nobody else does.
    """

    __tablename__ = "notices"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    telegram_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(32))
    cause: Mapped[str] = mapped_column(String(120), unique=True)
    details: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    attempts: Mapped[int]
    next_attempt_at: Mapped[datetime | None]
    claim_token: Mapped[uuid.UUID | None]
    claimed_until: Mapped[datetime | None]
    message_id: Mapped[int | None]
    sent_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (
        Index(
            "ix_notices_due",
            "next_attempt_at",
            sqlite_where=text("next_attempt_at IS NOT NULL"),
            postgresql_where=text("next_attempt_at IS NOT NULL"),
        ),
        Index("ix_notices_ended", "created_at", sqlite_where=text(ENDED_NOTICE), postgresql_where=text(ENDED_NOTICE)),
        Index(
            "ix_notices_claimed",
            "claimed_until",
            sqlite_where=text(CLAIMED_NOTICE),
            postgresql_where=text(CLAIMED_NOTICE),
        ),
    )


class AuditEvent(Base):
    """What was done, by whom. Append-only; never a secret."""

    __tablename__ = "audit_events"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(32))
    client_id: Mapped[uuid.UUID | None]
    device_id: Mapped[uuid.UUID | None]
    details: Mapped[dict[str, Any]]

    __table_args__ = (
        Index("ix_audit_events_newest", "at", "id"),
        Index("ix_audit_events_client", "client_id", "at", "id"),
        Index("ix_audit_events_device", "device_id", "at", "id"),
    )


class Invite(Base):
    """A link that lets one person in, once. Only the hash of what the link carries is kept."""

    __tablename__ = "invites"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    client_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("clients.id", ondelete="CASCADE"), index=True)
    made_by: Mapped[int] = mapped_column(index=True)
    source: Mapped[str] = mapped_column(String(100), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_by: Mapped[int | None]
    used_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class NoticeSwitch(Base):
    """How a person wants one kind of notice: silent, or not at all. Without a row it comes as usual."""

    __tablename__ = "notice_switches"

    telegram_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    choice: Mapped[str] = mapped_column(String(8))


class Conversation(Base):
    """The one open question in a chat: what was asked, in which message, and what the answer needs."""

    __tablename__ = "conversations"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    chat_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(32))
    message_id: Mapped[int | None]
    details: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime] = mapped_column(index=True)


class Pick(Base):
    """A device that somebody has picked in their chat, to do something with several at once."""

    __tablename__ = "picks"

    chat_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    device_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("devices.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Batch(Base):
    """Something to be done with several devices: exactly those that the question named, once, and what came of it."""

    __tablename__ = "batches"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(index=True)
    client_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("clients.id", ondelete="CASCADE"), index=True)
    action: Mapped[str] = mapped_column(String(16))
    group_name: Mapped[str | None] = mapped_column(String(100))
    details: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    changed: Mapped[int | None]


class Epoch(Base):
    """The fencing number of the active bot: whoever holds an older one touches no handout."""

    __tablename__ = "epochs"

    bot_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    activated_at: Mapped[datetime]
    alive_at: Mapped[datetime]


class Nonce(Base):
    """A signed request that was let in, remembered until its timestamp is too old. PostgreSQL only, and unlogged."""

    __tablename__ = "nonces"

    device_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    nonce: Mapped[str] = mapped_column(String(64), primary_key=True)
    valid_until: Mapped[int] = mapped_column(index=True)


class CopyMark(Base):
    """Says that these records were copied: what was revoked elsewhere since is not in them. Written into the copy only.

    Until somebody has confirmed it, no device is let in.
    """

    __tablename__ = "copy_marks"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    taken_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(String(100))


class MoveRole(StrEnum):
    """On which side of a move these records are."""

    SOURCE = "source"
    TARGET = "target"


class Move(Base):
    """Says that these records are moved to another database, or came from one; the same id in both.

    Until `ended_at` is set no program works on the target, and from then on none on the source. `position` is how far
    the target is; a source that somebody went on with meanwhile was `abandoned_at` that moment.
    """

    __tablename__ = "moves"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(String(8))
    place: Mapped[str] = mapped_column(String(400))
    began_at: Mapped[datetime]
    position: Mapped[dict[str, Any] | None]
    abandoned_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
