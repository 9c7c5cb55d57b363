"""The product's settings, and one address more: `served_urls`."""

from trufan.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.bench.served_urls"
