package session

import (
	"errors"
	"net/http"
	"strconv"
	"testing"
	"time"

	"tokenconsole/internal/database"
)

// What was cut off is not read as if it were whole, wherever it was cut, and what has more behind it neither.
func TestDecodeTakesTheWholeAlone(t *testing.T) {
	t.Parallel()
	s := everything(t)
	whole := encode(&s)
	for n := range whole {
		if err := decode(whole[:n], &Session{}); !errors.Is(err, errFormat) {
			t.Errorf("%d of %d bytes: %v", n, len(whole), err)
		}
	}
	if err := decode(append(whole[:len(whole):len(whole)], 0), &Session{}); !errors.Is(err, errFormat) {
		t.Errorf("one byte more: %v", err)
	}
	var read Session
	if err := decode(whole, &read); err != nil || read.ID != s.ID {
		t.Errorf("the whole: %v, %+v", err, read)
	}
}

// A list at the end of the content may have as many texts as bytes are left, each of no length.
func TestDecodeListOfNothing(t *testing.T) {
	t.Parallel()
	var texts list
	if err := decode([]byte{format, 4, 0, 0}, &texts); err != nil || len(texts) != 2 { // 4 is 2 as a varint
		t.Errorf("%v, %q", err, texts)
	}
	if err := decode([]byte{format, 6, 0, 0}, &texts); !errors.Is(err, errFormat) {
		t.Errorf("three texts in two bytes: %v", err)
	}
}

// list is a value of nothing but texts.
type list []string

func (l *list) fields(c *codec) { c.texts((*[]string)(l)) }

// The end moves by a twentieth of the idle time, or by a minute, whichever is less.
func TestTouchMovesTheEndNoticeably(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ idle, step time.Duration }{
		"a twentieth": {10 * time.Minute, 30 * time.Second}, "a minute": {30 * time.Minute, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := &clock{noon}
			st := newStore(t, now, func(o *Options) { o.Idle = c.idle })
			b := &browser{TB: t}
			s := b.start(st, typical(t))
			for _, step := range []struct {
				pass    time.Duration
				touched bool
			}{{c.step - time.Millisecond, false}, {time.Millisecond, true}, {c.step - time.Millisecond, false}} {
				now.pass(step.pass)
				answer := b.visit(func(w http.ResponseWriter, r *http.Request) { must(t, st.Touch(w, r, &s)) })
				if touched := len(answer.Cookies()) > 0; touched != step.touched {
					t.Errorf("%v later: touched %t", step.pass, touched)
				}
			}
		})
	}
}

// As many sessions as there is room for are remembered together, and one more makes room.
func TestRoomForWhatIsRemembered(t *testing.T) {
	t.Parallel()
	var o opened
	for n := range maxOpened {
		o.keep(strconv.Itoa(n), Session{}, noon)
	}
	if len(o.kept) != maxOpened {
		t.Errorf("%d opened cookies are kept, of %d", len(o.kept), maxOpened)
	}
	if o.keep("one more", Session{}, noon); len(o.kept) != 1 {
		t.Errorf("%d opened cookies are kept when there was no room", len(o.kept))
	}
	var l living
	s := typical(t)
	for n := range maxLiving {
		s.ID = strconv.Itoa(n)
		l.add(s, database.Moment{}, time.Now(), 0)
	}
	if len(l.known) != maxLiving {
		t.Errorf("%d living sessions are remembered, of %d", len(l.known), maxLiving)
	}
	gone := s
	l.known[livedOf(gone)] = belief{}
	s.ID = "in its place"
	if l.add(s, database.Moment{}, time.Now(), 0); len(l.known) != maxLiving {
		t.Errorf("%d living sessions are remembered, of %d, when one of them was out of date", len(l.known), maxLiving)
	}
	s.ID = "one more"
	if l.add(s, database.Moment{}, time.Now(), 0); len(l.known) != 1 || !l.holds(s, database.Moment{}) {
		t.Errorf("%d living sessions are remembered when there was no room", len(l.known))
	}
}
