# syntax=docker/dockerfile:1
# OPA comes from the official image by digest, given at build time, because a tag can be moved:
#   docker build --build-arg OPA_DIGEST=sha256:… -t penstock .
# The digest of openpolicyagent/opa:1.22.0-static is what `docker buildx imagetools inspect` prints for it.
ARG OPA_DIGEST
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM openpolicyagent/opa@${OPA_DIGEST} AS opa

FROM ${PYTHON_IMAGE} AS build
COPY requirements.lock pyproject.toml README.md /src/
COPY engine /src/engine
COPY policies /src/policies
COPY runbooks /src/runbooks
COPY gitops /src/gitops
RUN python -m venv /opt/penstock \
 && /opt/penstock/bin/pip install --no-cache-dir --require-hashes -r /src/requirements.lock \
 && /opt/penstock/bin/pip install --no-cache-dir --no-deps --no-build-isolation /src

FROM ${PYTHON_IMAGE}
RUN apt-get update && apt-get install --yes --no-install-recommends git && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --no-create-home penstock && install -d -o penstock /var/lib/penstock /var/cache/penstock
COPY --from=opa /opa /usr/local/bin/opa
COPY --from=build /opt/penstock /opt/penstock
ENV PATH=/opt/penstock/bin:$PATH PENSTOCK_STATE=/var/lib/penstock PENSTOCK_CACHE=/var/cache/penstock
USER 10001
ENTRYPOINT ["penstock"]
CMD ["serve"]
