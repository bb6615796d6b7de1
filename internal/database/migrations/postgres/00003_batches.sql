-- +goose Up
-- docs/decisions/0005-batches.md explains the tables. Times are milliseconds since 1970-01-01 UTC, 0 for none; what is
-- empty is ''. What happened stands on the record: these tables say what is to be done, and follow the record.
CREATE TABLE batches (
    id                TEXT   NOT NULL PRIMARY KEY,
    organization_id   TEXT   NOT NULL,
    organization_name TEXT   NOT NULL,
    region            TEXT   NOT NULL, -- domain
    parent            TEXT   NOT NULL, -- the batch whose failed people this one tries again
    source            TEXT   NOT NULL, -- where the people come from, such as queue
    source_id         TEXT   NOT NULL, -- which one
    rule              TEXT   NOT NULL, -- the same in words
    state             TEXT   NOT NULL,
    problem           TEXT   NOT NULL, -- why it paused by itself
    prepared_by       TEXT   NOT NULL, -- JSON: id, name, email
    prepared_at       BIGINT NOT NULL,
    started_by        TEXT   NOT NULL,
    started_at        BIGINT NOT NULL,
    decided_by        TEXT   NOT NULL, -- who approved or declined
    decided_at        BIGINT NOT NULL,
    decision          TEXT   NOT NULL, -- the reason of that
    approve_until     BIGINT NOT NULL,
    approval          BIGINT NOT NULL, -- the entry of the approval
    started           BIGINT  NOT NULL, -- the entry of the start, which says whom it is about
    run_by            TEXT   NOT NULL, -- whose token it runs with
    ended_at          BIGINT NOT NULL,
    reason            TEXT   NOT NULL,
    ticket            TEXT   NOT NULL,
    hash              TEXT   NOT NULL, -- over the people to be revoked
    counts            TEXT   NOT NULL, -- JSON
    version           BIGINT NOT NULL, -- grows with every change
    token             BYTEA  NOT NULL, -- sealed; '' unless it runs or waits for approval
    token_expires     BIGINT NOT NULL,
    request_id        TEXT   NOT NULL, -- of the request that set it going
    address           TEXT   NOT NULL, -- of its caller
    runner            TEXT   NOT NULL, -- who works on it now
    runner_until      BIGINT NOT NULL, -- when others may take it from them
    wake_at           BIGINT NOT NULL, -- when it goes on
    waits_for         TEXT   NOT NULL, -- why it does not go on now
    per_minute        BIGINT NOT NULL, -- calls that the platform leaves to it
    away_since        BIGINT NOT NULL, -- since when the platform gives no usable answer
    canary_settled    BIGINT NOT NULL, -- people settled, and of them not done, when it was last set going
    canary_failed     BIGINT NOT NULL
);
CREATE INDEX batches_organization ON batches (organization_id, prepared_at, id);
CREATE INDEX batches_state ON batches (state, wake_at);

CREATE TABLE batch_people (
    batch          TEXT   NOT NULL REFERENCES batches (id),
    position       BIGINT NOT NULL, -- in the order of the plan, from 1
    user_id        TEXT   NOT NULL,
    name           TEXT   NOT NULL,
    email          TEXT   NOT NULL,
    line           BIGINT NOT NULL, -- of the input, from 1; 0 for none
    input          TEXT   NOT NULL, -- what stood there
    plan           TEXT   NOT NULL,
    candidates     TEXT   NOT NULL, -- JSON; of an ambiguous line
    busy           TEXT   NOT NULL,
    administrator  BIGINT NOT NULL, -- 1 or 0
    run            TEXT   NOT NULL, -- '' unless to be revoked
    tries          BIGINT NOT NULL, -- how often the platform was asked, by the record
    unclear        BIGINT NOT NULL, -- 1 if one of the tries may have worked and nobody knows
    failures       BIGINT NOT NULL, -- tries in a row without a usable answer
    retry_at       BIGINT NOT NULL,
    status         BIGINT NOT NULL, -- HTTP status of the platform's last answer
    problem        TEXT   NOT NULL,
    asked_at       BIGINT NOT NULL, -- of the last entry that asked
    at             BIGINT NOT NULL, -- of the last answer
    correlation_id TEXT   NOT NULL,
    asked          BIGINT NOT NULL, -- the last entry that asked
    entry          BIGINT NOT NULL, -- the entry with its outcome
    token_before   BIGINT NOT NULL, -- when the platform last issued a token, before and after
    known_at       BIGINT NOT NULL, -- when token_before was read
    token_after    BIGINT NOT NULL,
    evidence_at    BIGINT NOT NULL, -- when token_after was read
    PRIMARY KEY (batch, position)
);
CREATE INDEX batch_people_run ON batch_people (batch, run, tries, position);
CREATE INDEX batch_people_plan ON batch_people (batch, plan, position);
CREATE INDEX batch_people_user ON batch_people (batch, user_id);
