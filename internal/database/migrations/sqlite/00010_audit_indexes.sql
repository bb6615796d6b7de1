-- +goose Up
-- Acts that nothing has closed are listed as asked, and names are compared in memory.
DROP TABLE audit_open;
DROP INDEX audit_people_folded;
