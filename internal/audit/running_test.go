package audit_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

// refuses holds that l does nothing any more, and says why.
func refuses(t *testing.T, l *audit.Log, words string) {
	t.Helper()
	_, err := l.Undertake(t.Context(), entry(ada, ben, ""), func(context.Context) audit.Result {
		t.Error("an act was done on a broken record")
		return audit.Result{Outcome: audit.Done}
	})
	broken, ok := errors.AsType[*audit.BrokenError](err)
	if !ok || !errors.Is(err, audit.ErrNotRecorded) || !strings.Contains(broken.Fault.Words, words) {
		t.Errorf("%v; want a fault that says %q", err, words)
	}
	if f := l.Fault(); f == nil || !strings.Contains(f.Words, words) {
		t.Errorf("fault %v", f)
	}
	if err := l.Ready(t.Context()); !errors.Is(err, audit.ErrBroken) {
		t.Errorf("ready: %v", err)
	}
}

// What is done to the record between two acts is noticed before the second.
func TestTheNextActIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		statements []string
		says       string
	}{
		"an entry changed":   {inBody(3, "lost phone", "fun"), "entry 3 was changed"},
		"an entry removed":   {[]string{"DELETE FROM audit_entries WHERE seq = 3"}, "entry 3 is missing"},
		"all removed":        {[]string{"DELETE FROM audit_entries"}, "entry 5 is missing"},
		"two exchanged":      {swap("audit_entries"), "was changed"},
		"listed falsely":     {[]string{"UPDATE audit_acts SET outcome = 'failed' WHERE seq = 1"}, "the act that entry 1 began"},
		"the end moved":      {[]string{"UPDATE audit_head SET size = 4"}, "the end of the record was moved from entry 5 to entry 4"},
		"the signature gone": {[]string{"UPDATE audit_head SET checkpoint = ''"}, "the record was emptied"},
		"the signature spoiled": {[]string{"UPDATE audit_head SET checkpoint = replace(checkpoint, 'console.example', 'console.exampl')"},
			"the end of the record is not signed"},
		"emptied": {[]string{"DELETE FROM audit_entries", "DELETE FROM audit_tree",
			"UPDATE audit_head SET size = 0, checkpoint = ''"}, "is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
				five(t, l)
				unguard(t, db)
				execute(t, db, ofDialect(db, test.statements)...)
				refuses(t, l, test.says)
			})
		})
	}
}

// A console that starts notices that the hash of the newest entry is missing, and so does one that runs.
func TestATreeThatWasCutOffIsRefused(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		five(t, l)
		unguard(t, db)
		execute(t, db, "DELETE FROM audit_tree WHERE seq = 5")
		for who, l := range map[string]*audit.Log{"one that starts": newLog(db), "one that runs": l} {
			refuses(t, l, "the tree has lost entry 5")
			if f := l.Fault(); f.Seq != 5 {
				t.Errorf("%s has the fault at entry %d", who, f.Seq)
			}
		}
	})
}

// So is one that lost an entry in the middle, which the console remembers.
func TestATreeWithAHoleIsRefused(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		five(t, l)
		unguard(t, db)
		execute(t, db, "DELETE FROM audit_tree WHERE seq = 3")
		refuses(t, l, "the tree has lost entry 3")
	})
}

// An older copy of the record has a good signature, and the running console knows better.
func TestAnOlderCopyIsRefused(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		five(t, l)
		old := checkpoint(t, l)
		add(t, l, entry(ada, ben, audit.Done))
		unguard(t, db)
		execute(t, db, "DELETE FROM audit_tree WHERE seq > 5", "UPDATE audit_head SET size = 5, checkpoint = '"+old+"'")
		if _, err := l.Append(t.Context(), entry(ada, ben, audit.Done)); !errors.Is(err, audit.ErrBroken) {
			t.Errorf("%v", err)
		}
		refuses(t, l, "the record was cut off after entry 5")
		if f := l.Fault(); f.Seq != 6 {
			t.Errorf("the fault is at entry %d", f.Seq)
		}
	})
}

// So is a record that was written anew with the key, from before the entries that the console remembers.
func TestALongRecordThatWasRewrittenIsRefused(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		add(t, l, entry(ada, ben, audit.Done))
		addMany(t, l, 1100, entry(ada, ben, audit.Done))
		unguard(t, db)
		execute(t, db, "DELETE FROM audit_acts", "DELETE FROM audit_entries", "DELETE FROM audit_tree", "DELETE FROM audit_times",
			"DELETE FROM audit_counts", "UPDATE audit_head SET size = 0, checkpoint = ''")
		other := newLog(db)
		add(t, other, entry(ben, cleo, audit.Done))
		addMany(t, other, 1100, entry(ada, ben, audit.Done))
		addMany(t, other, 1100, entry(ada, ben, audit.Done))
		refuses(t, l, "the record was rewritten: its first 1101 entries")
	})
}

