"""The environment as settings read it: a value may also stand in a file, named by the variable's name and `_FILE`.

So secrets come as files of Docker, Kubernetes or systemd: `SECRET_KEY_FILE=/run/secrets/secret_key`. The file wins over
the variable, and the end of line that editors leave is no part of it.
"""

from __future__ import annotations

from typing import Any

from environ import FileAwareEnv
from environ.fileaware_mapping import FileAwareMapping


class Environment(FileAwareMapping):
    """`os.environ` and the files that it names. One that can't be read raises `OSError`: nothing starts without it."""

    def __getitem__(self, key: str) -> str:
        value: str = super().__getitem__(key)
        return value.rstrip("\r\n") if self.env.get(f"{key}_FILE") else value


class Env(FileAwareEnv):
    ENVIRON: Any = Environment()
