package session

import (
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/genesys"
)

func TestFarewell(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	st, b := newStore(t, c), &browser{TB: t}
	if f, ok := st.Farewell(b.request()); ok {
		t.Errorf("a browser that never signed out has %+v", f)
	}
	for _, want := range []Farewell{
		{Ending: Confirmed, At: noon, Region: "mypurecloud.de", CorrelationID: "the-id"},
		{Ending: Unconfirmed, At: noon.Add(time.Hour), Region: "mypurecloud.ie", Token: genesys.NewSecret("the-token"), TokenExpiry: noon.Add(24 * time.Hour)},
	} {
		b.visit(func(w http.ResponseWriter, r *http.Request) { must(t, st.SayFarewell(w, r, want)) })
		if got, ok := st.Farewell(b.request()); !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %t; want %+v", got, ok, want)
		}
	}
	b.start(st, typical(t))
	if f, ok := st.Farewell(b.request()); ok {
		t.Errorf("after the next sign-in there is still %+v", f)
	}
}

// TestFarewellTooLarge holds that a token too long for it is an error, which
// leaves what was there before.
func TestFarewellTooLarge(t *testing.T) {
	t.Parallel()
	st, b := newStore(t, &clock{noon}), &browser{TB: t}
	b.visit(func(w http.ResponseWriter, r *http.Request) {
		if err := st.SayFarewell(w, r, Farewell{Token: genesys.NewSecret(strings.Repeat("t", 4000))}); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%v", err)
		}
	})
	if len(b.cookies) != 0 {
		t.Errorf("cookies: %v", b.cookies)
	}
}

// TestFound holds that a token sealed into a form opens for the session that
// pasted it, and for nobody else.
func TestFound(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	st := newStore(t, c)
	mine, theirs := Session{ID: "mine"}, Session{ID: "theirs"}
	want := Found{Token: genesys.NewSecret("found-token"), Region: "mypurecloud.de", Session: "mine", Organization: genesys.Named{ID: "o", Name: "Acme"}}
	text, err := st.SealFound(want)
	must(t, err)
	if got, err := st.OpenFound(text, mine); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	b := &browser{TB: t}
	b.start(st, typical(t))
	for name, c := range map[string]struct {
		text string
		by   Session
	}{
		"another session": {text, theirs}, "nobody": {text, Session{}}, "empty": {"", mine}, "cut": {text[:len(text)-2], mine},
		"a cookie": {b.cookie(st.CookieName()).Value, mine}, "garbage": {"garbage", mine},
	} {
		if got, err := st.OpenFound(c.text, c.by); !errors.Is(err, ErrUnreadable) || !got.Token.IsZero() {
			t.Errorf("%s: %v", name, err)
		}
	}
	b.cookies = []*http.Cookie{{Name: st.CookieName(), Value: text}}
	if _, err := b.load(st); !errors.Is(err, ErrUnreadable) {
		t.Errorf("as a session cookie: %v", err)
	}
	if _, err := st.SealFound(Found{Token: genesys.NewSecret(strings.Repeat("t", 4000))}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
}
