# syntax=docker/dockerfile:1
# One image for every process: the API by default; worker, scheduler and migrations by another command. Nothing is
# written below /app but in the volumes, so the file system may be read-only with a tmpfs on /tmp.

FROM python:3.11-slim-bookworm AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.txt /tmp/requirements.txt
# Packages are compiled once, here; the environment that runs needs no installer. http-ece, which web push needs, is
# published as source alone (pure Python).
RUN /opt/venv/bin/pip install --require-hashes --only-binary :all: --no-binary http-ece -r /tmp/requirements.txt \
    && /opt/venv/bin/python -m compileall -q /opt/venv/lib \
    && /opt/venv/bin/pip uninstall --yes --quiet pip setuptools


FROM python:3.11-slim-bookworm AS service
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=trufan.settings \
    PROMETHEUS_MULTIPROC_DIR=/tmp/trufan-metrics \
    PORT=8000
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY . .
# The live settings name the static files by their contents; nothing else of them is needed to collect. Who collects is
# root and must not begin the folder of metrics, which the service could not write into. Pictures that staff upload, and
# backups: volumes in their places start with this owner.
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin trufan \
    && DJANGO_ENV=production env -u PROMETHEUS_MULTIPROC_DIR python manage.py collectstatic --noinput --verbosity 0 \
    && install -d -o 10001 var/media var/private var/backups
USER 10001
EXPOSE 8000

# The service answers only to its own hosts, so the probe asks by the first of them.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["python", "-c", "\
import os, urllib.request as r; \
host = os.environ.get('ALLOWED_HOSTS', 'localhost').split(',')[0].lstrip('.'); \
r.urlopen(r.Request('http://127.0.0.1:' + os.environ['PORT'] + '/health', headers={'Host': host}), timeout=4)"]

# Threads stay below DB_POOL_SIZE + DB_POOL_OVERFLOW of a process. A stopped server finishes what it began.
# /dev/shm: a worker's heartbeat must not wait for a disk.
CMD ["sh", "-c", "exec gunicorn trufan.wsgi --config deploy/gunicorn.conf.py --bind 0.0.0.0:$PORT --workers ${WEB_CONCURRENCY:-2} \
    --worker-class gthread --threads ${WEB_THREADS:-8} --timeout 60 --graceful-timeout 30 --keep-alive 5 \
    --max-requests 10000 --max-requests-jitter 1000 --worker-tmp-dir /dev/shm --no-control-socket"]


# With PostgreSQL's client programs besides, for `manage.py backup` and `restore`.
FROM service AS backup
USER 0
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client-15 \
    && rm -rf /var/lib/apt/lists/*
USER 10001
HEALTHCHECK NONE
CMD ["python", "manage.py", "backup", "--keep", "14"]


FROM service
