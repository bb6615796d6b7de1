package audit

import (
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

// enlist adds people to the record as entries would.
func enlist(t *testing.T, db *database.DB, organization string, people ...Party) {
	t.Helper()
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	for _, p := range people {
		if _, err := (&Log{db: db}).person(t.Context(), tx, organization, p); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

func (n *names) find(t *testing.T, organization, text string) int {
	t.Helper()
	people, err := n.in(t.Context(), organization)
	if err != nil {
		t.Error(err)
	}
	return len(people.called(text, maxRefs))
}

func TestASearchFindsPeople(t *testing.T) {
	t.Parallel()
	n := newNames(nil)
	ada, ben := Party{"a", "Ada Ö", "ada@x"}, Party{"b", "Ben", "ben@x"}
	for i, p := range []Party{ada, ben, {"a", "Ada Park", "ada@x"}} {
		n.add(person{int64(i) + 1, "o", p.ID, folded(p)})
	}
	n.add(person{4, "other", "a", folded(ada)})
	for name, c := range map[string]struct {
		text string
		want []any
	}{
		"a part of two spellings": {"ada", []any{int64(1), int64(3)}}, "of all": {"@x", []any{int64(1), int64(2), int64(3)}},
		"beyond ASCII": {"ö", []any{int64(1)}}, "an id and a name": {"b\nben", []any{int64(2)}}, "nobody": {"cleo", nil},
		"the end of one and the beginning of the next": {"x\x00b", nil}, "whole spellings": {folded(ben), []any{int64(2)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, n.of["o"].called(c.text, maxRefs)); diff != "" {
				t.Error(diff)
			}
		})
	}
	if diff := cmp.Diff([]any{int64(1), int64(3)}, n.of["o"].with("a", maxRefs)); diff != "" {
		t.Error(diff)
	}
	if found := n.of["o"].with("a", 1); len(found) != 1 {
		t.Errorf("%d spellings are found where one is wanted", len(found))
	}
	if found := n.of["o"].called("@x", 2); len(found) != 2 {
		t.Errorf("%d people are found where two are wanted", len(found))
	}
}

// People whom another replica, or this one, adds after the first search are found by the next.
func TestASearchFindsWhoCameLater(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		n := newNames(db)
		for i := range 3 {
			enlist(t, db, "o", Party{fmt.Sprint("id-", i), "Ada", ""})
			if found := n.find(t, "o", "ada"); found != i+1 {
				t.Errorf("%d of %d people are found", found, i+1)
			}
		}
	})
}

// People whom retention removed are forgotten with the next walk, whichever replica removed them.
func TestAWalkForgetsWhoIsGone(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		l := New(Options{DB: db, Keys: testKeys()})
		enlist(t, db, "o", Party{"gone", "Ada", ""}, Party{"there", "Ada", ""})
		if found := l.names.find(t, "o", "ada"); found != 2 {
			t.Errorf("%d of two people are found", found)
		}
		if _, err := db.ExecContext(t.Context(), "DELETE FROM audit_people WHERE id = 'gone'"); err != nil {
			t.Fatal(err)
		}
		NewMonitor(l, slog.New(slog.DiscardHandler), time.Now).check(t.Context())
		if known := l.names.of["o"].ids; !slices.Equal(known, []string{"there"}) {
			t.Errorf("%q are remembered", known)
		}
	})
}

// A search that began before people were forgotten does not leave others without those who came before.
func TestSearchesFindEverybodyWhilePeopleAreForgotten(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		n := newNames(db)
		enlist(t, db, "o", Party{"first", "Ada", ""}, Party{"second", "Ada", ""})
		var searches sync.WaitGroup
		for range 4 {
			searches.Go(func() {
				for i := range 50 {
					if i%5 == 0 {
						n.forget()
					}
					if found := n.find(t, "o", "ada"); found != 2 {
						t.Errorf("%d of two people are found", found)
					}
				}
			})
		}
		searches.Wait()
		n.forget()
		if len(n.of) > 0 {
			t.Error("people are kept who were forgotten")
		}
	})
}
