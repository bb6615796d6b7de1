-- +goose Up
-- Who somebody is, as the platform told last: the record has no name of a person whom nobody could look up.
ALTER TABLE watch_tokens ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE watch_tokens ADD COLUMN email TEXT NOT NULL DEFAULT '';
-- When the last reading that came to its end was begun. Whom it did not tell about was not checked.
ALTER TABLE watch_reads ADD COLUMN ended INTEGER NOT NULL DEFAULT 0;
