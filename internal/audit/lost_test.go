package audit_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

// within is how long anything about a database that is gone, locked or full may take, a busy machine allowed for.
const within = 4 * time.Second

// notDone holds that an act is not done, and that this is found out soon.
func notDone(t *testing.T, l *audit.Log) error {
	t.Helper()
	began := time.Now()
	_, err := l.Undertake(t.Context(), entry(ada, ben, ""), func(context.Context) audit.Result {
		t.Error("an act was done that is not on the record")
		return audit.Result{Outcome: audit.Done}
	})
	if !errors.Is(err, audit.ErrNotRecorded) {
		t.Errorf("%v", err)
	}
	if took := time.Since(began); took > within {
		t.Errorf("refused after %s", took)
	}
	if err := l.Ready(t.Context()); err == nil {
		t.Error("ready all the same")
	}
	return err
}

// fileOf opens a SQLite record of five entries in a directory of its own, all of it in the file itself.
func fileOf(t *testing.T, directory string) (path string, db *database.DB, l *audit.Log) {
	t.Helper()
	path = filepath.Join(directory, "console.db")
	db = databasetest.Open(t, "sqlite:"+path)
	l = newLog(db)
	five(t, l)
	flush(t, db)
	return path, db, l
}

// flush moves everything from the write-ahead file into the database file.
func flush(t *testing.T, db *database.DB) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		t.Fatal(err)
	}
}

func TestTheFileUnderTheRunningConsole(t *testing.T) {
	t.Parallel()
	must := func(t *testing.T, errs ...error) {
		t.Helper()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
	copyFile := func(t *testing.T, from, to string) {
		t.Helper()
		content, err := os.ReadFile(from)
		must(t, err, os.WriteFile(to, content, 0o600))
	}
	for name, test := range map[string]struct {
		harm func(t *testing.T, path string, db *database.DB, l *audit.Log)
		want error
	}{
		"deleted": {func(t *testing.T, path string, _ *database.DB, _ *audit.Log) { must(t, os.Remove(path)) }, database.ErrReplaced},
		"deleted with all beside it": {func(t *testing.T, path string, _ *database.DB, _ *audit.Log) {
			must(t, os.Remove(path), os.Remove(path+"-wal"), os.Remove(path+"-shm"))
		}, database.ErrReplaced},
		"its write-ahead file deleted": {func(t *testing.T, path string, _ *database.DB, _ *audit.Log) {
			must(t, os.Remove(path+"-wal"))
		}, database.ErrReplaced},
		"moved away": {func(t *testing.T, path string, _ *database.DB, _ *audit.Log) {
			must(t, os.Rename(path, path+".old"))
		}, database.ErrReplaced},
		"replaced by a copy": {func(t *testing.T, path string, _ *database.DB, _ *audit.Log) {
			copyFile(t, path, path+".copy")
			must(t, os.Rename(path+".copy", path))
		}, database.ErrReplaced},
		"its directory moved away": {func(t *testing.T, path string, _ *database.DB, _ *audit.Log) {
			must(t, os.Rename(filepath.Dir(path), filepath.Dir(path)+".old"))
		}, database.ErrReplaced},
		"overwritten in place by an older copy": {func(t *testing.T, path string, db *database.DB, l *audit.Log) {
			copyFile(t, path, path+".older")
			undertake(t, l, audit.Result{Outcome: audit.Done})
			flush(t, db)
			copyFile(t, path+".older", path)
		}, audit.ErrBroken},
		"overwritten in place by an empty record": {func(t *testing.T, path string, db *database.DB, l *audit.Log) {
			empty, err := database.Open(t.Context(), "sqlite:"+path+".empty")
			must(t, err)
			must(t, empty.Close())
			copyFile(t, path+".empty", path)
		}, audit.ErrBroken},
		"overwritten with nonsense": {func(t *testing.T, path string, _ *database.DB, _ *audit.Log) {
			must(t, os.WriteFile(path, []byte(strings.Repeat("nonsense ", 20_000)), 0o600))
		}, audit.ErrNotRecorded},
		"truncated": {func(t *testing.T, path string, _ *database.DB, _ *audit.Log) { must(t, os.Truncate(path, 0)) }, audit.ErrNotRecorded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			directory := filepath.Join(databasetest.Directory(t), "data")
			must(t, os.Mkdir(directory, 0o700))
			path, db, l := fileOf(t, directory)
			test.harm(t, path, db, l)
			if err := notDone(t, l); !errors.Is(err, test.want) {
				t.Errorf("%v; want %v", err, test.want)
			}
		})
	}
}

// A file that goes away just after all was well is noticed at once, and not only when that is asked again.
func TestReadinessNoticesAFileThatWentAway(t *testing.T) {
	t.Parallel()
	path, _, l := fileOf(t, databasetest.Directory(t))
	if err := l.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := l.Ready(t.Context()); !errors.Is(err, database.ErrReplaced) {
		t.Errorf("%v", err)
	}
}

