package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/config"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

// written makes a record of three entries, the last of them open, and returns
// its URL and the marks of its entries.
func written(t *testing.T, address string) (marks []string) {
	t.Helper()
	db, err := database.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	record := audit.New(db, slog.New(slog.DiscardHandler), time.Now)
	for _, outcome := range []audit.Outcome{audit.Done, audit.Refused, audit.Asked} {
		e, err := record.Append(t.Context(), audit.Entry{Action: audit.Revoke, Outcome: outcome, OrganizationID: "o", Reason: "phone lost"})
		if err != nil {
			t.Fatal(err)
		}
		marks = append(marks, fmt.Sprintf("%d:%s", e.Seq, e.Hash))
	}
	return marks
}

// verify runs `web audit verify` and returns what it printed.
func verify(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var stdout strings.Builder
	err := run(t.Context(), append([]string{"audit", "verify"}, args...), func(string) string { return "" }, &stdout, io.Discard)
	return stdout.String(), err
}

func TestAuditVerifyWhole(t *testing.T) {
	t.Parallel()
	databasetest.EachURL(t, func(t *testing.T, address string) {
		marks := written(t, address)
		want := "whole: 3 entries, 1 of them open; keep elsewhere: " + marks[2] + "\n"
		for _, args := range [][]string{{}, marks[:1], marks} {
			if got, err := verify(t, append([]string{"--database-url=" + address}, args...)...); err != nil || got != want {
				t.Errorf("with %d marks: %q, %v; want %q", len(args), got, err, want)
			}
		}
	})
}

func TestAuditVerifyBroken(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ tamper, want string }{
		"changed": {"UPDATE audit_entries SET reason = 'harmless' WHERE seq = 2", "the chain is broken at entry 2: was changed after it was written"},
		"missing": {"DELETE FROM audit_entries WHERE seq = 2", "the chain is broken at entry 2: is missing"},
		"cut off": {"DELETE FROM audit_entries WHERE seq = 3", "the chain is broken at entry 3: is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := databasetest.SQLite(t)
			written(t, address)
			execute(t, address, "DROP TRIGGER audit_entries_update", "DROP TRIGGER audit_entries_delete", test.tamper)
			got, err := verify(t, "--database-url="+address)
			if err == nil || !strings.HasPrefix(err.Error(), test.want) || got != "" {
				t.Errorf("%q, %v; want %q", got, err, test.want)
			}
			if _, ok := errors.AsType[config.Problems](err); ok {
				t.Error("a broken chain passes for a fault of the settings")
			}
		})
	}
}

// Who owns the database can write it anew, with hashes that fit: a mark that
// was kept elsewhere tells.
func TestAuditVerifyMarksTellARewrittenRecord(t *testing.T) {
	t.Parallel()
	before, after := databasetest.SQLite(t), databasetest.SQLite(t)
	marks := written(t, before)
	written(t, after) // a moment later, so with other hashes
	if _, err := verify(t, "--database-url="+after); err != nil {
		t.Fatalf("by itself it is whole: %v", err)
	}
	if _, err := verify(t, "--database-url="+after, marks[1]); err == nil || !strings.HasPrefix(err.Error(), "the chain is broken at entry 2: is not the one remembered") {
		t.Errorf("with a mark: %v", err)
	}
	beyond := "9:" + strings.Repeat("a", 64)
	if _, err := verify(t, "--database-url="+before, beyond); err == nil || !strings.Contains(err.Error(), "it is remembered to reach entry 9") {
		t.Errorf("with a mark beyond the end: %v", err)
	}
}

func TestAuditVerifyWithoutARecord(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "console.db")
	junk := filepath.Join(t.TempDir(), "junk.db")
	if err := os.WriteFile(junk, []byte("not a database, but long enough to be taken for one, perhaps"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		args []string
		want string
		bad  bool // settings
	}{
		"missing":     {[]string{"--database-url=sqlite:" + missing}, "there is no record to verify", false},
		"no database": {[]string{"--database-url=sqlite:" + junk}, junk, false},
		"a directory": {[]string{"--database-url=sqlite:" + t.TempDir()}, "opening the database file", false},
		"odd scheme":  {[]string{"--database-url=mysql:x"}, "CONSOLE_DATABASE_URL", false},
		"odd mark":    {[]string{"--database-url=sqlite:" + missing, "12"}, `"12" is not SEQ:HASH`, true},
		"short mark":  {[]string{"--database-url=sqlite:" + missing, "1:abc"}, "is not SEQ:HASH", true},
	} {
		got, err := verify(t, test.args...)
		if err == nil || !strings.Contains(err.Error(), test.want) || got != "" {
			t.Errorf("%s: %q, %v; want %q", name, got, err, test.want)
		}
		if _, ok := errors.AsType[config.Problems](err); ok != test.bad {
			t.Errorf("%s: a fault of the settings: %v", name, ok)
		}
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("looking for a record made one")
	}
}

func execute(t *testing.T, address string, statements ...string) {
	t.Helper()
	db := databasetest.Open(t, address)
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}
