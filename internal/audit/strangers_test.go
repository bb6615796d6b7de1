package audit_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

// nobodys are the failed sign-ins of nobody, oldest first: how many from where, and why.
func nobodys(t *testing.T, l *audit.Log) (lines []string) {
	t.Helper()
	for _, e := range list(t, l, audit.Filter{Nobody: true}, audit.Cursor{}, 1000).Entries {
		lines = append([]string{fmt.Sprintf("%d %s %s %s %s", e.Count, e.Address, e.Outcome, e.Problem, e.Region)}, lines...)
	}
	return lines
}

func TestFailedSignInsOfNobodyAreCounted(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		s := audit.NewStrangers(l, discard)
		for range 5 {
			s.Note("192.0.2.7", "state-unknown", "mypurecloud.ie")
		}
		s.Note("192.0.2.8", "state-unknown", "mypurecloud.ie")
		s.Note("192.0.2.7", "state-missing", "mypurecloud.ie")
		s.NoteFailure("192.0.2.7", "platform-unreachable", "mypurecloud.de")
		s.Flush(t.Context())
		s.Flush(t.Context())
		s.Note("192.0.2.7", "state-unknown", "mypurecloud.ie")
		s.Flush(t.Context())
		want := []string{
			"5 192.0.2.7 refused state-unknown mypurecloud.ie",
			"1 192.0.2.7 failed platform-unreachable mypurecloud.de",
			"1 192.0.2.7 refused state-missing mypurecloud.ie",
			"1 192.0.2.8 refused state-unknown mypurecloud.ie",
			"1 192.0.2.7 refused state-unknown mypurecloud.ie",
		}
		if diff := cmp.Diff(want, nobodys(t, l)); diff != "" {
			t.Error(diff)
		}
	})
}

// However many strangers come, and from wherever, a flush writes eleven entries at most, and counts everybody.
func TestStrangersCannotFillTheRecord(t *testing.T) {
	t.Parallel()
	l := newLog(databasetest.Open(t, databasetest.SQLite(t)))
	s := audit.NewStrangers(l, discard)
	const many = 10_000
	for i := range many {
		s.Note(fmt.Sprintf("2001:db8:%x:%x::1", i>>12, i&0xfff), strings.Repeat("x", 5000), strings.Repeat("y", 5000))
		s.Note("192.0.2.7", "state-unknown", "")
	}
	s.Flush(t.Context())
	entries := list(t, l, audit.Filter{Nobody: true}, audit.Cursor{}, 1000).Entries
	var counted int64
	for _, e := range entries {
		counted += e.Count
	}
	last := entries[0]
	if len(entries) != 11 || counted != 2*many || last.Problem != "others" || last.Address != "" || last.Count < many-1000 {
		t.Errorf("%d entries count %d of %d; the last is %+v", len(entries), counted, 2*many, last)
	}
	if first := entries[10]; first.Count != many || first.Address != "192.0.2.7" {
		t.Errorf("the first is %+v", first)
	}
}

func TestWhatCannotBeRecordedIsCountedOn(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		s := audit.NewStrangers(l, discard)
		s.Note("192.0.2.7", "state-unknown", "")
		execute(t, db, "ALTER TABLE audit_tree RENAME TO away")
		s.Flush(t.Context())
		s.Note("192.0.2.7", "state-unknown", "")
		execute(t, db, "ALTER TABLE away RENAME TO audit_tree")
		s.Flush(t.Context())
		if diff := cmp.Diff([]string{"2 192.0.2.7 refused state-unknown "}, nobodys(t, l)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestStrangersAreWrittenOnceAMinuteAndAtTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLog(databasetest.Open(t, databasetest.SQLite(t)))
		s := audit.NewStrangers(l, discard)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); s.Run(ctx) }()
		s.Note("192.0.2.7", "state-unknown", "")
		for _, step := range []struct {
			after time.Duration
			want  int
		}{{59 * time.Second, 0}, {2 * time.Second, 1}, {time.Minute, 1}} {
			time.Sleep(step.after) // the clock of the bubble, not a real wait
			synctest.Wait()
			if got := len(nobodys(t, l)); got != step.want {
				t.Errorf("after another %s: %d entries, want %d", step.after, got, step.want)
			}
		}
		s.Note("192.0.2.7", "state-unknown", "")
		stop()
		<-ended
		if got := len(nobodys(t, l)); got != 2 {
			t.Errorf("at the end: %d entries, want 2", got)
		}
	})
}
