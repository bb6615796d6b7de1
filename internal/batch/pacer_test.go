package batch

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tokenconsole/internal/genesys"
)

// window answers every call with a rate limit: how many calls are allowed, how many were made, and the seconds left.
type window struct{ allowed, count, left int }

// RoundTrip implements [http.RoundTripper].
func (w window) RoundTrip(*http.Request) (*http.Response, error) {
	header := http.Header{}
	header.Set("Inin-Ratelimit-Allowed", strconv.Itoa(w.allowed))
	header.Set("Inin-Ratelimit-Count", strconv.Itoa(w.count))
	header.Set("Inin-Ratelimit-Reset", strconv.Itoa(w.left))
	return &http.Response{StatusCode: http.StatusOK, Header: header, Body: io.NopCloser(strings.NewReader("{}"))}, nil
}

// Calls are spread over what is left of the platform's window, two seconds before its end at the latest, without those that are
// left to others and those that are under way.
func TestThePacer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		token := genesys.NewSecret("token")
		for name, test := range map[string]struct {
			window              window
			share, each, flying int
			next, interval      time.Duration // next from the last call on
			perMinute           int
		}{
			"a whole window":             {window{300, 0, 62}, 0, 1, 0, 200 * time.Millisecond, 200 * time.Millisecond, 300},
			"some are made":              {window{300, 150, 62}, 0, 1, 0, 400 * time.Millisecond, 400 * time.Millisecond, 300},
			"some are left to others":    {window{300, 0, 62}, 20, 1, 0, 250 * time.Millisecond, 250 * time.Millisecond, 240},
			"some are under way":         {window{300, 150, 62}, 20, 1, 30, time.Second, time.Second, 240},
			"three calls for one person": {window{300, 0, 62}, 20, 3, 0, 750 * time.Millisecond, 750 * time.Millisecond, 80},
			"nothing said of that":       {window{300, 0, 62}, 0, 0, 0, 200 * time.Millisecond, 200 * time.Millisecond, 300},
			"one is left":                {window{300, 299, 62}, 0, 1, 0, time.Minute, time.Minute, 300},
			"none is left":               {window{300, 300, 62}, 0, 1, 0, 63 * time.Second, 0, 300},
			"less than none":             {window{300, 300, 62}, 0, 1, 5, 63 * time.Second, 0, 300},
			"at the end of the window":   {window{300, 0, 2}, 0, 1, 0, time.Second, 0, 300},
			"after that":                 {window{300, 0, 1}, 0, 1, 0, time.Second, 0, 300},
			"nearly all for others":      {window{300, 0, 62}, 100, 1, 0, time.Minute, time.Minute, 1},
			"many calls for one person":  {window{3, 0, 62}, 0, 5, 0, 63 * time.Second, 0, 1},
			"nothing is known":           {window{-1, 0, 62}, 0, 1, 0, time.Second, 0, 0},
		} {
			client := genesys.NewClient("http://localhost", test.window)
			_, _ = client.GetTokensMe(t.Context(), token, genesys.PreserveIdle) // for its headers
			now := time.Now()
			p := pacer{client: client, token: token, share: test.share, each: test.each, last: now.Add(-time.Second)}
			if next := p.next(now, test.flying).Sub(p.last); next != test.next {
				t.Errorf("%s: the next call %s after the last, want %s", name, next, test.next)
			}
			if interval, n := p.interval(now, test.flying), p.perMinute(); interval != test.interval || n != test.perMinute {
				t.Errorf("%s: one every %s, %d people a minute; want %s, %d", name, interval, n, test.interval, test.perMinute)
			}
			for _, wait := range []struct{ said, kept time.Duration }{
				{0, unsaidWait}, {time.Second, unsaidWait}, {-time.Hour, unsaidWait}, {time.Hour, time.Hour}, {time.Minute, time.Hour},
			} {
				if p.block(now, wait.said); !p.next(now, 0).Equal(now.Add(wait.kept)) {
					t.Errorf("%s: told to wait %s it waits until %s", name, wait.said, p.next(now, 0).Sub(now))
				}
			}
		}
	})
}
