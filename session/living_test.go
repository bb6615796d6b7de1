package session

import (
	"os"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

// TestS14_EndsHoldAtOnce holds that a session that was found living a moment ago opens nothing once it, or all of its
// person's, were ended, by this process or by another one on the same file. That nothing was written is what lets a
// look be spared, so the file is made to look untouched for a minute before.
func TestS14_EndsHoldAtOnce(t *testing.T) {
	t.Parallel()
	ends := map[string]func(t *testing.T, st *Store, b *browser, s Session) error{
		"one session": func(_ *testing.T, st *Store, b *browser, s Session) error {
			_, err := st.Retire(b.request(), s)
			return err
		},
		"all of a person": func(t *testing.T, st *Store, _ *browser, s Session) error {
			return st.EndPerson(t.Context(), s.Person.ID)
		},
	}
	for name, end := range ends {
		for who, here := range map[string]bool{"by this process": true, "by another": false} {
			t.Run(name+" "+who, func(t *testing.T) {
				t.Parallel()
				url, one, two := onOneFile(t)
				b := &browser{TB: t}
				s := b.start(one, typical(t))
				writtenBefore(t, url, time.Minute)
				if _, err := b.load(one); err != nil {
					t.Fatal(err)
				}
				moment, still := one.options.DB.Moment()
				if !still || !one.ledger.living.holds(s, moment) {
					t.Fatal("that the session lives is not remembered, so this tests nothing")
				}
				ender := two
				if here {
					ender = one
				}
				if err := end(t, ender, b, s); err != nil {
					t.Fatal(err)
				}
				writtenBefore(t, url, time.Minute/2) // later than before, and long enough ago to count
				if _, err := b.load(one); err != ErrEnded {
					t.Errorf("%v, want %v", err, ErrEnded)
				}
			})
		}
	}
}

// onOneFile are the stores of two processes on one database.
func onOneFile(t *testing.T) (url string, one, two *Store) {
	t.Helper()
	url = databasetest.SQLite(t)
	c := &clock{noon}
	open := func(o *Options) { o.DB = databasetest.Open(t, url) }
	return url, newStore(t, c, open), newStore(t, c, open)
}

// writtenBefore makes the database at url look as if it was last written that long ago.
func writtenBefore(t *testing.T, url string, ago time.Duration) {
	t.Helper()
	at := time.Now().Add(-ago)
	if err := os.Chtimes(strings.TrimPrefix(url, "sqlite:")+"-wal", at, at); err != nil {
		t.Fatal(err)
	}
}

// TestLivingIsNotBelievedForLong holds that a look is spared for a second at most, for no other session, and not while the
// database was written a moment ago.
func TestLivingIsNotBelievedForLong(t *testing.T) {
	t.Parallel()
	url := databasetest.SQLite(t)
	db := databasetest.Open(t, url)
	writtenBefore(t, url, 0)
	if _, still := db.Moment(); still {
		t.Error("a database that was just written is said to be still")
	}
	var l living
	s := typical(t)
	moment, _ := db.Moment()
	l.add(s, moment, time.Now(), 1)
	if l.holds(s, moment) {
		t.Error("what was asked before a write is added after it")
	}
	l.add(s, moment, time.Now(), 0)
	other := s
	other.ID += "x"
	if !l.holds(s, moment) || l.holds(other, moment) {
		t.Error("not this session alone is remembered")
	}
	l.known[livedOf(s)] = belief{until: time.Now()}
	if l.holds(s, moment) {
		t.Error("it is believed after its time")
	}
}

// TestOneAsksAgainForAll holds that, shortly before a session is believed no longer, one request asks again, and that the
// others believe meanwhile, but not for longer.
func TestOneAsksAgainForAll(t *testing.T) {
	t.Parallel()
	var l living
	s, moment := typical(t), database.Moment{}
	l.add(s, moment, time.Now(), 0)
	soon := time.Now().Add(askedAnew - time.Millisecond)
	l.known[livedOf(s)] = belief{until: soon}
	if l.holds(s, moment) {
		t.Error("nobody asks again")
	}
	if !l.holds(s, moment) {
		t.Error("a second one asks again")
	}
	if got := l.known[livedOf(s)].until; !got.Equal(soon) {
		t.Errorf("to ask again prolongs the belief until %v, from %v", got, soon)
	}
	l.add(s, moment, time.Now(), 0)
	if got := l.known[livedOf(s)]; got.asked || !got.until.After(soon) {
		t.Errorf("after the answer it is %+v", got)
	}
	later := l.known[livedOf(s)].until
	if l.add(s, moment, time.Now().Add(-livingLife/2), 0); !l.known[livedOf(s)].until.Equal(later) {
		t.Error("an answer that took long shortens the belief that a later question gave")
	}
	l.add(s, moment, time.Now().Add(livingLife), l.forgotten.Load())
	if l.forget(); l.holds(s, moment) {
		t.Error("it is believed after it was found to have ended")
	}
}

// TestWhoIsFoundEndedIsBelievedByNobody holds that a session which one request found to have ended is asked about by all,
// even where the file does not tell that it was written.
func TestWhoIsFoundEndedIsBelievedByNobody(t *testing.T) {
	t.Parallel()
	url, one, two := onOneFile(t)
	b := &browser{TB: t}
	s := b.start(one, typical(t))
	if _, err := two.Retire(b.request(), s); err != nil {
		t.Fatal(err)
	}
	writtenBefore(t, url, time.Minute)
	moment, still := one.options.DB.Moment()
	if !still {
		t.Fatal("the file does not look untouched, so this tests nothing")
	}
	one.ledger.living.add(s, moment, time.Now(), one.ledger.living.forgotten.Load()) // as if the writing had not been seen
	one.ledger.living.known[livedOf(s)] = belief{until: time.Now().Add(askedAnew - time.Millisecond)}
	for range 2 {
		if _, err := b.load(one); err != ErrEnded {
			t.Errorf("%v, want %v", err, ErrEnded)
		}
	}
}
