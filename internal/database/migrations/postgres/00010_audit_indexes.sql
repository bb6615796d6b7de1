-- +goose Up
-- Acts that nothing has closed are listed as asked, and names are compared in memory.
DROP TABLE audit_open;
DROP INDEX audit_people_folded;

-- The list of acts is read from its indexes alone where it was vacuumed, which by default it is after every fifth of it.
ALTER TABLE audit_acts SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);