// Once broken, a record stays refused until it is mended and the console started again.
func TestABrokenRecordStaysRefusedUntilARestart(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		five(t, l)
		unguard(t, db)
		execute(t, db, ofDialect(db, inBody(3, "lost phone", "fun"))...)
		refuses(t, l, "entry 3 was changed")
		again := newLog(db)
		if err := again.Start(t.Context()); !errors.Is(err, audit.ErrBroken) {
			t.Errorf("started on it as it is: %v", err)
		}
		execute(t, db, ofDialect(db, inBody(3, "fun", "lost phone"))...)
		refuses(t, l, "entry 3 was changed")
		again = newLog(db)
		if err := again.Start(t.Context()); err != nil {
			t.Errorf("mended: %v", err)
		}
		undertake(t, again, audit.Result{Outcome: audit.Done})
	})
}

func TestARecordOfAnotherKeyIsRefusedAtTheStart(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		five(t, l)
		other := audit.New(audit.Options{DB: db, Keys: strangersKey.keys, Log: discard, Now: clock()})
		if err := other.Start(t.Context()); !errors.Is(err, audit.ErrBroken) || !strings.Contains(err.Error(), "CONSOLE_RECORD_KEY") {
			t.Errorf("%v", err)
		}
		if f := other.Fault(); f == nil || !f.Foreign {
			t.Errorf("passes for harm: %v", f)
		}
	})
}

func TestEntriesWithoutAnySignatureAreRefusedAtTheStart(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		five(t, l)
		unguard(t, db)
		execute(t, db, "UPDATE audit_head SET size = 0, checkpoint = ''")
		if err := newLog(db).Start(t.Context()); !errors.Is(err, audit.ErrBroken) {
			t.Errorf("%v", err)
		}
	})
}

// Among more entries than are looked at before an act, one of the newest thousand is still noticed.
func TestTheNewestThousandAreLookedAt(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		addMany(t, l, 2100, entry(ada, ben, audit.Done))
		again := newLog(db)
		undertake(t, again, audit.Result{Outcome: audit.Done})
		unguard(t, db)
		execute(t, db, ofDialect(db, inBody(1200, "lost phone", "fun"))...)
		refuses(t, l, "entry 1200 was changed")
		refuses(t, again, "entry 1200 was changed")
	})
}

// Other replicas write, prune and read meanwhile; none of that is a fault.
func TestWhatOtherReplicasDoIsNoFault(t *testing.T) {
	t.Parallel()
	databasetest.EachURL(t, func(t *testing.T, url string) {
		first, second := newLog(databasetest.Open(t, url)), newLog(databasetest.Open(t, url))
		for range 3 {
			undertake(t, first, audit.Result{Outcome: audit.Done})
			undertake(t, second, audit.Result{Outcome: audit.Done})
		}
		if n, err := second.Prune(t.Context(), -hour, start.Add(hour/60)); err != nil || n != 12 {
			t.Fatalf("%d, %v", n, err)
		}
		undertake(t, first, audit.Result{Outcome: audit.Done})
		undertake(t, newLog(databasetest.Open(t, url)), audit.Result{Outcome: audit.Done})
		whole(t, databasetest.Open(t, url))
	})
}

// A walk over the record beside writers and retention finds no fault that is not there.
func TestVerifyBesideWritersFindsNoFault(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		addMany(t, l, 1100, entry(ada, audit.Party{ID: "early"}, audit.Done))
		done := make(chan error, 1)
		go func() {
			var err error
			for i := 0; i < 120 && err == nil; i++ {
				_, err = l.Undertake(context.Background(), entry(ada, audit.Party{ID: fmt.Sprint(i)}, ""),
					func(context.Context) audit.Result { return audit.Result{Outcome: audit.Done} })
				if i == 40 && err == nil {
					_, err = l.Prune(context.Background(), -hour, start.Add(20*hour/60))
				}
			}
			done <- err
		}()
		for {
			if f := faults(t, db); len(f) > 0 {
				t.Errorf("%v", f)
			}
			select {
			case err := <-done:
				if err != nil {
					t.Error(err)
				}
				whole(t, db)
				return
			default:
			}
		}
	})
}
