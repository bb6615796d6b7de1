-- +goose Up
-- When the row was written, in milliseconds since 1970-01-01 UTC: later than it ended where the database was away then.
ALTER TABLE ended ADD COLUMN written INTEGER NOT NULL DEFAULT 0;
