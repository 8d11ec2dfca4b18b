# The service alone: PostgreSQL and Redis are other containers (docker-compose.yml).

FROM python:3.12-slim AS build
WORKDIR /source
COPY requirements/run.txt requirements/run.txt
RUN python -m venv /build && /build/bin/pip install --no-cache-dir --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY src src
RUN PYTHONPATH=src /build/bin/python -m jiaoying.web.assets build \
    && /build/bin/pip wheel --no-deps --no-build-isolation --no-index --wheel-dir /wheels .

FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1 \
    PYTHONUTF8=1 \
    JIAOYING_DATA_DIR=/var/lib/jiaoying \
    JIAOYING_LISTEN=0.0.0.0:8080 \
    JIAOYING_LOG_FORMAT=json
COPY requirements/service.txt /tmp/service.txt
COPY --from=build /wheels /tmp/wheels
RUN pip install --no-cache-dir --require-hashes -r /tmp/service.txt \
    && pip install --no-cache-dir --no-deps --no-index /tmp/wheels/*.whl \
    && rm -r /tmp/service.txt /tmp/wheels \
    && useradd --system --uid 10001 --home-dir /var/lib/jiaoying jiaoying \
    && install --directory --owner jiaoying --mode 0700 /var/lib/jiaoying
USER jiaoying
WORKDIR /var/lib/jiaoying
VOLUME /var/lib/jiaoying
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8080/readyz', timeout=4)"]
ENTRYPOINT ["jiaoying"]
CMD ["serve", "--role", "web"]
