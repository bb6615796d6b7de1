package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/signing"
)

// TestBackupAndRestore holds that a copy made while entries are written is of one moment and whole, that it overwrites
// nothing, and that a console goes on from it.
func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	private, _, err := signing.GenerateKey("tests")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := signing.ParseKeys(private)
	if err != nil {
		t.Fatal(err)
	}
	address, copied := "sqlite:"+filepath.Join(folder, "console.db"), filepath.Join(folder, "backup.db")
	db, err := database.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	record := audit.New(audit.Options{DB: db, Keys: keys})
	add := func(record *audit.Log) {
		if _, err := record.Append(t.Context(), audit.Entry{Action: audit.SignIn, Outcome: audit.Done}); err != nil {
			t.Error(err)
		}
	}
	for range 20 {
		add(record)
	}
	writing, stop := context.WithCancel(t.Context())
	var writer sync.WaitGroup
	writer.Go(func() {
		for writing.Err() == nil {
			add(record)
		}
	})
	said, err := output(t, "backup", copied, "--database-url", address, "--record-key", private)
	stop()
	writer.Wait()
	if err != nil || !strings.Contains(said, "verified") {
		t.Fatalf("%q, %v", said, err)
	}
	if _, err := output(t, "backup", copied, "--database-url", address, "--record-key", private); err == nil {
		t.Error("a backup was overwritten")
	}
	if left, _ := filepath.Glob(copied + "-*"); len(left) > 0 {
		t.Errorf("left beside it: %v", left)
	}
	if info, err := os.Stat(copied); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	restored, err := database.Open(t.Context(), "sqlite:"+copied)
	if err != nil {
		t.Fatal(err)
	}
	defer restored.Close()
	again := audit.New(audit.Options{DB: restored, Keys: keys, Now: time.Now})
	add(again)
	if report, err := again.Verify(t.Context()); err != nil || len(report.Faults) > 0 || report.Size < 21 {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestBackupRefuses(t *testing.T) {
	t.Parallel()
	private, _, err := signing.GenerateKey("tests")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "backup.db")
	there := databasetest.SQLite(t)
	execute(t, there)
	for name, test := range map[string]struct{ url, path, says string }{
		"PostgreSQL":  {"postgres://user@127.0.0.1/db", path, "pg_dump"},
		"no database": {"sqlite:" + filepath.Join(t.TempDir(), "none.db"), path, "there is no database"},
		"no folder":   {there, filepath.Join(t.TempDir(), "none", "backup.db"), "make the folder first"},
	} {
		if _, err := output(t, "backup", test.path, "--database-url", test.url, "--record-key", private); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(test.path); err == nil {
			t.Errorf("%s: a file was left", name)
		}
	}
}
