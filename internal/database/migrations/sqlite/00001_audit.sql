-- +goose Up
-- docs/decisions/0004-audit-record.md explains the tables and what their triggers do and do not protect against.

-- Whom entries name. Kept once per spelling, so that a search by name reads thousands of people, not millions of entries.
CREATE TABLE audit_people (
    ref             INTEGER PRIMARY KEY,
    organization_id TEXT NOT NULL,
    id              TEXT NOT NULL,
    name            TEXT NOT NULL,
    email           TEXT NOT NULL,
    folded          TEXT NOT NULL,
    UNIQUE (organization_id, id, name, email)
) STRICT;

CREATE TABLE audit_entries (
    seq               INTEGER PRIMARY KEY,
    at                INTEGER NOT NULL, -- milliseconds since 1970-01-01 UTC
    action            TEXT    NOT NULL,
    outcome           TEXT    NOT NULL,
    actor             INTEGER NOT NULL REFERENCES audit_people (ref),
    organization_id   TEXT    NOT NULL,
    organization_name TEXT    NOT NULL,
    region            TEXT    NOT NULL,
    subject           INTEGER NOT NULL REFERENCES audit_people (ref),
    reason            TEXT    NOT NULL,
    ticket            TEXT    NOT NULL,
    detail            TEXT    NOT NULL,
    platform_status   INTEGER NOT NULL,
    correlation_id    TEXT    NOT NULL,
    request_id        TEXT    NOT NULL,
    client_address    TEXT    NOT NULL,
    asks              INTEGER NOT NULL,
    previous          TEXT    NOT NULL,
    hash              TEXT    NOT NULL
) STRICT;

-- Each finds entries in order of time; what follows seq lets the rest of a filter be checked without reading the entry.
CREATE INDEX audit_entries_organization ON audit_entries (organization_id, at, seq, actor, subject, action, outcome);
CREATE INDEX audit_entries_action ON audit_entries (organization_id, action, outcome, at, seq, actor, subject);
CREATE INDEX audit_entries_outcome ON audit_entries (organization_id, outcome, at, seq, actor, subject);
CREATE INDEX audit_entries_actor ON audit_entries (actor, at, seq, subject, action, outcome);
CREATE INDEX audit_entries_subject ON audit_entries (subject, at, seq, actor, action, outcome);
CREATE INDEX audit_people_folded ON audit_people (organization_id, folded, ref);

-- Entries that asked and have no outcome yet.
CREATE TABLE audit_open (seq INTEGER PRIMARY KEY) STRICT;

-- The one row that remembers both ends of the chain: its head, and the last entry that retention removed.
CREATE TABLE audit_chain (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    seq         INTEGER NOT NULL,
    hash        TEXT    NOT NULL,
    pruned_seq  INTEGER NOT NULL,
    pruned_hash TEXT    NOT NULL,
    pruned_at   INTEGER NOT NULL -- when that entry was written, in milliseconds; 0 when nothing was pruned
) STRICT;
INSERT INTO audit_chain VALUES (1, 0, '', 0, '', 0);

-- +goose StatementBegin
CREATE TRIGGER audit_entries_insert BEFORE INSERT ON audit_entries
WHEN NOT EXISTS (SELECT 1 FROM audit_chain WHERE NEW.seq = seq + 1 AND NEW.previous = hash)
BEGIN SELECT RAISE(ABORT, 'audit: an entry must continue the chain'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_entries_inserted AFTER INSERT ON audit_entries
BEGIN
    UPDATE audit_chain SET seq = NEW.seq, hash = NEW.hash;
    INSERT INTO audit_open SELECT NEW.seq WHERE NEW.outcome = 'asked';
    DELETE FROM audit_open WHERE seq = NEW.asks;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_entries_update BEFORE UPDATE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit: entries are never changed'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_entries_delete BEFORE DELETE ON audit_entries
WHEN OLD.seq > (SELECT pruned_seq FROM audit_chain)
BEGIN SELECT RAISE(ABORT, 'audit: entries are deleted only behind the pruning mark'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_people_update BEFORE UPDATE ON audit_people
BEGIN SELECT RAISE(ABORT, 'audit: people are never changed'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_chain_update BEFORE UPDATE ON audit_chain
WHEN NEW.seq NOT IN (OLD.seq, OLD.seq + 1)
    OR NOT (NEW.hash = OLD.hash AND NEW.seq = OLD.seq
        OR EXISTS (SELECT 1 FROM audit_entries WHERE seq = NEW.seq AND hash = NEW.hash))
    OR NEW.pruned_seq < OLD.pruned_seq
    OR NOT ((NEW.pruned_seq, NEW.pruned_hash, NEW.pruned_at) = (OLD.pruned_seq, OLD.pruned_hash, OLD.pruned_at)
        OR EXISTS (SELECT 1 FROM audit_entries
            WHERE seq = NEW.pruned_seq AND hash = NEW.pruned_hash AND at = NEW.pruned_at))
BEGIN SELECT RAISE(ABORT, 'audit: the chain only moves forward, along its entries'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_chain_delete BEFORE DELETE ON audit_chain
BEGIN SELECT RAISE(ABORT, 'audit: the chain is never forgotten'); END;
-- +goose StatementEnd
