package session

import (
	"fmt"
	"testing"
	"time"
)

func TestOpened(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC)
	t.Run("a cookie is remembered for seconds", func(t *testing.T) {
		t.Parallel()
		var o opened
		o.keep("cookie", Session{ID: "one"}, now)
		if s, ok := o.find("cookie", now.Add(openedLife-1)); !ok || s.ID != "one" {
			t.Errorf("found %v, %v", s.ID, ok)
		}
		if _, ok := o.find("cookie", now.Add(openedLife)); ok {
			t.Error("it is still there when its time is over")
		}
		if _, ok := o.find("cookie", now); ok {
			t.Error("it came back")
		}
	})
	t.Run("an ended session is dropped under each of its cookies", func(t *testing.T) {
		t.Parallel()
		var o opened
		o.keep("first", Session{ID: "one"}, now)
		o.keep("second", Session{ID: "one"}, now)
		o.keep("other", Session{ID: "two"}, now)
		o.forget("one")
		for cookie, want := range map[string]bool{"first": false, "second": false, "other": true} {
			if _, ok := o.find(cookie, now); ok != want {
				t.Errorf("%s: found %v", cookie, ok)
			}
		}
	})
	t.Run("many people cost bounded memory", func(t *testing.T) {
		t.Parallel()
		var o opened
		for n := range 10 * maxOpened {
			o.keep(fmt.Sprint(n), Session{}, now)
		}
		if len(o.kept) > maxOpened {
			t.Errorf("%d sessions are kept", len(o.kept))
		}
	})
}
