-- +goose Up
-- How many revocations had which outcome, by organization and hour. It follows from the entries that are still there, is
-- kept in the transaction that writes or removes them, and is checked against them.
CREATE TABLE audit_counts (
    organization_id TEXT   NOT NULL,
    hour            BIGINT NOT NULL, -- hours since 1970-01-01 UTC
    outcome         TEXT   NOT NULL,
    number          BIGINT NOT NULL,
    PRIMARY KEY (organization_id, hour, outcome)
);
INSERT INTO audit_counts (organization_id, hour, outcome, number)
    SELECT organization_id, at / 3600000, outcome, count(*) FROM audit_entries
    WHERE action = 'revoke' AND outcome <> 'asked' GROUP BY organization_id, at / 3600000, outcome;
