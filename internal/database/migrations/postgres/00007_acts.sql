-- +goose Up
-- The acts that entries of the record tell of, a row each, and what they are found by. It follows from the entries, is
-- kept in the transaction that writes or removes them, and is checked against them.
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

-- Retention may have removed the entry that began an act: then it begins with the first that is left.
INSERT INTO audit_acts (seq, at, action, outcome, actor, subject, organization_id, batch)
    SELECT e.act, e.at, e.action, COALESCE((SELECT last.outcome FROM audit_entries last
            WHERE last.act = e.act AND last.action <> 'read-evidence' ORDER BY last.seq DESC LIMIT 1), e.outcome),
        e.actor, e.subject, e.organization_id, e.batch
    FROM audit_entries e WHERE e.seq = (SELECT min(first.seq) FROM audit_entries first WHERE first.act = e.act);
