package audit_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/signing"
)

// full is an entry with every field set that the record does not set itself, and that fits the others.
func full() audit.Entry {
	e := entry(ada, ben, audit.Done)
	e.Ticket, e.PlatformStatus, e.Reason = "SEC-7", 204, "line\r\nbreak \u202e 'quote\" \\ <ñ> & \u2028 \U000e0001"
	e.Token, e.TokenOrganization = "9f86d081", audit.Organization{ID: "other", Name: "Other"}
	e.Change = audit.Change{From: "off", To: "900 s"}
	e.Problem, e.Permission, e.Count, e.Query = "permission-missing", "oauth:token:delete", 7, "person=ada"
	e.Evidence = audit.Evidence{TokenIssuedBefore: start, TokenIssuedAfter: start.Add(time.Hour), ReadAt: start.Add(2 * time.Hour)}
	e.Pruned = audit.Pruned{Through: 0, Before: start}
	e.Batch, e.Approval = "batch-1", 12
	e.CorrelationID, e.RequestID, e.Address = "c-1", "r-1", "2001:db8::1"
	e.TokenRegion, e.Client = "mypurecloud.ie", audit.Client{ID: "cl", Name: "Feed"}
	e.Plan, e.Tally = "9f86d081", audit.Tally{Done: 1, Failed: 2, Unknown: 3, Skipped: 4}
	e.Playbook, e.Steps, e.Within = "left", "deactivate tokens", 3
	return e
}

func TestAnEntryIsKeptWhole(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		want := add(t, l, full())[0]
		given := full()
		given.Seq, given.At = 1, start.Truncate(time.Millisecond)
		for _, moment := range []*time.Time{&given.Evidence.TokenIssuedBefore, &given.Evidence.TokenIssuedAfter,
			&given.Evidence.ReadAt, &given.Pruned.Before} {
			*moment = moment.Truncate(time.Millisecond)
		}
		if diff := cmp.Diff(given, want); diff != "" {
			t.Errorf("Append changed more than it should (-given +got):\n%s", diff)
		}
		got, err := newLog(db).Get(t.Context(), organization.ID, 1)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if _, err := l.Get(t.Context(), "another organization", 1); !errors.Is(err, audit.ErrNotFound) {
			t.Errorf("another organization reads the entry: %v", err)
		}
		whole(t, db)
	})
}

// Replicas share a record: each appender here has a Log of its own, and some have a whole database of their own.
func TestManyAppendToOneRecord(t *testing.T) {
	t.Parallel()
	databasetest.EachURL(t, func(t *testing.T, url string) {
		const replicas, entries = 4, 25
		var wg sync.WaitGroup
		for range replicas {
			l := newLog(databasetest.Open(t, url))
			for range 2 {
				wg.Go(func() {
					for i := range entries {
						if _, err := l.Append(t.Context(), entry(ada, audit.Party{ID: fmt.Sprint(i % 7)}, audit.Done)); err != nil {
							t.Error(err)
						}
					}
				})
			}
		}
		wg.Wait()
		r := report(t, databasetest.Open(t, url))
		if len(r.Faults) > 0 || r.Entries != 2*replicas*entries {
			t.Errorf("%+v; want %d intact entries", r, 2*replicas*entries)
		}
	})
}

// A replica that has been idle for long follows the others, however much they have written.
func TestAnIdleReplicaFollows(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		idle := newLog(db)
		for _, n := range []int{3, 700, 2300} {
			add(t, idle, entry(ada, ben, audit.Done))
			for range n {
				add(t, l, entry(ada, ben, audit.Done))
			}
		}
		add(t, idle, entry(ada, ben, audit.Done))
		whole(t, db)
	})
}

