package audit_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

// lines keeps what is logged.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// monitored runs a Monitor over db while test goes on, and returns what it logged in all.
func monitored(t *testing.T, db *database.DB, l *audit.Log, test func(w *audit.Monitor, logged *lines)) string {
	t.Helper()
	var logged lines
	w := audit.NewMonitor(l, slog.New(slog.NewTextHandler(&logged, nil)), clock())
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { w.Run(ctx) })
	defer running.Wait()
	defer cancel()
	await(t, "the first walk", func() bool { return w.State(ctx).Condition != audit.Checking })
	test(w, &logged)
	cancel()
	running.Wait()
	return logged.String()
}

// await looks again and again whether something has come about.
func await(t *testing.T, what string, come func() bool) {
	t.Helper()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(time.Minute); !come(); <-ticker.C {
		if time.Now().After(end) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

// A page says up to which entry the record is whole. That includes what was written since the last walk.
func TestStateGoesOnWithWhatIsWritten(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		monitored(t, db, l, func(w *audit.Monitor, _ *lines) {
			if s := w.State(t.Context()); s.Condition != audit.Whole || s.Through != 0 {
				t.Errorf("an empty record: %+v", s)
			}
			five(t, l)
			if s := w.State(t.Context()); s.Condition != audit.Whole || s.Through != 5 || s.CheckedAt.IsZero() {
				t.Errorf("after five entries: %+v", s)
			}
			add(t, newLog(db), entry(ada, ben, audit.Done))
			add(t, l, entry(ada, ben, audit.Done))
			if s := w.State(t.Context()); s.Condition != audit.Whole || s.Through != 7 {
				t.Errorf("with one of another replica: %+v", s)
			}
		})
	})
}

// What another replica wrote, and so much of it that this process read only the end, counts at the next walk.
func TestStateDoesNotClaimWhatNobodyRead(t *testing.T) {
	t.Parallel()
	db := databasetest.Open(t, databasetest.SQLite(t))
	l, other := newLog(db), newLog(db)
	five(t, l)
	w := audit.NewMonitor(l, discard, clock())
	walk(t, w, func() bool { return w.State(t.Context()).Condition == audit.Whole })
	// Between the walks the monitor does not run: it would read on whenever it tries whether the record can be written.
	addMany(t, other, 1200, entry(ada, ben, audit.Done))
	add(t, l, entry(ada, ben, audit.Done))
	if s := w.State(t.Context()); s.Condition != audit.Whole || s.Through != 5 {
		t.Errorf("before the next walk: %+v", s)
	}
	walk(t, w, func() bool { return w.State(t.Context()).Through == 1206 })
}

// walk runs a monitor, which begins with a walk, until that has told what it should.
func walk(t *testing.T, w *audit.Monitor, told func() bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { w.Run(ctx) })
	defer running.Wait()
	defer cancel()
	await(t, "the walk", told)
}

// Pages say soon that the file is another one, before anybody has tried to write.
func TestStateTellsThatTheFileWasReplaced(t *testing.T) {
	t.Parallel()
	path := filepath.Join(databasetest.Directory(t), "console.db")
	db := databasetest.Open(t, "sqlite:"+path)
	monitored(t, db, newLog(db), func(w *audit.Monitor, _ *lines) {
		if err := os.Rename(path, path+".away"); err != nil {
			t.Fatal(err)
		}
		await(t, "unwritable while it is away", func() bool { return w.State(t.Context()).Condition == audit.Unwritable })
		if err := os.Rename(path+".away", path); err != nil {
			t.Fatal(err)
		}
		await(t, "whole when it is back", func() bool { return w.State(t.Context()).Condition == audit.Whole })
	})
}

func TestTheLogIsToldWhatTheRecordIs(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		five(t, l)
		first := checkpoint(t, l)
		var last string
		logged := monitored(t, db, l, func(_ *audit.Monitor, logged *lines) {
			await(t, "the checkpoint at the start", func() bool { return strings.Contains(logged.String(), "checkpoint=") })
			add(t, l, entry(ada, ben, audit.Done))
			last = checkpoint(t, l)
		})
		for what, words := range map[string]string{
			"the checkpoint at the start": quoted(first), "the checkpoint at the end": quoted(last),
			"the open entry": `"entries are open: nobody recorded what came of them" count=1 seqs=[4]`,
		} {
			if !strings.Contains(logged, words) {
				t.Errorf("%s is not told:\n%s", what, logged)
			}
		}
	})
}

// quoted is a text as the log shows it.
func quoted(s string) string {
	return `checkpoint="` + strings.ReplaceAll(s, "\n", `\n`) + `"`
}
