# One image for `triage serve`, `triage worker` and `triage migrate`. Everything in it is pinned by hash.
FROM python:3.11-slim

RUN useradd --system --create-home --home-dir /var/lib/triage triage
WORKDIR /opt/triage

# The packages change less often than the code, so they are a layer of their own.
COPY requirements.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock

COPY pyproject.toml README.md manifest.yml ./
COPY bot bot
COPY services services
COPY models models
COPY migrations migrations
COPY sandbox sandbox
RUN pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation -e .

# What is compiled is kept where the bot may write: on another kind of processor it is compiled anew, once.
ENV NUMBA_CACHE_DIR=/var/lib/triage/compiled \
    TRIAGE_DATA_DIR=/var/lib/triage/data \
    PYTHONUNBUFFERED=1
USER triage
RUN python -m services.logs.warm

EXPOSE 8710
STOPSIGNAL SIGTERM
CMD ["triage", "serve"]
