package database

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"modernc.org/sqlite"
)

// Strange says in words what in the database is not as the migrations make it: tables, indexes and triggers that are
// missing, altered or not the console's, and on PostgreSQL functions, rules and views. What River and goose keep in it is
// left out, but for triggers.
func (db *DB) Strange(ctx context.Context) ([]string, error) {
	want, query := migratedPostgres, postgresSchema
	if db.Dialect == SQLite {
		want, query = migratedSQLite, sqliteSchema
	}
	expected, err := want()
	if err != nil {
		return nil, err
	}
	found, err := schemaOf(ctx, db.pool, query)
	if err != nil {
		return nil, err
	}
	return differences(expected, found), nil
}

func differences(want, found map[string]string) (words []string) {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		definition, ok := found[name]
		switch {
		case !ok:
			words = append(words, fmt.Sprintf("the database has lost its %s", name))
		case definition != want[name]:
			words = append(words, fmt.Sprintf("the %s of the database was altered: %s", name, definition))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if _, ok := want[name]; !ok {
			words = append(words, fmt.Sprintf("the %s of the database is not the console's: %s", name, found[name]))
		}
	}
	return words
}

// schemaOf reads what there is, by kind and name.
func schemaOf(ctx context.Context, db *sql.DB, query string) (map[string]string, error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("reading the database's schema: %w", err)
	}
	defer func() { _ = rows.Close() }()
	found := map[string]string{}
	for rows.Next() {
		var kind, name, table, definition string
		if err := rows.Scan(&kind, &name, &table, &definition); err != nil {
			return nil, fmt.Errorf("reading the database's schema: %w", err)
		}
		others := strings.HasPrefix(table, "river_") || strings.HasPrefix(table, "goose_")
		if kind == "trigger" || !others {
			found[kind+" "+name] = squeezed(definition)
		}
	}
	return found, rows.Err()
}

func squeezed(text string) string { return strings.Join(strings.Fields(text), " ") }

const sqliteSchema = `SELECT type, name, tbl_name, COALESCE(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite\_%' ESCAPE '\'`

// migratedSQLite is the schema of a new database in memory.
var migratedSQLite = sync.OnceValues(func() (want map[string]string, err error) {
	ctx := context.Background()
	connector, err := sqlite.NewConnector("file:" + rand.Text() + "?mode=memory&cache=shared")
	if err != nil {
		return nil, err
	}
	db := &DB{pool: sql.OpenDB(connector), Dialect: SQLite}
	defer func() { err = errors.Join(err, db.pool.Close()) }()
	keep, err := db.pool.Conn(ctx) // it lives as long as somebody has it open
	if err != nil {
		return nil, err
	}
	defer func() { _ = keep.Close() }()
	if err := migrate(ctx, db); err != nil {
		return nil, err
	}
	return schemaOf(ctx, db.pool, sqliteSchema)
})

const postgresSchema = `
	SELECT 'table', tablename, tablename, '' FROM pg_tables WHERE schemaname = current_schema()
	UNION ALL SELECT 'index', i.indexname, i.tablename,
		replace(replace(replace(split_part(i.indexdef, ' WHERE ', 1), i.schemaname || '.', ''), ' USING btree', ''), '"', '') FROM pg_indexes i
		WHERE schemaname = current_schema() AND NOT EXISTS (SELECT 1 FROM pg_constraint c JOIN pg_class k ON k.oid = c.conindid
			WHERE k.relname = i.indexname AND k.relnamespace = current_schema()::regnamespace)
	UNION ALL SELECT 'trigger', r.relname || '.' || t.tgname, r.relname, t.tgenabled::text
		FROM pg_trigger t JOIN pg_class r ON r.oid = t.tgrelid
		WHERE r.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal
	UNION ALL SELECT 'function', p.proname, p.proname, p.prosrc FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace
	UNION ALL SELECT 'rule', tablename || '.' || rulename, tablename, definition FROM pg_rules WHERE schemaname = current_schema()
	UNION ALL SELECT 'view', viewname, viewname, definition FROM pg_views WHERE schemaname = current_schema()`

// made is how the migrations for PostgreSQL make things.
var made = map[string]*regexp.Regexp{
	"table":    regexp.MustCompile(`(?m)^CREATE TABLE (\w+)()`),
	"index":    regexp.MustCompile(`(?m)^CREATE (?:UNIQUE )?INDEX (\w+) ON \w+ \(([^)]+)\)`),
	"trigger":  regexp.MustCompile(`(?m)^CREATE TRIGGER (\w+) [A-Z ]+ ON (\w+)`),
	"function": regexp.MustCompile(`(?m)^CREATE FUNCTION (\w+)\(\)[^$]*\$\$([^$]*)\$\$`),
	"dropped":  regexp.MustCompile(`(?m)^DROP (?:TABLE|INDEX) (\w+)()`),
}

// migratedPostgres reads from the migrations what they make: a server to make it on is not at hand.
func migratedPostgres() (map[string]string, error) {
	files, err := fs.Glob(migrations, "migrations/postgres/*.sql")
	if err != nil {
		return nil, err
	}
	want := map[string]string{}
	for _, name := range files {
		content, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		for _, found := range made["dropped"].FindAllStringSubmatch(string(content), -1) {
			delete(want, "table "+found[1])
			delete(want, "index "+found[1])
		}
		for kind, pattern := range made {
			for _, found := range pattern.FindAllStringSubmatch(string(content), -1) {
				switch kind {
				case "trigger":
					want["trigger "+found[2]+"."+found[1]] = "O" // enabled
				case "index":
					want["index "+found[1]] = squeezed(found[0])
				case "dropped":
				default:
					want[kind+" "+found[1]] = squeezed(found[2])
				}
			}
		}
	}
	return want, nil
}