func TestAppendRefusesWhatMakesNoSense(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		five(t, l)
		elsewhere := closing(entry(ada, ben, audit.Done), 4)
		elsewhere.Organization.ID = "another"
		both := closing(entry(ada, ben, audit.Done), 1)
		both.About = 1
		about := entry(ada, ben, audit.Done)
		about.About = 3
		batch := closing(entry(ada, ben, audit.Done), 4)
		batch.Batch = "another"
		below, asks, somebody := entry(ada, ben, audit.Done), entry(ada, ben, audit.Asked), entry(ada, ben, audit.Done)
		below.About, asks.About, somebody.Action = -1, 4, audit.SignIn
		for name, e := range map[string]audit.Entry{
			"is about below nothing":        below,
			"asks and is about another":     asks,
			"is done to nobody":             somebody,
			"nothing":                       {},
			"closes what another asked":     closing(entry(ben, ben, audit.Done), 4),
			"closes what is about another":  closing(entry(ada, ada, audit.Done), 4),
			"closes what is of no batch":    batch,
			"no outcome":                    entry(ada, ben, ""),
			"unknown outcome":               entry(ada, ben, "perhaps"),
			"closes what is not there":      closing(entry(ada, ben, audit.Done), 99),
			"closes what did not ask":       closing(entry(ada, ben, audit.Done), 3),
			"is about what did not ask":     about,
			"closes another organization's": elsewhere,
			"asks and closes":               closing(entry(ada, ben, audit.Asked), 4),
			"belongs to two acts":           both,
			"closes below nothing":          closing(entry(ada, ben, audit.Done), -1),
		} {
			t.Run(name, func(t *testing.T) {
				if _, err := l.Append(t.Context(), e); !errors.Is(err, audit.ErrNotRecorded) || errors.Is(err, audit.ErrBroken) {
					t.Errorf("%v", err)
				}
			})
		}
		if r := report(t, db); r.Size != 5 || len(r.Faults) > 0 {
			t.Errorf("%+v", r)
		}
		if s := audit.NewMonitor(l, discard, clock()).State(t.Context()); s.Condition == audit.Unwritable {
			t.Error("nonsense passes for a fault of the database")
		}
	})
}

func TestNoOddTextGetsIn(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		e := entry(ada, audit.Party{ID: "x", Name: "nul \x00 bad \xff", Email: strings.Repeat("é", 5000)}, audit.Done)
		e.Reason, e.Ticket = "found 3fa9c07be13fa9c07be13fa9c07be13fa9c07be1 it", strings.Repeat("x", 100_000)
		got := add(t, l, e)[0]
		if got.Reason != "found [removed: looks like a token] it" {
			t.Errorf("reason %q", got.Reason)
		}
		if got.Subject.Name != "nul \uFFFD bad \uFFFD" || len(got.Subject.Email) > 1024 || len(got.Ticket) > 8000 {
			t.Errorf("kept %q, %d bytes of email, %d of ticket", got.Subject.Name, len(got.Subject.Email), len(got.Ticket))
		}
		whole(t, db)
	})
}

// A text that is as long as it may be is kept whole; of a longer one is seen that something is missing.
func TestLongTextsAreCut(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		prose, word := strings.Repeat("so ", 667)[:2000], strings.Repeat("é", 256)
		for _, test := range []struct{ more, prose, word string }{
			{"", prose, word}, {"s", prose[:1999] + "…", strings.Repeat("é", 255) + "…"},
		} {
			e := entry(ada, audit.Party{ID: "x", Name: word + test.more}, audit.Done)
			e.Reason = prose + test.more
			if got := add(t, l, e)[0]; got.Reason != test.prose || got.Subject.Name != test.word {
				t.Errorf("with %q more: %q, %q", test.more, got.Reason[1990:], got.Subject.Name)
			}
		}
	})
}

func TestACancelledAppendWritesNothing(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := l.Append(ctx, entry(ada, ben, audit.Done)); !errors.Is(err, audit.ErrNotRecorded) {
			t.Errorf("%v", err)
		}
		add(t, l, entry(ada, ben, audit.Done))
		if r := report(t, db); r.Size != 1 || len(r.Faults) > 0 {
			t.Errorf("%+v", r)
		}
	})
}

func TestWithoutAKeyNothingIsWritten(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		reader := audit.New(audit.Options{DB: db, Public: []signing.PublicKey{key.public}})
		if _, err := reader.Append(t.Context(), entry(ada, ben, audit.Done)); !errors.Is(err, audit.ErrNotRecorded) {
			t.Errorf("%v", err)
		}
	})
}

// What is only asked begins an act: it closes none, and is evidence of none.
func TestWhatIsAskedBelongsToNoOtherAct(t *testing.T) {
	t.Parallel()
	l := newLog(databasetest.Open(t, databasetest.SQLite(t)))
	closes, about := entry(ada, ben, audit.Asked), entry(ada, ben, audit.Asked)
	closes.Closes, about.About = 5, 5
	for name, e := range map[string]audit.Entry{"closes": closes, "about": about} {
		if _, err := l.Append(t.Context(), e); err == nil || !strings.Contains(err.Error(), "does not belong to 5") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
