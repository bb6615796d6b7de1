package session

import (
	"net/http"
	"testing"
)

// FuzzCookie holds that no cookie but one of ours opens a session, a pending
// sign-in, a farewell or a found token, and that none makes the server fail.
func FuzzCookie(f *testing.F) {
	c := &clock{noon}
	st, b := newStore(f, c), &browser{TB: f}
	b.start(st, typical(f))
	own := b.cookie(st.CookieName()).Value
	for _, value := range []string{"", "x", own[:len(own)/2], own[1:], own + "A", own + own, "MTc=|", "\x00", "%00", "a=b"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if value == own {
			return
		}
		r, err := http.NewRequest(http.MethodGet, "https://console.example/", nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{st.CookieName(), st.farewellCookie(), st.pendingCookie("state")} {
			r.Header.Add("Cookie", name+"="+value)
		}
		if s, err := st.Load(r); err == nil {
			t.Errorf("%q opens a session of %s", value, s.Person.ID)
		}
		if last, ok := st.Farewell(r); ok {
			t.Errorf("%q opens a farewell: %s", value, last.Ending)
		}
		if p, err := st.pendings.load(r, st.pendingCookie("state")); err == nil {
			t.Errorf("%q opens a sign-in to %s", value, p.ReturnTo)
		}
		if found, err := st.OpenFound(value, typical(t)); err == nil {
			t.Errorf("%q opens a found token of %s", value, found.Organization.Name)
		}
	})
}
