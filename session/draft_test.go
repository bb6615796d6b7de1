package session

import (
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"
)

// drafted is a browser that holds a draft of the typical person, and that person's
// next session.
func drafted(t *testing.T, st *Store, d Draft) (*browser, Session) {
	t.Helper()
	b := &browser{TB: t}
	s := b.start(st, typical(t))
	b.visit(func(w http.ResponseWriter, r *http.Request) {
		must(t, st.KeepDraft(w, r, d))
		must(t, st.End(w, r, s))
	})
	return b, b.start(st, typical(t))
}

func (b *browser) draft(st *Store, s Session, path string) (fields map[string]string) {
	b.visit(func(w http.ResponseWriter, r *http.Request) { fields = st.Draft(w, r, s, path) })
	return fields
}

// holdsDraft reports whether there is a draft in b.
func (b *browser) holdsDraft(st *Store) bool {
	return len(b.request().CookiesNamed(st.draftCookie())) > 0
}

func TestDraftIsForOnePersonAlone(t *testing.T) {
	t.Parallel()
	typed := Draft{"/users/1/revoke", map[string]string{"reason": "Lost her phone", "ticket": "INC-1"}}
	for name, row := range map[string]struct {
		change       func(*clock, *Session)
		path         string
		shown, stays bool
	}{
		"the same person":      {path: typed.Path, shown: true, stays: true},
		"on another page":      {path: "/users/2/revoke", stays: true},
		"another person":       {func(_ *clock, s *Session) { s.Person.ID = userID(t, "9a3c2f4e-0000-4000-8000-000000000009") }, typed.Path, false, false},
		"another organization": {func(_ *clock, s *Session) { s.Organization.ID = "other" }, typed.Path, false, false},
		"nobody":               {func(_ *clock, s *Session) { *s = Session{} }, typed.Path, false, false},
		"just in time":         {func(c *clock, _ *Session) { c.pass(DraftLife - time.Second) }, typed.Path, true, true},
		"too late":             {func(c *clock, _ *Session) { c.pass(DraftLife) }, typed.Path, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &clock{noon}
			st := newStore(t, c)
			b, s := drafted(t, st, typed)
			if row.change != nil {
				row.change(c, &s)
			}
			got := b.draft(st, s, row.path)
			if shown := reflect.DeepEqual(got, typed.Fields); shown != row.shown || !shown && got != nil {
				t.Errorf("it shows %v", got)
			}
			if stays := b.holdsDraft(st); stays != row.stays {
				t.Errorf("it stays: %t", stays)
			}
		})
	}
}

func TestDraftThatIsUsedIsGone(t *testing.T) {
	t.Parallel()
	st := newStore(t, &clock{noon})
	b, s := drafted(t, st, Draft{"/a", map[string]string{"reason": "x"}})
	b.visit(func(w http.ResponseWriter, _ *http.Request) { st.DropDraft(w) })
	if got := b.draft(st, s, "/a"); got != nil {
		t.Errorf("it still shows %v", got)
	}
}

// TestDraftIsNotToBeForged holds that nothing opens as a draft but a draft: not one
// that was changed, not one of other keys, not the same sealed for another purpose.
func TestDraftIsNotToBeForged(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	st := newStore(t, c)
	foreign := newStore(t, c, func(o *Options) { o.Keys = [][]byte{[]byte("another key of thirty-two bytes!")} })
	cookies, err := newJar[draft](st.options.Keys, "cookie", false, DraftLife)
	must(t, err)
	typed := Draft{"/a", map[string]string{"reason": "x"}}
	for name, forge := range map[string]func(b *browser, s Session){
		"flipped": func(b *browser, _ Session) {
			kept := b.cookie(st.draftCookie())
			middle := len(kept.Value) / 2
			kept.Value = kept.Value[:middle] + string(kept.Value[middle]^1) + kept.Value[middle+1:]
		},
		"cut": func(b *browser, _ Session) {
			kept := b.cookie(st.draftCookie())
			kept.Value = kept.Value[:len(kept.Value)-5]
		},
		"a session": func(b *browser, _ Session) {
			b.cookie(st.draftCookie()).Value = b.cookie(st.CookieName()).Value
		},
		"other keys": func(b *browser, s Session) {
			b.visit(func(w http.ResponseWriter, r *http.Request) {
				must(t, foreign.drafts.save(w, r, st.draftCookie(), draft{person: s.Person.ID.String(), organization: s.Organization.ID, path: "/a", kept: noon}))
			})
		},
		"another purpose": func(b *browser, s Session) {
			b.visit(func(w http.ResponseWriter, r *http.Request) {
				must(t, cookies.save(w, r, st.draftCookie(), draft{person: s.Person.ID.String(), organization: s.Organization.ID, path: "/a", kept: noon}))
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			b, s := drafted(t, st, typed)
			forge(b, s)
			if got := b.draft(st, s, "/a"); got != nil {
				t.Errorf("it shows %v", got)
			}
			if b.holdsDraft(st) {
				t.Error("it stays")
			}
		})
	}
}

func TestDraftThatCannotBeKept(t *testing.T) {
	t.Parallel()
	st := newStore(t, &clock{noon})
	b := &browser{TB: t}
	keep := func(text string) (err error) {
		b.visit(func(w http.ResponseWriter, r *http.Request) {
			err = st.KeepDraft(w, r, Draft{"/a", map[string]string{"reason": text}})
		})
		return err
	}
	if err := keep("x"); !errors.Is(err, ErrNone) {
		t.Errorf("of nobody: %v", err)
	}
	s := b.start(st, typical(t))
	must(t, keep("old"))
	if err := keep(strings.Repeat("x", 3000)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	if got := b.draft(st, s, "/a"); got != nil {
		t.Errorf("the one before shows: %v", got)
	}
	must(t, keep(strings.Repeat("é", 900)))
	for _, c := range b.request().Cookies() {
		if strings.Contains(c.Value, "é") || len(c.Value) > 4000 {
			t.Errorf("%s has %d bytes", c.Name, len(c.Value))
		}
	}
}
