"""What goes wrong, and when: a schedule that its seed decides."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable

import psycopg
import redis

from benchmarks.chaos.parts import Venue


def kill_web_worker(venue: Venue, dice: random.Random) -> None:
    if children := venue.running["gunicorn"].children():
        os.kill(dice.choice(children), signal.SIGKILL)


def restart_web(venue: Venue, dice: random.Random) -> None:
    venue.running["gunicorn"].stop()
    venue.running["gunicorn"].start()


def kill_web(venue: Venue, dice: random.Random) -> None:
    venue.running["gunicorn"].kill()
    venue.running["gunicorn"].start()


def kill_celery(venue: Venue, dice: random.Random) -> None:
    venue.running["worker"].kill()
    venue.running["worker"].start()


def restart_redis(venue: Venue, dice: random.Random) -> None:
    venue.redis.stop()
    time.sleep(dice.uniform(0.5, 3))
    venue.redis.start()


def empty_redis(venue: Venue, dice: random.Random) -> None:
    with redis.Redis(port=venue.redis.port) as caller:
        caller.flushall()


def restart_postgres_fast(venue: Venue, dice: random.Random) -> None:
    venue.postgres.stop(mode="fast")
    time.sleep(dice.uniform(0, 2))
    venue.postgres.start()


def restart_postgres_at_once(venue: Venue, dice: random.Random) -> None:
    venue.postgres.stop()
    time.sleep(dice.uniform(0, 2))
    venue.postgres.start()


def cut_postgres(venue: Venue, dice: random.Random) -> None:
    with psycopg.connect(venue.postgres.url, autocommit=True) as caller:
        caller.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )


def cut_redis(venue: Venue, dice: random.Random) -> None:
    with redis.Redis(port=venue.redis.port) as caller:
        caller.client_kill_filter(_type="normal", skipme=True)


def stop_standin(venue: Venue, dice: random.Random) -> None:
    """It hears and does not answer."""
    pid = venue.running["standin"].process.pid
    os.kill(pid, signal.SIGSTOP)
    time.sleep(10)
    os.kill(pid, signal.SIGCONT)


FAULTS: dict[str, Callable[[Venue, random.Random], None]] = {
    "web worker killed -9": kill_web_worker,
    "web server restarted": restart_web,
    "web server killed -9": kill_web,
    "Celery worker killed -9": kill_celery,
    "Redis killed and restarted": restart_redis,
    "Redis emptied": empty_redis,
    "PostgreSQL restarted (fast)": restart_postgres_fast,
    "PostgreSQL restarted (immediate)": restart_postgres_at_once,
    "PostgreSQL connections cut": cut_postgres,
    "Redis connections cut": cut_redis,
    "payment provider silent for 10 s": stop_standin,
}
#: Seconds from the end of one to the next.
PAUSE = (3.0, 9.0)


def rage(venue: Venue, seed: str, over: threading.Event, tell: Callable[[str], None]) -> None:
    """One fault after the other until `over`; every kind comes once before any comes again."""
    dice, waiting = random.Random(f"faults {seed}"), []
    while not over.wait(dice.uniform(*PAUSE)):
        if not waiting:
            waiting = dice.sample(sorted(FAULTS), len(FAULTS))
        name = waiting.pop()
        tell(name)
        FAULTS[name](venue, dice)
        for ended in venue.revive():
            tell(f"{ended} had ended by itself")
