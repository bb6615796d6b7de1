-- +goose Up
-- The last token known of each person who is watched after a revocation. Whom to watch is read from the record.
CREATE TABLE watch_tokens (
    organization_id TEXT NOT NULL,
    person_id       TEXT NOT NULL,
    issued          BIGINT NOT NULL, -- milliseconds since 1970-01-01 UTC; 0 if it was not told
    read_at         BIGINT NOT NULL, -- when that was told
    address         TEXT NOT NULL, -- of whoever got it; '' if it was not told
    client_id       TEXT NOT NULL, -- that it was issued to; '' if it was not told
    PRIMARY KEY (organization_id, person_id)
);

-- When the platform was last asked about an organization's watched people, so that everybody takes turns.
CREATE TABLE watch_reads (
    organization_id TEXT NOT NULL PRIMARY KEY,
    read_at         BIGINT NOT NULL
);
