"""The files that deploy TruFan agree with each other and with the code; nothing here needs a container engine."""

from __future__ import annotations

import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
OURS = {"api", "stream", "worker", "scheduler", "migrate", "backup"}


class Loader(yaml.SafeLoader):
    """Compose's own tags, `!reset` and `!override`, say how files are merged: their values are read as they stand."""


def _plain(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return None if node.value in ("", "null") else node.value


Loader.add_multi_constructor("!", _plain)
COMPOSE = yaml.load((ROOT / "docker-compose.yml").read_text(), Loader)  # noqa: S506  of SafeLoader
LIVE = yaml.load((ROOT / "deploy/compose.live.yml").read_text(), Loader)  # noqa: S506


def test_every_service_that_is_waited_for_exists_and_can_be_waited_for():
    services = COMPOSE["services"]
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in services, name
            if how["condition"] == "service_completed_successfully":
                assert services[other]["restart"] == "no"
            else:
                assert not services[other].get("healthcheck", {}).get("disable")


def test_a_worker_tells_what_it_counted_and_has_the_environment_of_the_others():
    worker, api = (COMPOSE["services"][name]["environment"] for name in ("worker", "api"))
    assert worker.keys() - api.keys() == {"WORKER_METRICS_PORT"}
    assert api.items() <= worker.items()
    assert "PROMETHEUS_MULTIPROC_DIR" in (ROOT / "Dockerfile").read_text()


def _is_in_the_image(path: str) -> bool:
    """By .dockerignore: the last line that matches the path or a folder above it decides."""
    kept, parts = True, Path(path).parts
    above = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!").removeprefix("**/")
        names = parts if line.removeprefix("!").startswith("**/") else above
        if line and not line.startswith("#") and any(fnmatch(name, pattern) for name in names):
            kept = line.startswith("!")
    return kept


def test_what_the_image_starts_is_in_it():
    commands = (ROOT / "Dockerfile").read_text() + str([each.get("command") for each in COMPOSE["services"].values()])
    named = set(re.findall(r"[\w./-]+\.py\b", commands))
    assert {"deploy/gunicorn.conf.py", "manage.py"} <= named
    assert [path for path in sorted(named) if not ((ROOT / path).is_file() and _is_in_the_image(path))] == []


def test_what_the_image_imports_is_in_it():
    assert _is_in_the_image("trufan/settings.py")
    assert not _is_in_the_image("orders/tests/carts.py")
    assert not _is_in_the_image("benchmarks/bench/__init__.py")
    for path in (path.relative_to(ROOT) for path in ROOT.glob("[a-z]*/**/*.py")):
        if _is_in_the_image(str(path)):
            imported = re.findall(r"^\s*(?:from|import) ([\w.]+)", (ROOT / path).read_text(), re.MULTILINE)
            gone = [name for name in imported if name.startswith("benchmarks") or ".tests" in name]
            assert not gone, f"{path} imports {gone}"


def test_what_a_worker_has_loaded_is_left_alone_by_the_collector_of_garbage():
    told = (
        "import gc, runpy; runpy.run_path('deploy/gunicorn.conf.py')['post_worker_init'](None);"
        " print(gc.get_freeze_count() > 1_000, gc.get_count()[2])"
    )
    ran = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["True", "0"]


def test_migrations_run_once_and_before_the_rest():
    for name in OURS - {"migrate", "backup"}:
        assert COMPOSE["services"][name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    migrating = [name for name, each in COMPOSE["services"].items() if "manage.py migrate" in str(each.get("command"))]
    assert migrating == ["migrate"]


@pytest.mark.parametrize("name", sorted(OURS | {"proxy"}))
def test_our_containers_may_write_nothing_and_gain_no_rights(name):
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["tmpfs"] == ["/tmp"]  # noqa: S108
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_only_the_proxy_is_reached_from_outside():
    assert [name for name, each in COMPOSE["services"].items() if "ports" in each] == ["proxy"]


def test_every_volume_and_every_file_that_is_mounted_exists():
    for file in (COMPOSE, LIVE):
        for service in file["services"].values():
            for volume in service.get("volumes", []):
                source = volume.partition(":")[0]
                if source.startswith("."):
                    assert (ROOT / source).is_file(), source
                else:
                    assert source in COMPOSE["volumes"]


def test_every_live_secret_is_a_setting_and_declared():
    text = (ROOT / "trufan/settings.py").read_text()
    for name in OURS:
        service = LIVE["services"][name]
        for variable, value in service["environment"].items():
            if variable.endswith("_FILE"):
                assert re.search(rf'env[.\w]*\(\s*"{variable.removesuffix("_FILE")}"', text), variable
                assert value.removeprefix("/run/secrets/") in service["secrets"]
        assert set(service["secrets"]) <= set(LIVE["secrets"])


def test_units_and_containers_run_the_same_processes():
    """The same program with the same options, but for addresses and paths."""
    docker = (ROOT / "Dockerfile").read_text()
    for name, command in {
        "api": docker,
        "stream": COMPOSE["services"]["stream"]["command"],
        "worker": COMPOSE["services"]["worker"]["command"],
        "scheduler": COMPOSE["services"]["scheduler"]["command"],
    }.items():
        (start,) = re.findall(r"^ExecStart=(.*)$", (ROOT / f"deploy/systemd/trufan-{name}.service").read_text(), re.M)
        for option in re.findall(r"--[a-z-]+", start):
            assert option in command, (name, option)


def test_the_image_runs_as_nobody_in_particular_and_without_an_installer():
    text = (ROOT / "Dockerfile").read_text()
    assert "pip uninstall" in text
    last_users = [re.findall(r"^USER (\S+)", stage, re.M)[-1:] for stage in re.split(r"^FROM ", text, flags=re.M)[2:4]]
    assert last_users == [["10001"], ["10001"]]
