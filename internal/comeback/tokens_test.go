package comeback

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

// Where a token came from stays known until a newer token comes, an older time never
// takes the place of a newer one, and the clocks' last digits do not matter.
func TestTokensAreKept(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		who := userID(t, "5a8f3c1e-1111-4222-8333-944455556666")
		s := &Service{DB: db, For: time.Hour, Now: func() time.Time { return now }}
		at := func(seconds int) time.Time { return now.Add(time.Duration(seconds) * time.Second) }
		for _, step := range []struct {
			name       string
			told, want Token
		}{
			{"nothing told", Token{ReadAt: at(0)}, Token{ReadAt: at(0)}},
			{"read", Token{Issued: at(10), ReadAt: at(11)}, Token{Issued: at(10), ReadAt: at(11)}},
			{
				"told live, a moment before", Token{at(9), at(12), "::1", "crm"}, Token{at(10), at(12), "::1", "crm"},
			},
			{"read again", Token{Issued: at(11), ReadAt: at(13)}, Token{at(11), at(13), "::1", "crm"}},
			{"an older one", Token{at(2), at(14), "::2", "old"}, Token{at(11), at(14), "::1", "crm"}},
			{"a newer one", Token{Issued: at(60), ReadAt: at(61)}, Token{Issued: at(60), ReadAt: at(61)}},
		} {
			if err := s.keep(t.Context(), "o", []row{rowOf(who, step.told)}); err != nil {
				t.Fatal(err)
			}
			got, err := s.evidenceOfAll(t.Context(), "o")
			if diff := cmp.Diff(step.want, got[who.String()].Token); err != nil || diff != "" {
				t.Errorf("%s (-want +got): %v\n%s", step.name, err, diff)
			}
		}
		if got, err := s.evidenceOfAll(t.Context(), "other"); len(got) != 0 || err != nil {
			t.Errorf("another organization reads %v, %v", got, err)
		}
		s.Now = func() time.Time { return now.Add(3 * time.Hour) }
		if err := s.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, err := s.evidenceOfAll(t.Context(), "o"); len(got) != 0 || err != nil {
			t.Errorf("it still knows %v, %v", got, err)
		}
	})
}

// Of all who ask at once, one may; the next 30 seconds later. A clock that was ahead
// does not stop it for good.
func TestTurnsAreTaken(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		clock := now
		s := &Service{DB: db, Now: func() time.Time { return clock }}
		for _, step := range []struct {
			after time.Duration
			want  bool
		}{{0, true}, {0, false}, {29 * time.Second, false}, {30 * time.Second, true}, {31 * time.Second, false}, {-time.Hour, true}} {
			clock = now.Add(step.after)
			if got, err := s.claim(t.Context(), "o", clock); got != step.want || err != nil {
				t.Errorf("after %s: %t, %v", step.after, got, err)
			}
		}
		if got, err := s.claim(t.Context(), "other", clock); !got || err != nil {
			t.Errorf("another organization: %t, %v", got, err)
		}
	})
}
