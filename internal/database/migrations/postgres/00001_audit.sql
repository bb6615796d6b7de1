-- +goose Up
-- docs/decisions/0004-audit-record.md explains the tables. What an entry says is its body; every other column and table
-- follows from the bodies, serves to find them, and is checked against them.

-- Whom entries name. Kept once per spelling, so that a search by name reads thousands of people, not millions of entries.
CREATE TABLE audit_people (
    ref             BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id TEXT NOT NULL,
    id              TEXT NOT NULL,
    name            TEXT NOT NULL,
    email           TEXT NOT NULL,
    folded          TEXT NOT NULL,
    UNIQUE (organization_id, id, name, email)
);

CREATE TABLE audit_entries (
    seq             BIGINT PRIMARY KEY,
    at              BIGINT NOT NULL, -- milliseconds since 1970-01-01 UTC
    act             BIGINT NOT NULL, -- seq of the entry that began the act
    action          TEXT   NOT NULL,
    outcome         TEXT   NOT NULL,
    organization_id TEXT   NOT NULL,
    body            BYTEA  NOT NULL  -- the entry in its canonical form, JSON; the leaf of the tree is its hash
);
CREATE INDEX audit_entries_act ON audit_entries (act, seq);
CREATE INDEX audit_people_folded ON audit_people (organization_id, folded, ref);

-- The acts that entries tell of, a row each, and what they are found by: entries are listed with their acts. A row says
-- who acted and on whom as the entry does that began it, and as those do that close it.
CREATE TABLE audit_acts (
    seq             BIGINT  PRIMARY KEY, -- of the entry that began it
    at              BIGINT  NOT NULL,    -- of that entry
    action          TEXT    NOT NULL,
    outcome         TEXT    NOT NULL,    -- the last that is on the record, 'asked' for none
    actor           BIGINT  NOT NULL,    -- a ref of audit_people
    subject         BIGINT  NOT NULL,
    organization_id TEXT    NOT NULL,
    batch           TEXT    NOT NULL
);

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
    quarter         BIGINT NOT NULL, -- quarters of an hour since 1970-01-01 UTC
    outcome         TEXT   NOT NULL,
    number          BIGINT NOT NULL,
    PRIMARY KEY (organization_id, quarter, outcome)
);

-- Entries that asked and have no outcome yet.
CREATE TABLE audit_open (seq BIGINT PRIMARY KEY);

-- The earliest and the latest time in every block of 1,000 entries: entries are listed in their order, and found by time
-- through this, whatever the clocks that wrote them did.
CREATE TABLE audit_times (
    block    BIGINT PRIMARY KEY, -- (seq - 1) / 1000
    earliest BIGINT NOT NULL,
    latest   BIGINT NOT NULL
);

-- The Merkle tree: what each entry added to it, hashes of 32 bytes each, the leaf's first, then those of the subtrees that
-- it completes. They stay when retention removes the entry.
CREATE TABLE audit_tree (
    seq    BIGINT PRIMARY KEY,
    hashes BYTEA NOT NULL
);

-- The one row that holds the end of the record.
CREATE TABLE audit_head (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    size       BIGINT NOT NULL, -- how many entries were ever written
    checkpoint TEXT   NOT NULL, -- size and root, signed; '' for none yet
    pruned     BIGINT NOT NULL  -- entries up to this one may be removed
);
INSERT INTO audit_head VALUES (1, 0, '', 0);

-- Written now and then to see whether anything can be written.
CREATE TABLE audit_probe (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    filler BYTEA NOT NULL
);
INSERT INTO audit_probe VALUES (1, '');

-- The triggers keep a slip of the hand from harming the record. They do not stop an owner of the tables: the tree does.
-- +goose StatementBegin
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'audit: % on % is refused, the record only grows', TG_OP, TG_TABLE_NAME; END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION audit_entries_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq <> (SELECT size + 1 FROM audit_head) THEN
        RAISE EXCEPTION 'audit: an entry must follow the last one';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION audit_entries_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.seq > (SELECT pruned FROM audit_head) THEN
        RAISE EXCEPTION 'audit: entries are removed only by retention';
    END IF;
    RETURN OLD;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION audit_head_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.size NOT IN (OLD.size, OLD.size + 1) OR NEW.pruned < OLD.pruned OR NEW.pruned > NEW.size
        OR NEW.size > OLD.size AND NOT EXISTS (SELECT 1 FROM audit_tree WHERE seq = NEW.size) THEN
        RAISE EXCEPTION 'audit: the record only grows';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd

CREATE TRIGGER audit_entries_insert BEFORE INSERT ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION audit_entries_insert();
CREATE TRIGGER audit_entries_update BEFORE UPDATE ON audit_entries FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_entries_delete BEFORE DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION audit_entries_delete();
CREATE TRIGGER audit_entries_truncate BEFORE TRUNCATE ON audit_entries EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_people_update BEFORE UPDATE ON audit_people FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_people_truncate BEFORE TRUNCATE ON audit_people EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_tree_change BEFORE UPDATE OR DELETE ON audit_tree FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_tree_truncate BEFORE TRUNCATE ON audit_tree EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_head_update BEFORE UPDATE ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_head_update();
CREATE TRIGGER audit_head_delete BEFORE DELETE ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_head_truncate BEFORE TRUNCATE ON audit_head EXECUTE FUNCTION audit_refuse();
