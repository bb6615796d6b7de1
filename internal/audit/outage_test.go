package audit_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database/databasetest"
)

// The log says once that the record cannot be written, however long that lasts, and once that it can again. The walks go on
// meanwhile: each is a checkpoint in the log, and one that cannot be finished is told.
func TestTheLogTellsAnOutageAndItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := databasetest.Open(t, databasetest.SQLite(t))
		l := newLog(db)
		five(t, l)
		var logged lines
		m := audit.NewMonitor(l, slog.New(slog.NewTextHandler(&logged, nil)), clock())
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); m.Run(ctx) }()
		const away, back = "ALTER TABLE audit_tree RENAME TO away", "ALTER TABLE away RENAME TO audit_tree"
		for _, step := range []struct {
			name, change                        string
			walk                                bool // is asked for
			lasts                               time.Duration
			unwritable, again, unchecked, walks int // lines so far
			condition                           audit.Condition
		}{
			{"at the start", "", false, 40 * time.Second, 0, 0, 0, 1, audit.Whole},
			{"without a table", away, false, 40 * time.Second, 1, 0, 0, 1, audit.Unwritable},
			{"without it at a walk", "", true, time.Second, 1, 0, 1, 2, audit.Unwritable},
			{"with it", back, false, 40 * time.Second, 1, 1, 1, 2, audit.Unchecked},
			{"after a walk", "", true, time.Second, 1, 1, 1, 3, audit.Whole},
			{"half an hour later", "", false, 30 * time.Minute, 1, 1, 1, 5, audit.Whole},
			{"without it again", away, false, 20 * time.Second, 2, 1, 1, 5, audit.Unwritable},
		} {
			if step.change != "" {
				execute(t, db, step.change)
			}
			if step.walk {
				m.Check()
			}
			time.Sleep(step.lasts) // the clock of the bubble, not a real wait
			synctest.Wait()
			for words, want := range map[string]int{
				"the record cannot be written: nothing is done until it can": step.unwritable,
				"the record can be written again":                            step.again,
				"the record could not be checked":                            step.unchecked,
				"checkpoint of the record":                                   step.walks,
			} {
				if got := strings.Count(logged.String(), words); got != want {
					t.Errorf("%s: %q stands in the log %d times, want %d", step.name, words, got, want)
				}
			}
			if s := m.State(ctx); s.Condition != step.condition {
				t.Errorf("%s it is %s, want %s", step.name, s.Condition, step.condition)
			}
		}
		stop()
		<-ended
	})
}

// A record that somebody changed is found at the next try whether it can be written, and not told as one that cannot be.
func TestATryFindsABrokenRecord(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := databasetest.Open(t, databasetest.SQLite(t))
		l := newLog(db)
		five(t, l)
		var logged lines
		m := audit.NewMonitor(l, slog.New(slog.NewTextHandler(&logged, nil)), clock())
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); m.Run(ctx) }()
		time.Sleep(time.Second)
		synctest.Wait()
		unguard(t, db)
		execute(t, db, ofDialect(db, inBody(3, "lost phone", "fun"))...)
		time.Sleep(time.Minute)
		synctest.Wait()
		if s := m.State(ctx); s.Condition != audit.Broken || s.Fault == nil || s.Fault.Seq != 3 {
			t.Errorf("%+v", s)
		}
		if strings.Contains(logged.String(), "cannot be written") {
			t.Errorf("the log says something else:\n%s", logged.String())
		}
		stop()
		<-ended
	})
}
