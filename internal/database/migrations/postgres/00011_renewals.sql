-- +goose Up
-- What came of renewing a token, for those who still have the cookie of before: the end of the session deletes the newest
-- token. Only the refresh token that was used opens it, together with a session key; the name is a hash of that token.
CREATE TABLE renewals (
    name   TEXT    NOT NULL PRIMARY KEY,
    sealed BYTEA   NOT NULL,
    until  BIGINT  NOT NULL -- when the session would have died by itself, in milliseconds since 1970-01-01 UTC
);
