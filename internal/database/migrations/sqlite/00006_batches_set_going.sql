-- +goose Up
-- Whether a batch was started and approved, by whom and for which people, is read from the record alone.
ALTER TABLE batches ADD COLUMN set_going INTEGER NOT NULL DEFAULT 0; -- the entry that set it going last
ALTER TABLE batches DROP COLUMN started;
ALTER TABLE batches DROP COLUMN approval;
ALTER TABLE batches DROP COLUMN canary_settled;
ALTER TABLE batches DROP COLUMN canary_failed;