func TestAFileThatComesBackIsWrittenAgain(t *testing.T) {
	t.Parallel()
	path, db, l := fileOf(t, databasetest.Directory(t))
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	if err := notDone(t, l); !errors.Is(err, database.ErrReplaced) {
		t.Error(err)
	}
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	undertake(t, l, audit.Result{Outcome: audit.Done})
	whole(t, db)
}

func TestALockedRecord(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		five(t, l)
		lock, err := db.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func(tx *sql.Tx) { _ = tx.Rollback() }(lock)
		if _, err := lock.ExecContext(t.Context(), "UPDATE audit_head SET pruned = pruned"); err != nil {
			t.Fatal(err)
		}
		if err := notDone(t, l); errors.Is(err, audit.ErrBroken) {
			t.Error(err)
		}
		if _, err := l.Acts(t.Context(), audit.Filter{OrganizationID: organization.ID}, audit.Cursor{}, 10); err != nil {
			t.Errorf("it cannot be read either: %v", err)
		}
		if err := lock.Rollback(); err != nil {
			t.Fatal(err)
		}
		undertake(t, l, audit.Result{Outcome: audit.Done})
		if err := l.Ready(t.Context()); err != nil {
			t.Error(err)
		}
		whole(t, db)
	})
}

// smallDisk mounts a file system of two megabytes, where that may be done.
func smallDisk(t *testing.T) string {
	t.Helper()
	directory := t.TempDir()
	if err := syscall.Mount("tmpfs", directory, "tmpfs", 0, "size=2m"); err != nil {
		t.Skipf("mounting a small file system needs root: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(directory, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return directory
}

func TestAFullDisk(t *testing.T) {
	t.Parallel()
	directory := smallDisk(t)
	_, db, l := fileOf(t, directory)
	if err := l.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	filler := filepath.Join(directory, "filler")
	if err := os.WriteFile(filler, make([]byte, 4<<20), 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	var err error
	for i := 0; i < 1000 && err == nil; i++ { // until what is allocated already is used up
		_, err = l.Append(t.Context(), entry(ada, ben, audit.Done))
	}
	if !errors.Is(err, audit.ErrNotRecorded) || errors.Is(err, audit.ErrBroken) {
		t.Fatal(err)
	}
	_ = notDone(t, l)
	for range 2 { // a probe that finds the same there as before must not pass for written
		if err := l.Ready(t.Context()); err == nil {
			t.Error("it is ready to write on a full disk")
		}
	}
	whole(t, db)
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	undertake(t, l, audit.Result{Outcome: audit.Done})
	if err := l.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	whole(t, db)
}

// An outcome that meets a full disk is told, and its entry stays open.
func TestADiskThatFillsUpDuringAnAct(t *testing.T) {
	t.Parallel()
	directory := smallDisk(t)
	_, db, l := fileOf(t, directory)
	filler := filepath.Join(directory, "filler")
	s, err := l.Undertake(t.Context(), entry(ada, ben, ""), func(context.Context) audit.Result {
		_ = os.WriteFile(filler, make([]byte, 4<<20), 0o600)
		for i := 0; i < 1000; i++ {
			if _, err := l.Append(t.Context(), entry(ada, ben, audit.Done)); err != nil {
				break
			}
		}
		return audit.Result{Outcome: audit.Done}
	})
	if err != nil || s.Unrecorded == nil || s.OpenEntry() != s.Asked.Seq {
		t.Errorf("%+v, %v", s, err)
	}
	open, err := l.OpenEntries(t.Context(), audit.Filter{OrganizationID: organization.ID})
	if err != nil || len(open) != 2 || open[0].Seq != s.Asked.Seq {
		t.Errorf("open: %v, %v", seqs(open), err)
	}
	whole(t, db)
}

func TestAReadOnlyRecord(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		five(t, l)
		everyConnection(t, db, map[database.Dialect]string{
			database.SQLite: "PRAGMA query_only = 1", database.PostgreSQL: "SET default_transaction_read_only = on",
		}[db.Dialect])
		if err := notDone(t, l); errors.Is(err, audit.ErrBroken) {
			t.Error(err)
		}
		whole(t, db)
	})
}

// everyConnection runs a statement on every connection there will be.
func everyConnection(t *testing.T, db *database.DB, statement string) {
	t.Helper()
	const connections = 4
	var all []*sql.Conn
	db.SQL().SetMaxOpenConns(connections + 1) // and the one that is kept
	if db.Dialect == database.PostgreSQL {
		db.SQL().SetMaxOpenConns(connections)
	}
	for range connections {
		conn, err := db.SQL().Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
		all = append(all, conn)
	}
	for _, conn := range all {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
}
