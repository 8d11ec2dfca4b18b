#!/usr/bin/env bash
# Runs once, when the database is made: an owner who migrates, and a role that serves and owns nothing.
set -euo pipefail

psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set owner_password="$OWNER_PASSWORD" --set app_password="$APP_PASSWORD" <<'SQL'
CREATE ROLE jiaoying_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'owner_password';
CREATE ROLE jiaoying_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'app_password';
CREATE DATABASE jiaoying OWNER jiaoying_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE jiaoying FROM PUBLIC;
GRANT CONNECT ON DATABASE jiaoying TO jiaoying_app;
\connect jiaoying
ALTER SCHEMA public OWNER TO jiaoying_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO jiaoying_app;
SQL
