# The registry in a container, for compose.yaml and for whatever else runs containers: `docker build -t device-registry .`
# Its records belong into PostgreSQL: nothing is kept in here, and nothing in here is written to.

FROM python:3.11-slim-bookworm AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE requirements.lock ./
COPY bot bot
COPY storage storage
# the lock also has what only tests need, so it chooses the releases, and pip what is needed
RUN sed -n 's/^\([A-Za-z0-9._-]*==[^ ;]*\).*/\1/p' requirements.lock > constraints.txt \
    && python -m venv /opt/registry \
    && /opt/registry/bin/pip install --no-cache-dir --disable-pip-version-check --constraint constraints.txt '.[postgres]'

FROM python:3.11-slim-bookworm
COPY --from=build /opt/registry /opt/registry
ENV PATH=/opt/registry/bin:$PATH PYTHONDONTWRITEBYTECODE=1 HOST=0.0.0.0 PORT=8080
USER 10001:10001
EXPOSE 8080
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
