"""All that the doctor looks at, in the order in which one thing leads to the next."""

from __future__ import annotations

from collections.abc import Iterator

from trufan.doctor import background, configuration, database, outside, records, storage, switches
from trufan.doctor.findings import Check, Finding, run

#: What stays on this machine and its services.
INSIDE: dict[str, Check] = {
    "configuration": configuration.configuration,
    "static files": configuration.static_files,
    "database": database.database,
    "migrations": database.migrations,
    "triggers": database.triggers,
    "partitions": database.monthly_partitions,
    "statistics": database.statistics,
    "connections": database.connections,
    "replica": database.reads_elsewhere,
    "database clock": database.clock,
    "redis": background.redis,
    "workers": background.workers,
    "sweep": background.sweep,
    "queues": background.queues,
    "audit key": records.audit_key,
    "audit trail": records.audit_trail,
    "webhook endpoints": records.webhook_endpoints,
    "people": records.people,
    "switches": switches.switches,
    "folders": storage.folders,
    "backups": storage.last_backup,
}
#: What asks others over the network.
OUTSIDE: dict[str, Check] = {
    "address": outside.address,
    "payments": outside.payment_gateway,
    "short messages": outside.short_messages,
    "mail": outside.mail_server,
}
#: Of no use while the database does not answer.
_NEED_DATABASE = frozenset(INSIDE) - {
    "configuration",
    "static files",
    "database",
    "redis",
    "workers",
    "sweep",
    "folders",
    "backups",
}


def examine(*, offline: bool = False) -> Iterator[Finding]:
    """Every finding, as it is made. `offline` asks nobody outside."""
    checks = INSIDE if offline else INSIDE | OUTSIDE
    answers = True
    for name, check in checks.items():
        if not answers and name in _NEED_DATABASE:
            continue
        found = list(run({name: check}))
        answers = answers and not (name == "database" and any(each.severity == "error" for each in found))
        yield from found
