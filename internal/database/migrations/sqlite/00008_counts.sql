-- +goose Up
-- Revocations are counted by the quarter of an hour, since hours and days begin at such times in every time zone.
DROP TABLE audit_counts;
CREATE TABLE audit_counts (
    organization_id TEXT   NOT NULL,
    quarter         INTEGER NOT NULL, -- quarters of an hour since 1970-01-01 UTC
    outcome         TEXT   NOT NULL,
    number          INTEGER NOT NULL,
    PRIMARY KEY (organization_id, quarter, outcome)
) STRICT, WITHOUT ROWID;
INSERT INTO audit_counts (organization_id, quarter, outcome, number)
    SELECT organization_id, at / 900000, outcome, count(*) FROM audit_entries
    WHERE action = 'revoke' AND outcome <> 'asked' GROUP BY organization_id, at / 900000, outcome;
