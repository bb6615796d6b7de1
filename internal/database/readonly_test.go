package database_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

// made makes a database with a person in it and leaves it closed.
func made(t *testing.T, url string) {
	t.Helper()
	db, err := database.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	addPerson(t, db, "Ada")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func addPerson(t *testing.T, db *database.DB, name string) {
	t.Helper()
	const add = "INSERT INTO audit_people (organization_id, id, name, email, folded) VALUES ('o', ?, ?, '', '')"
	if _, err := db.ExecContext(t.Context(), db.Rebind(add), name, name); err != nil {
		t.Fatal(err)
	}
}

func names(t *testing.T, db *database.DB) (found []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT name FROM audit_people ORDER BY name")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		found = append(found, name)
	}
	return found
}

// files are what stands in a directory, with sizes.
func files(t *testing.T, directory string) map[string]int64 {
	t.Helper()
	entries, err := os.ReadDir(directory)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int64{}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		found[e.Name()] = info.Size()
	}
	return found
}

func TestReadOnlyReadsAndNothingElse(t *testing.T) {
	t.Parallel()
	databasetest.EachURL(t, func(t *testing.T, url string) {
		made(t, url)
		db, err := database.OpenReadOnly(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		if diff := cmp.Diff([]string{"Ada"}, names(t, db)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"Ada"}, names(t, db.Fresh())); diff != "" {
			t.Error(diff)
		}
		if tx, err := db.Begin(t.Context()); err == nil {
			if _, err := tx.ExecContext(t.Context(), "DELETE FROM audit_times"); err == nil {
				t.Error("a transaction that writes went through")
			}
			_ = tx.Rollback()
		}
		if _, err := db.ExecContext(t.Context(), "DELETE FROM audit_times"); err == nil {
			t.Error("a statement that writes went through")
		}
	})
}

func TestReadOnlyLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	for name, running := range map[string]bool{"closed": false, "in use": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			directory := databasetest.Directory(t)
			url := "sqlite:" + filepath.Join(directory, "console.db")
			made(t, url)
			want := []string{"Ada"}
			if running {
				addPerson(t, databasetest.Open(t, url), "Ben") // in the write-ahead file alone
				want = append(want, "Ben")
			}
			before := files(t, directory)
			db, err := database.OpenReadOnly(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, names(t, db)); diff != "" {
				t.Error(diff)
			}
			if err := errors.Join(db.Check(), db.Close()); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(before, files(t, directory)); diff != "" {
				t.Errorf("files before and after:\n%s", diff)
			}
		})
	}
}

// A file that nobody has open is read without locks; that somebody wrote it meanwhile must not go unseen.
func TestReadOnlyNoticesAWriter(t *testing.T) {
	t.Parallel()
	url := databasetest.SQLite(t)
	made(t, url)
	db, err := database.OpenReadOnly(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.Check(); err != nil {
		t.Error(err)
	}
	addPerson(t, databasetest.Open(t, url), "Ben")
	if err := db.Check(); err == nil || !strings.Contains(err.Error(), "was written while it was read") {
		t.Errorf("%v", err)
	}
}

func TestReadOnlyReadsWhatAKilledConsoleLeft(t *testing.T) {
	t.Parallel()
	directory := databasetest.Directory(t)
	path := filepath.Join(directory, "console.db")
	live := databasetest.Open(t, "sqlite:"+path)
	addPerson(t, live, "Ada")
	left := databasetest.Directory(t) // as the files stand on disk at this moment
	for name := range files(t, directory) {
		content, err := os.ReadFile(filepath.Join(directory, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(left, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	url := "sqlite:" + filepath.Join(left, "console.db")
	db, err := database.OpenReadOnly(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Ada"}, names(t, db)); diff != "" {
		t.Error(diff)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if err := os.Remove(filepath.Join(left, "console.db-shm")); err != nil {
		t.Fatal(err)
	}
	before := files(t, left)
	if _, err := database.OpenReadOnly(t.Context(), url); err == nil || !strings.Contains(err.Error(), "console.db-shm is missing") {
		t.Errorf("%v", err)
	}
	if diff := cmp.Diff(before, files(t, left)); diff != "" {
		t.Errorf("files before and after:\n%s", diff)
	}
}

func TestReadOnlySaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	directory := databasetest.Directory(t)
	file := func(name, content string) string {
		path := filepath.Join(directory, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return "sqlite:" + path
	}
	tests := map[string]struct{ url, want string }{
		"missing":          {"sqlite:" + directory + "/missing.db", "there is no database at"},
		"empty":            {file("empty.db", ""), "is empty"},
		"no database":      {file("text.db", "a text that is long enough to be one"), "is not a SQLite database"},
		"too short":        {file("short.db", "SQLite"), "is not a SQLite database"},
		"a directory":      {"sqlite:" + directory, "is a directory"},
		"no file":          {"sqlite:", "must name a file"},
		"another scheme":   {"mysql://root:hunter2@db/x", "sqlite:console.db"},
		"nobody listening": {"postgres://ada:hunter2@127.0.0.1:1/console", "check host, port"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := files(t, directory)
			_, err := database.OpenReadOnly(t.Context(), test.url)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%v; want %q", err, test.want)
			}
			if diff := cmp.Diff(before, files(t, directory)); diff != "" {
				t.Errorf("files before and after:\n%s", diff)
			}
		})
	}
}

func TestReadOnlyTakesOnlyItsOwnVersion(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ statement, want string }{
		"older":   {"DELETE FROM goose_db_version WHERE version_id > 1", "of an older version"},
		"newer":   {"INSERT INTO goose_db_version (version_id, is_applied) SELECT 99, is_applied FROM goose_db_version", "of a newer version"},
		"foreign": {"DROP TABLE goose_db_version", "is not one of this console"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			databasetest.EachURL(t, func(t *testing.T, url string) {
				db, err := database.Open(t.Context(), url)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := db.ExecContext(t.Context(), test.statement); err != nil {
					t.Fatal(err)
				}
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
				if _, err := database.OpenReadOnly(t.Context(), url); err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%v; want %q", err, test.want)
				}
			})
		})
	}
	databasetest.EachURL(t, func(t *testing.T, url string) {
		if strings.HasPrefix(url, "postgres") { // an empty database
			if _, err := database.OpenReadOnly(t.Context(), url); err == nil || !strings.Contains(err.Error(), "not one of this console") {
				t.Errorf("%v", err)
			}
		}
	})
}

func TestAReplacedFileTakesNothing(t *testing.T) {
	t.Parallel()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		t.Run("console.db"+suffix, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(databasetest.Directory(t), "console.db")
			db := databasetest.Open(t, "sqlite:"+path)
			addPerson(t, db, "Ada")
			if err := os.Rename(path+suffix, path+".away"); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if _, err := db.Begin(context.Background()); !errors.Is(err, database.ErrReplaced) {
					t.Errorf("missing: %v", err)
				}
				if _, err := db.ExecContext(t.Context(), "DELETE FROM people"); !errors.Is(err, database.ErrReplaced) {
					t.Errorf("a statement by itself: %v", err)
				}
				if err := os.WriteFile(path+suffix, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Rename(path+".away", path+suffix); err != nil {
				t.Fatal(err)
			}
			tx, err := db.Begin(t.Context())
			if err != nil {
				t.Fatalf("back again: %v", err)
			}
			if err := tx.Rollback(); err != nil {
				t.Error(err)
			}
		})
	}
}
