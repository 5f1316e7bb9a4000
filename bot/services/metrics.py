"""What is counted for Prometheus. Services and doors count; the HTTP door shows."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

DEVICES_REGISTERED = Counter("devices_registered", "Devices that became live", registry=REGISTRY)
DEVICES_REVOKED = Counter("devices_revoked", "Devices that were revoked", registry=REGISTRY)
TELEGRAM_UPDATES = Counter("telegram_updates", "Updates received", ["type"], registry=REGISTRY)
TELEGRAM_COMMANDS = Counter("telegram_command", "Commands received", ["name"], registry=REGISTRY)
TELEGRAM_ERRORS = Counter("telegram_errors", "Updates that could not be handled", registry=REGISTRY)
UPDATES_TURNED_AWAY = Counter("telegram_updates_turned_away", "Updates of people who sent too many", registry=REGISTRY)
SECRETS_SHOWN = Counter("secrets_shown", "Secrets whose showing was confirmed", registry=REGISTRY)
SECRETS_DESTROYED = Counter("secrets_destroyed", "Messages with a secret that were removed", registry=REGISTRY)
SECRETS_FAILED = Counter("secrets_failed", "Messages with a secret that Telegram refuses to remove", registry=REGISTRY)
DESTRUCTION_LATENESS = Histogram(
    "secret_destruction_lateness_seconds",
    "How long after its time a secret was removed",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 3600),
    registry=REGISTRY,
)
AUTHENTICATIONS = Counter("device_authentications", "Logins and signed requests", ["kind", "result"], registry=REGISTRY)
AUTHENTICATION_SECONDS = Histogram(
    "device_authentication_seconds",
    "How long logins and signed requests took",
    ["kind"],
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
    registry=REGISTRY,
)
ARGON2_QUEUE = Gauge("argon2_queue", "Secrets being hashed or waiting for it", registry=REGISTRY)
NOTICES_OWED = Gauge("notices_owed", "Messages that are owed to somebody", registry=REGISTRY)
