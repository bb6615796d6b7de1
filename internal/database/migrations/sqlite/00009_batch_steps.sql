-- +goose Up
-- What a batch does about each person besides revoking their tokens. Which steps those are is believed by the record alone.
ALTER TABLE batches ADD COLUMN playbook TEXT NOT NULL DEFAULT ''; -- whose order they have, '' for the tokens alone
ALTER TABLE batches ADD COLUMN steps TEXT NOT NULL DEFAULT ''; -- in order, the tokens among them, with spaces between
ALTER TABLE batch_people ADD COLUMN tokens TEXT NOT NULL DEFAULT ''; -- what came of the tokens, while a step is still to be taken
ALTER TABLE batch_people ADD COLUMN steps TEXT NOT NULL DEFAULT ''; -- JSON; what came of each
ALTER TABLE batch_people ADD COLUMN undone INTEGER NOT NULL DEFAULT 0; -- how many of them are not done
