-- +goose Up
-- What must not be used again: ended sessions, people whose sessions were ended, finished sign-ins. Names are hashes.
CREATE TABLE ended (
    name  TEXT    NOT NULL PRIMARY KEY,
    at    INTEGER NOT NULL, -- when it ended, in milliseconds since 1970-01-01 UTC
    until INTEGER NOT NULL  -- when what it names would have died by itself
) STRICT, WITHOUT ROWID;
