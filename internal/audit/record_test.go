package audit_test

import (
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/signing"
)

var (
	organization = audit.Organization{ID: "6b1f4d1e-0000-4000-8000-000000000001", Name: "Demo"}
	start        = time.Date(2026, 3, 1, 9, 0, 0, 123_456_789, time.UTC)
	ada          = audit.Party{ID: "ada-id", Name: "Ada Park", Email: "ada@demo.example"}
	ben          = audit.Party{ID: "ben-id", Name: "Ben Öztürk", Email: "ben@demo.example"}
	cleo         = audit.Party{ID: "cleo-id", Name: "Cleo 100%_\\", Email: "cleo@demo.example"}
	hour         = time.Hour
	discard      = slog.New(slog.DiscardHandler)
)

// pair is a private key and its public half.
type pair struct {
	private, text string
	keys          []signing.Key
	public        signing.PublicKey
}

func newPair(name string) pair {
	private, public, err := signing.GenerateKey(name)
	if err != nil {
		panic(err)
	}
	keys, err := signing.ParseKeys(private)
	if err != nil {
		panic(err)
	}
	return pair{private, public, keys, keys[0].Public()}
}

// key is the key of every record here, and strangersKey one of the same name that is not.
var key, strangersKey = newPair("console.example"), newPair("console.example")

// clock tells a time that is a second later at each look.
func clock() func() time.Time {
	var mu sync.Mutex
	now := start.Add(-time.Second)
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(time.Second)
		return now
	}
}

func newLog(db *database.DB) *audit.Log {
	return audit.New(audit.Options{DB: db, Keys: key.keys, Log: discard, Now: clock()})
}

// each runs test with an empty record in every kind of database.
func each(t *testing.T, test func(t *testing.T, db *database.DB, l *audit.Log)) {
	t.Helper()
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) { test(t, db, newLog(db)) })
}

// entry is a revocation by actor of the tokens of subject.
func entry(actor, subject audit.Party, outcome audit.Outcome) audit.Entry {
	return audit.Entry{
		Action: audit.Revoke, Outcome: outcome, Actor: actor, Subject: subject, Organization: organization,
		Region: "mypurecloud.ie", Reason: "lost phone",
	}
}

func closing(e audit.Entry, seq int64) audit.Entry {
	e.Closes = seq
	return e
}

func add(t testing.TB, l *audit.Log, entries ...audit.Entry) []audit.Entry {
	t.Helper()
	var added []audit.Entry
	for _, e := range entries {
		e, err := l.Append(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		added = append(added, e)
	}
	return added
}

// addMany adds n entries like e.
func addMany(t testing.TB, l *audit.Log, n int, e audit.Entry) {
	t.Helper()
	if err := l.AppendAll(t.Context(), slices.Repeat([]audit.Entry{e}, n)); err != nil {
		t.Fatal(err)
	}
}

// five entries: an act that is done, one that was refused, one that is open, and one that failed.
func five(t testing.TB, l *audit.Log) []audit.Entry {
	t.Helper()
	return add(t, l, entry(ada, ben, audit.Asked), closing(entry(ada, ben, audit.Done), 1), entry(ben, cleo, audit.Refused),
		entry(cleo, ada, audit.Asked), entry(ada, cleo, audit.Failed))
}

func seqs(entries []audit.Entry) []int64 {
	var s []int64
	for _, e := range entries {
		s = append(s, e.Seq)
	}
	return s
}

// checkpoint is the record's signed end.
func checkpoint(t testing.TB, l *audit.Log) string {
	t.Helper()
	text, err := l.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// faults are what a walk by somebody who has only the public key finds wrong.
func faults(t testing.TB, db *database.DB, kept ...string) []audit.Fault {
	t.Helper()
	return report(t, db, kept...).Faults
}

func report(t testing.TB, db *database.DB, kept ...string) audit.Report {
	t.Helper()
	var checkpoints []audit.Kept
	for _, text := range kept {
		checkpoints = append(checkpoints, audit.Kept{Name: "kept.txt", Text: text})
	}
	l := audit.New(audit.Options{DB: db, Public: []signing.PublicKey{key.public}})
	r, err := l.Verify(t.Context(), checkpoints...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func whole(t testing.TB, db *database.DB) {
	t.Helper()
	if f := faults(t, db); len(f) > 0 {
		t.Errorf("the record is not whole: %v", f)
	}
}

// The tally of a batch is known before it begins. An outcome without one keeps it.
func TestAnOutcomeKeepsTheTally(t *testing.T) {
	before, after := audit.Tally{Done: 1}, audit.Tally{Failed: 2}
	for reported, want := range map[audit.Tally]audit.Tally{{}: before, after: after} {
		if got := (audit.Entry{Tally: before}).With(audit.Result{Outcome: audit.Done, Tally: reported}).Tally; got != want {
			t.Errorf("after %+v it is %+v", reported, got)
		}
	}
}
