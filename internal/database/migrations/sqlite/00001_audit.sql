-- +goose Up
-- docs/decisions/0004-audit-record.md explains the tables. What an entry says is its body; every other column and table
-- follows from the bodies, serves to find them, and is checked against them.

-- Whom entries name. Kept once per spelling, so that a search by name reads thousands of people, not millions of entries.
CREATE TABLE audit_people (
    ref             INTEGER PRIMARY KEY AUTOINCREMENT, -- never given to another person
    organization_id TEXT NOT NULL,
    id              TEXT NOT NULL,
    name            TEXT NOT NULL,
    email           TEXT NOT NULL,
    folded          TEXT NOT NULL,
    UNIQUE (organization_id, id, name, email)
) STRICT;

CREATE TABLE audit_entries (
    seq             INTEGER PRIMARY KEY,
    at              INTEGER NOT NULL, -- milliseconds since 1970-01-01 UTC
    act             INTEGER NOT NULL, -- seq of the entry that began the act
    action          TEXT    NOT NULL,
    outcome         TEXT    NOT NULL,
    organization_id TEXT    NOT NULL,
    body            BLOB    NOT NULL  -- the entry in its canonical form, JSON; the leaf of the tree is its hash
) STRICT;
CREATE INDEX audit_entries_act ON audit_entries (act, seq);
CREATE INDEX audit_people_folded ON audit_people (organization_id, folded, ref);

-- The acts that entries tell of, a row each, and what they are found by: entries are listed with their acts. A row says
-- who acted and on whom as the entry does that began it, and as those do that close it.
CREATE TABLE audit_acts (
    seq             INTEGER PRIMARY KEY, -- of the entry that began it
    at              INTEGER NOT NULL,    -- of that entry
    action          TEXT    NOT NULL,
    outcome         TEXT    NOT NULL,    -- the last that is on the record, 'asked' for none
    actor           INTEGER NOT NULL,    -- a ref of audit_people
    subject         INTEGER NOT NULL,
    organization_id TEXT    NOT NULL,
    batch           TEXT    NOT NULL
) STRICT;

-- Each finds acts in their order; what follows seq lets the rest of a filter be checked without reading the row.
CREATE INDEX audit_acts_organization ON audit_acts (organization_id, seq, actor, subject, action, outcome, at);
CREATE INDEX audit_acts_action ON audit_acts (organization_id, action, outcome, seq, actor, subject, at);
CREATE INDEX audit_acts_outcome ON audit_acts (organization_id, outcome, seq, actor, subject, action, at);
CREATE INDEX audit_acts_actor ON audit_acts (actor, seq, subject, action, outcome, at);
CREATE INDEX audit_acts_subject ON audit_acts (subject, seq, actor, action, outcome, at);
CREATE INDEX audit_acts_batch ON audit_acts (batch, seq) WHERE batch <> '';

-- How many revocations had which outcome, by the quarter of an hour, since hours and days begin at such times in every
-- time zone. It follows from the entries that are still there.
CREATE TABLE audit_counts (
    organization_id TEXT   NOT NULL,
    quarter         INTEGER NOT NULL, -- quarters of an hour since 1970-01-01 UTC
    outcome         TEXT   NOT NULL,
    number          INTEGER NOT NULL,
    PRIMARY KEY (organization_id, quarter, outcome)
) STRICT, WITHOUT ROWID;

-- Entries that asked and have no outcome yet.
CREATE TABLE audit_open (seq INTEGER PRIMARY KEY) STRICT;

-- The earliest and the latest time in every block of 1,000 entries: entries are listed in their order, and found by time
-- through this, whatever the clocks that wrote them did.
CREATE TABLE audit_times (
    block    INTEGER PRIMARY KEY, -- (seq - 1) / 1000
    earliest INTEGER NOT NULL,
    latest   INTEGER NOT NULL
) STRICT;

-- The Merkle tree: what each entry added to it, hashes of 32 bytes each, the leaf's first, then those of the subtrees that
-- it completes. They stay when retention removes the entry.
CREATE TABLE audit_tree (
    seq    INTEGER PRIMARY KEY,
    hashes BLOB NOT NULL
) STRICT;

-- The one row that holds the end of the record.
CREATE TABLE audit_head (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    size       INTEGER NOT NULL, -- how many entries were ever written
    checkpoint TEXT    NOT NULL, -- size and root, signed; '' for none yet
    pruned     INTEGER NOT NULL  -- entries up to this one may be removed
) STRICT;
INSERT INTO audit_head VALUES (1, 0, '', 0);

-- Written now and then to see whether anything can be written.
CREATE TABLE audit_probe (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    filler BLOB NOT NULL
) STRICT;
INSERT INTO audit_probe VALUES (1, x'');

-- The triggers keep a slip of the hand from harming the record. They do not stop an owner of the file: the tree does.
-- +goose StatementBegin
CREATE TRIGGER audit_entries_insert BEFORE INSERT ON audit_entries
WHEN NEW.seq <> (SELECT size + 1 FROM audit_head)
BEGIN SELECT RAISE(ABORT, 'audit: an entry must follow the last one'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_entries_update BEFORE UPDATE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit: entries are never changed'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_entries_delete BEFORE DELETE ON audit_entries
WHEN OLD.seq > (SELECT pruned FROM audit_head)
BEGIN SELECT RAISE(ABORT, 'audit: entries are removed only by retention'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_people_update BEFORE UPDATE ON audit_people
BEGIN SELECT RAISE(ABORT, 'audit: people are never changed'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_tree_update BEFORE UPDATE ON audit_tree
BEGIN SELECT RAISE(ABORT, 'audit: the tree only grows'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_tree_delete BEFORE DELETE ON audit_tree
BEGIN SELECT RAISE(ABORT, 'audit: the tree only grows'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_head_update BEFORE UPDATE ON audit_head
WHEN NEW.size NOT IN (OLD.size, OLD.size + 1) OR NEW.pruned < OLD.pruned OR NEW.pruned > NEW.size
    OR NEW.size > OLD.size AND NOT EXISTS (SELECT 1 FROM audit_tree WHERE seq = NEW.size)
BEGIN SELECT RAISE(ABORT, 'audit: the record only grows'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_head_delete BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, 'audit: the end of the record is never forgotten'); END;
-- +goose StatementEnd
