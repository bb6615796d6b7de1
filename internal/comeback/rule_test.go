package comeback

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/genesys"
)

// Of several revocations of one person the same one counts on the board and on their
// page, and it is never one that hides a return after another.
func TestWhichRevocationCounts(t *testing.T) {
	t.Parallel()
	type revocation struct {
		by      string // "boss" or "self"
		outcome audit.Outcome
	}
	tests := map[string]struct {
		all  []revocation // a minute apart
		want int          // which of them counts; -1 for none
	}{
		"the last by somebody else":    {[]revocation{{"boss", audit.Done}, {"boss", audit.Done}}, 1},
		"not a later one of their own": {[]revocation{{"boss", audit.Done}, {"self", audit.Done}}, 0},
		"theirs, without another":      {[]revocation{{"self", audit.Done}, {"self", audit.Done}}, 1},
		"another's after their own":    {[]revocation{{"self", audit.Done}, {"boss", audit.Done}}, 1},
		"one with unknown outcome":     {[]revocation{{"boss", audit.Unknown}}, 0},
		"one that was cut off":         {[]revocation{{"boss", audit.Asked}}, 0},
		"not an unknown later one":     {[]revocation{{"boss", audit.Done}, {"boss", audit.Unknown}}, 0},
		"an unknown one of another":    {[]revocation{{"boss", audit.Unknown}, {"self", audit.Done}}, 0},
		"none that failed":             {[]revocation{{"boss", audit.Failed}, {"boss", audit.Refused}}, -1},
		"another's that is too old":    {[]revocation{{"boss", audit.Done}, {"self", audit.Done}}, 1},
	}
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		boss, who := userID(t, "5a8f3c1e-1111-4222-8333-944455556666"), userID(t, "6a8f3c1e-1111-4222-8333-944455556666")
		f := newFixture(t, db)
		start := time.Duration(0)
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				start += 72 * time.Hour // the revocations of the test before are too old
				want := int64(0)
				for i, r := range test.all {
					if f.to(start + time.Duration(i)*time.Minute); name == "another's that is too old" {
						f.to(start + time.Duration(i)*25*time.Hour)
					}
					by := map[string]genesys.UserID{"boss": boss, "self": who}[r.by]
					if e := f.revoked(by, who, r.outcome); i == test.want {
						want = e.Seq
					}
				}
				board, err := f.Board(t.Context(), organization.ID)
				if err != nil {
					t.Fatal(err)
				}
				p, watched, err := f.Of(t.Context(), organization.ID, who, time.Time{})
				if err != nil || watched != (want > 0) || watched != (len(board.People) == 1) {
					t.Fatalf("watched: %t, on the board: %d, %v", watched, len(board.People), err)
				}
				if watched && (p.Revoked.Seq != want || cmp.Diff(board.People[0].Revoked, p.Revoked) != "") {
					t.Errorf("entry %d counts on the page and %d on the board, want %d",
						p.Revoked.Seq, board.People[0].Revoked.Seq, want)
				}
			})
		}
	})
}

// A revocation that was not confirmed may have happened at once: a token that was
// issued while the console waited for the answer is a return.
func TestUnknownRevocationCountsFromWhenItWasAsked(t *testing.T) {
	t.Parallel()
	boss, who := userID(t, "5a8f3c1e-1111-4222-8333-944455556666"), userID(t, "6a8f3c1e-1111-4222-8333-944455556666")
	f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)))
	e := audit.Entry{
		Action: audit.Revoke, Outcome: audit.Asked, Organization: organization, Actor: party(boss), Subject: party(who),
	}
	asked := f.append(e)
	f.to(5 * time.Second)
	f.issued(who)
	f.to(10 * time.Second)
	e.Outcome, e.Closes = audit.Unknown, asked.Seq
	f.append(e)
	if p := f.of(who); !p.CameBack() || !p.IsUnknown() || p.After() != 5*time.Second {
		t.Errorf("came back: %t, unknown: %t, after %s", p.CameBack(), p.IsUnknown(), p.After())
	}
}

// Of people who clear the same return at once, one does.
func TestReturnIsClearedOnce(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		boss, who := userID(t, "5a8f3c1e-1111-4222-8333-944455556666"), userID(t, "6a8f3c1e-1111-4222-8333-944455556666")
		f := newFixture(t, db)
		f.revoked(boss, who, audit.Done)
		f.to(time.Minute)
		f.issued(who)
		shown := f.of(who).Return()
		e := audit.Entry{Organization: organization, Actor: party(boss), Subject: party(who), Reason: "Called"}
		const people = 5
		var cleared, late int
		var mu sync.Mutex
		var all sync.WaitGroup
		for range people {
			all.Go(func() {
				err := f.Clear(t.Context(), e, shown)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					cleared++
				case errors.Is(err, ErrCleared):
					late++
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if cleared != 1 || late != people-1 {
			t.Errorf("%d cleared it, %d came too late", cleared, late)
		}
		if err := f.Record.Ready(t.Context()); err != nil {
			t.Errorf("the record: %v", err)
		}
		if p := f.of(who); !p.IsCleared() || p.CameBack() {
			t.Errorf("cleared: %t, came back: %t", p.IsCleared(), p.CameBack())
		}
	})
}

// What was read before a return was cleared, or before the platform told of one, is
// not counted after it.
func TestCountIsNotOfBefore(t *testing.T) {
	t.Parallel()
	boss, who := userID(t, "5a8f3c1e-1111-4222-8333-944455556666"), userID(t, "6a8f3c1e-1111-4222-8333-944455556666")
	f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)))
	f.revoked(boss, who, audit.Done)
	board, err := f.Board(t.Context(), organization.ID)
	if err != nil {
		t.Fatal(err)
	}
	f.to(time.Minute)
	f.issued(who)
	f.counted(board)
	if n := f.Count(t.Context(), organization.ID); n != 1 {
		t.Errorf("%d came back, want 1", n)
	}
	if board, err = f.Renew(t.Context(), board); err != nil {
		t.Fatal(err)
	}
	e := audit.Entry{Organization: organization, Actor: party(boss), Subject: party(who), Reason: "Called"}
	if err := f.Clear(t.Context(), e, f.of(who).Return()); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Renew(t.Context(), board); err != nil {
		t.Fatal(err)
	}
	if n := f.Count(t.Context(), organization.ID); n != 0 {
		t.Errorf("%d came back, want none", n)
	}
}
