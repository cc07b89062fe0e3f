#!/bin/sh
# Writes what is missing in docker/secrets: random passwords and the addresses that contain them.
# What is there stays as it is, so it can be run again at any time.
set -eu
cd "$(dirname "$0")"
umask 077 # nobody else can enter the folder, so any user of a container may read the files in it
mkdir -p secrets
cd secrets

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
missing() { [ ! -e "$1" ]; }
write() {
    cat >"$1.new"
    chmod 444 "$1.new"
    mv "$1.new" "$1"
}

for name in secret_key feed_token metrics_token postgres_password; do
    if missing $name; then random | write $name; fi
done
if missing redis_auth; then printf 'requirepass %s\n' "$(random)" | write redis_auth; fi
if missing email_url; then : | write email_url; fi # to be filled by whoever has a mail server
if missing database_url; then
    printf 'postgresql://broker:%s@postgres:5432/broker' "$(cat postgres_password)" |
        write database_url
fi
if missing redis_url; then
    printf 'redis://:%s@redis:6379/0' "$(cut -d' ' -f2 redis_auth)" | write redis_url
fi
