"""The layers that import-linter holds in `make check` are complete: nothing new slips past them."""

import tomllib
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
LAYERS, TOP = CONTRACTS["contracts"]


def test_every_app_of_ours_stands_in_a_layer():
    ours = {app for app in settings.INSTALLED_APPS if (ROOT / app.partition(".")[0]).is_dir()} - {"trufan"}
    named = {app.strip() for layer in LAYERS["layers"] for app in layer.split("|")}
    assert ours == named
    assert ours == set(TOP["source_modules"])
    assert ours - {"trufan.lib"} | {"trufan"} == set(CONTRACTS["root_packages"])


def test_every_module_of_the_project_is_closed_to_the_apps():
    modules = {
        path.stem for path in (ROOT / "trufan").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    closed = {f"trufan.{name}" for name in modules - {"__init__", "lib", "tests"}}
    assert closed == set(TOP["forbidden_modules"])
