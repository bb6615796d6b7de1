package session

import (
	"errors"
	"testing"
	"time"

	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

// storesOf are two replicas on one database.
func storesOf(t *testing.T, c *clock) (db *database.DB, one, other *Store) {
	t.Helper()
	db = databasetest.Open(t, databasetest.SQLite(t))
	shared := func(o *Options) { o.DB = db }
	return db, newStore(t, c, shared), newStore(t, c, shared)
}

// full has the database take no ends, or take them again.
func full(t *testing.T, db *database.DB, on bool) {
	t.Helper()
	statement := "DROP TRIGGER full"
	if on {
		statement = "CREATE TRIGGER full BEFORE INSERT ON ended BEGIN SELECT RAISE(ABORT, 'no room'); END"
	}
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// What the database did not take holds here at once, and everywhere once it is written.
func TestOwedEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(st *Store, b *browser, s Session) error{
		"one session": func(st *Store, b *browser, s Session) error {
			_, err := st.Retire(b.request(), s)
			return err
		},
		"all of a person": func(st *Store, _ *browser, s Session) error { return st.EndPerson(t.Context(), s.Person.ID) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &clock{noon}
			db, one, other := storesOf(t, c)
			b := &browser{TB: t}
			s := b.start(one, typical(t))
			bystander := typical(t)
			bystander.Person.ID = userID(t, "7c9e6679-7425-40de-944b-e07fc1f90ae7")
			beside := &browser{TB: t}
			beside.start(one, bystander)
			c.pass(time.Second)
			full(t, db, true)
			for range 2 {
				if err := end(one, b, s); !errors.Is(err, ErrUnavailable) {
					t.Fatalf("ended: %v", err)
				}
				if err := one.Settle(t.Context()); !errors.Is(err, ErrUnavailable) {
					t.Fatalf("settled: %v", err)
				}
				if _, err := b.load(one); err != ErrEnded {
					t.Errorf("here: %v", err)
				}
			}
			if _, err := b.load(other); err != nil {
				t.Errorf("at another replica, which cannot know yet: %v", err)
			}
			full(t, db, false)
			c.pass(time.Second)
			later := &browser{TB: t}
			later.start(one, typical(t))
			if err := one.Settle(t.Context()); err != nil {
				t.Fatal(err)
			}
			if owed, _ := one.ledger.owed.all(c.now()); len(owed) != 0 {
				t.Errorf("still owed: %v", owed)
			}
			for _, st := range []*Store{one, other} {
				if _, err := b.load(st); err != ErrEnded {
					t.Errorf("once written: %v", err)
				}
				for _, lives := range []*browser{beside, later} {
					if _, err := lives.load(st); err != nil {
						t.Errorf("another session: %v", err)
					}
				}
			}
		})
	}
}

// An end is told once, as any other: whoever is told deletes the token.
func TestOwedEndsAreToldOnce(t *testing.T) {
	t.Parallel()
	db, st, _ := storesOf(t, &clock{noon})
	b := &browser{TB: t}
	s := b.start(st, typical(t))
	full(t, db, true)
	for _, want := range []bool{true, false} {
		if first, err := st.Retire(b.request(), s); first != want || !errors.Is(err, ErrUnavailable) {
			t.Errorf("retired: %v, %v", first, err)
		}
	}
}

func TestOwed(t *testing.T) {
	t.Parallel()
	o := &owed{}
	o.owe("kept", noon.Add(time.Minute), noon.Add(time.Hour))
	o.owe("kept", noon, noon.Add(time.Hour)) // of before: the later counts
	o.owe("over", noon, noon.Add(-time.Millisecond))
	o.owe("just not", noon, noon)
	all, until := o.all(noon)
	if len(all) != 2 || len(until) != 2 || all["kept"] != noon.Add(time.Minute).UnixMilli() || until["kept"] != noon.Add(time.Hour) {
		t.Errorf("owed are %v, %v", all, until)
	}
	o.paid("kept", noon.UnixMilli()) // the later end came while the one before was written
	o.paid("just not", noon.UnixMilli())
	if all, _ := o.all(noon); len(all) != 1 || all["kept"] == 0 {
		t.Errorf("after paying, owed are %v", all)
	}
}
