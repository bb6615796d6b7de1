package database_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

func TestOpenedAgainKeepsWhatWasWritten(t *testing.T) {
	t.Parallel()
	databasetest.EachURL(t, func(t *testing.T, url string) {
		first := databasetest.Open(t, url)
		add := first.Rebind("INSERT INTO audit_people (organization_id, id, name, email, folded) VALUES (?, ?, ?, ?, '')")
		if _, err := first.ExecContext(t.Context(), add, "o", "i", "Zoë", "z@example.com"); err != nil {
			t.Fatal(err)
		}
		var name string
		second := databasetest.Open(t, url)
		if err := second.QueryRowContext(t.Context(), "SELECT name FROM audit_people").Scan(&name); err != nil || name != "Zoë" {
			t.Errorf("name = %q, %v; want Zoë", name, err)
		}
	})
}

// Several replicas, or a console and a command line beside it, may start on an empty database at the same moment.
func TestOpenedByManyAtOnce(t *testing.T) {
	t.Parallel()
	databasetest.EachURL(t, func(t *testing.T, url string) {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				db, err := database.Open(t.Context(), url)
				if err != nil {
					t.Error(err)
					return
				}
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}

func TestSQLiteIsDurable(t *testing.T) {
	t.Parallel()
	db := databasetest.Open(t, databasetest.SQLite(t))
	var journal, synchronous string
	row := db.QueryRowContext(t.Context(), "SELECT j.journal_mode, s.synchronous FROM pragma_journal_mode j, pragma_synchronous s")
	if err := row.Scan(&journal, &synchronous); err != nil {
		t.Fatal(err)
	}
	if journal != "wal" || synchronous != "2" {
		t.Errorf("journal_mode %s, synchronous %s; want wal and 2 (FULL): a commit must survive power loss", journal, synchronous)
	}
}

// TestSQLiteKeepsLittleInMemory holds that a connection's cache is bounded: there are nine, and SQLite's default is 2 MB each.
func TestSQLiteKeepsLittleInMemory(t *testing.T) {
	t.Parallel()
	db := databasetest.Open(t, databasetest.SQLite(t))
	var kibibytes int
	if err := db.SQL().QueryRowContext(t.Context(), "PRAGMA cache_size").Scan(&kibibytes); err != nil || kibibytes != -512 {
		t.Errorf("%d, %v", kibibytes, err)
	}
}

func TestSQLiteFileIsPrivate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "with ? and # and %41.db")
	databasetest.Open(t, "sqlite:"+path)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, want 0600: it holds names and addresses", info.Name(), info.Mode())
		}
	}
}

func TestOpenSaysTheMend(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	garbage := filepath.Join(directory, "garbage.db")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("not a database ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ url, want string }{
		"empty":              {"", "sqlite:console.db"},
		"another database":   {"mysql://root:hunter2@db/console", "sqlite:console.db"},
		"no file":            {"sqlite:", "must name a file"},
		"in memory":          {"sqlite::memory:", "must name a file"},
		"no directory":       {"sqlite:" + directory + "/missing/console.db", "directory must exist"},
		"a directory":        {"sqlite:" + directory, "must be a SQLite database"},
		"another file":       {"sqlite:" + garbage, "must be a SQLite database"},
		"unreadable URL":     {"postgres://ada:hunter2@host:port/console", "cannot be read"},
		"unescaped":          {"postgres://ada:hunter2%zz@host/console", "cannot be read"},
		"nobody listening":   {"postgres://ada:hunter2@127.0.0.1:1/console?connect_timeout=5", "check host, port"},
		"password is a word": {"postgres://ada:refused@127.0.0.1:1/console?connect_timeout=5", "check host, port"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := database.Open(t.Context(), test.url)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, want one that says %q", err, test.want)
			}
			if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), ":refused@") {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
}

func TestRebind(t *testing.T) {
	t.Parallel()
	const query = "SELECT a FROM b WHERE c = ? AND d IN (?, ?)"
	got := map[database.Dialect]string{}
	for _, dialect := range []database.Dialect{database.SQLite, database.PostgreSQL} {
		got[dialect] = (&database.DB{Dialect: dialect}).Rebind(query)
	}
	want := map[database.Dialect]string{
		database.SQLite:     query,
		database.PostgreSQL: "SELECT a FROM b WHERE c = $1 AND d IN ($2, $3)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestBeginReadsWhatTheLastHolderLeft(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		if _, err := db.ExecContext(t.Context(), "CREATE TABLE counter AS SELECT 0 AS n"); err != nil {
			t.Fatal(err)
		}
		lock := ""
		if db.Dialect == database.PostgreSQL {
			lock = " FOR UPDATE"
		}
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if err := increment(t, db, lock); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		var n int
		if err := db.QueryRowContext(t.Context(), "SELECT n FROM counter").Scan(&n); err != nil || n != 20 {
			t.Errorf("20 increments gave %d, %v", n, err)
		}
	})
}

func increment(t *testing.T, db *database.DB, lock string) error {
	tx, err := db.Begin(t.Context())
	if err != nil {
		return err
	}
	defer func(tx *sql.Tx) { _ = tx.Rollback() }(tx)
	var n int
	if err := tx.QueryRowContext(t.Context(), "SELECT n FROM counter"+lock).Scan(&n); err != nil {
		return err
	}
	if _, err := tx.ExecContext(t.Context(), db.Rebind("UPDATE counter SET n = ?"), n+1); err != nil {
		return err
	}
	return tx.Commit()
}

// What a start of the console pays for its storage.
func BenchmarkOpenFreshSQLite(b *testing.B) {
	for b.Loop() {
		db, err := database.Open(b.Context(), databasetest.SQLite(b))
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func BenchmarkOpenExistingSQLite(b *testing.B) {
	url := databasetest.SQLite(b)
	databasetest.Open(b, url)
	for b.Loop() {
		db, err := database.Open(b.Context(), url)
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// A connection to PostgreSQL waits for nobody's row for ever, nor keeps one, unless the URL says so.
func TestPostgreSQLWaitsAreBounded(t *testing.T) {
	t.Parallel()
	url := databasetest.PostgreSQL(t)
	for name, test := range map[string]struct{ url, lock, idle string }{
		"by default":   {url, "5s", "15s"},
		"as asked for": {url + "&lock_timeout=7000", "7s", "15s"},
	} {
		t.Run(name, func(t *testing.T) {
			db := databasetest.Open(t, test.url)
			var lock, idle string
			const query = "SELECT current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout')"
			if err := db.QueryRowContext(t.Context(), query).Scan(&lock, &idle); err != nil || lock != test.lock || idle != test.idle {
				t.Errorf("%s, %s, %v", lock, idle, err)
			}
			pool, err := db.Pool(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer pool.Close()
			const again = "SELECT current_setting('lock_timeout')"
			if err := pool.QueryRow(t.Context(), again).Scan(&lock); err != nil || lock != test.lock {
				t.Errorf("in the other pool: %s, %v", lock, err)
			}
		})
	}
}
