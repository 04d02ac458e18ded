# One image for every process: `python -m ent.processes web|worker|beat`, `python manage.py migrate`.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
COPY requirements/base.txt requirements/base.txt
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: \
        --requirement requirements/base.txt

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=ent.settings.production \
    PREAU_VAR=/var/lib/preau \
    STATIC_ROOT=/app/static-built
RUN useradd --system --uid 10001 --home-dir /var/lib/preau --create-home preau
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY . .
# Static files are named after their content, here once. Nothing below is a secret: this step only
# reads the settings, and the image keeps none of these values.
RUN SECRET_KEY=build-only ALLOWED_HOSTS=build.invalid PUBLIC_BASE_URL=https://build.invalid \
    DATABASE_URL=postgresql://build.invalid/none \
    python manage.py collectstatic --no-input --verbosity 0
USER preau
VOLUME /var/lib/preau
EXPOSE 8000
ENV BIND=0.0.0.0:8000
CMD ["python", "-m", "ent.processes", "web"]
