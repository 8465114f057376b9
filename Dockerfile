# One image for web and worker. Built in two stages, so that no compiler and no cache is shipped.
FROM python:3.11-slim AS build
COPY requirements.txt /tmp/
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir -r /tmp/requirements.txt

FROM python:3.11-slim
# Pango puts reports on paper; without it everything else works.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home consilium \
    && install -d -o consilium /data
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY manage.py LICENSE ./
COPY accounts accounts
COPY annotations annotations
COPY config config
COPY locale locale
COPY qc qc
COPY reports reports
COPY static static
COPY templates templates
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 OPENBLAS_NUM_THREADS=1 \
    DJANGO_SETTINGS_MODULE=config.settings CONSILIUM_DATA=/data
# Static files are hashed at build time: the image is read-only where it runs.
RUN CONSILIUM_DATA=/tmp/build python manage.py collectstatic --noinput -v 0 && rm -rf /tmp/build
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=2); c.request('GET', '/healthz', headers={'Host': 'localhost'}); raise SystemExit(c.getresponse().status != 200)"]
CMD ["python", "-m", "config.web"]
