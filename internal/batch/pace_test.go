package batch_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"tokenconsole/internal/batch"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/emulator"
)

// inMemory answers requests by a handler, without a network: waiting for one would hold up the time of a bubble.
type inMemory struct{ http.Handler }

// RoundTrip implements [http.RoundTripper].
func (m inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.RemoteAddr, r.Host = "127.0.0.1:1", "localhost"
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	m.ServeHTTP(w, r)
	return w.Result(), nil
}

// Under a limit a batch takes hardly longer than the share of the limit that is its own allows, and the platform has to
// refuse next to nothing: N people at a limit of L a minute take at most 1.05 × N / L, of the share.
func TestPace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ people, limit, share int }{
		"300 a minute, 20 % for others":  {500, 300, 20},
		"180 a minute, nothing for them": {400, 180, 0},
		"600 a minute, a half":           {320, 600, 50},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { pace(t, c.people, c.limit, c.share) })
		})
	}
}

func pace(t *testing.T, people, limit, share int) {
	handler := inMemory{emulator.New(emulator.Options{Users: people*12/10 + 20, RateLimit: 1 << 20})}
	p := platform{t, "http://localhost", handler}
	f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), p, func(o *batch.Options) { o.Policy.RateShare = share })
	by := f.by(admin)
	b := f.started(by, f.everybody()[:people])
	f.send("PUT", "/emulator/settings", map[string]int{"rateLimit": limit}, nil)
	time.Sleep(time.Minute) // a window of its own
	f.send("DELETE", "/emulator/requests", nil, nil)
	begun := time.Now()
	for more := true; more; {
		var again time.Duration
		again, more = f.Work(t.Context(), b.ID)
		time.Sleep(again + 250*time.Millisecond) // until a job is fetched
	}
	took := time.Since(begun)
	b = must[batch.Batch](t)(f.Find(t.Context(), by.Organization.ID, b.ID))
	if b.State != batch.Done {
		t.Fatalf("%s %s: %+v", b.State, b.Problem, b.Counts)
	}
	ideal := time.Duration(people) * time.Minute / time.Duration(limit*(100-share)/100)
	var requests []struct{ Status int }
	f.send("GET", "/emulator/requests", nil, &requests)
	refused := 0
	for _, r := range requests {
		if r.Status == http.StatusTooManyRequests {
			refused++
		}
	}
	t.Logf("%d people took %s, %.3f of what is possible; %d of %d calls were refused", people, took, took.Seconds()/ideal.Seconds(),
		refused, len(requests))
	if took.Seconds() > 1.05*ideal.Seconds() || refused*100 > len(requests) {
		t.Errorf("too long, or too many refused")
	}
}
