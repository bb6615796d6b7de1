package genesys

import (
	"io"
	"net/http"
	"sync"
	"testing"
	"time"
)

func TestClock(t *testing.T) {
	t.Parallel()
	const date = "Mon, 04 May 2026 09:00:00 GMT"
	for name, test := range map[string]struct {
		status            int
		date, correlation string
		want              time.Time
	}{
		"of a reply":                 {200, date, correlation, time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)},
		"of an error":                {503, date, correlation, time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)},
		"of something in between":    {200, date, "", time.Time{}},
		"that is no date":            {200, "now", correlation, time.Time{}},
		"that the platform withheld": {200, "", correlation, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Date"] = nil
				if test.date != "" {
					w.Header().Set("Date", test.date)
				}
				if test.correlation != "" {
					w.Header().Set("ININ-Correlation-Id", test.correlation)
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, "{}")
			})
			if platform, read := client.Clock(); !platform.IsZero() || !read.IsZero() {
				t.Errorf("before the first reply: %v, %v", platform, read)
			}
			before := time.Now()
			_, _ = client.GetTokensMe(t.Context(), bearer, PreserveIdle) // what came of it is tested elsewhere
			platform, read := client.Clock()
			if !platform.Equal(test.want) || read.IsZero() != test.want.IsZero() || !read.IsZero() && read.Before(before) {
				t.Errorf("%v, read at %v; want %v", platform, read, test.want)
			}
		})
	}
}

// A date is a whole second: the reply that arrived first is the nearest to it. A clock that stands still is seen.
func TestTheFirstReplyOfASecondTellsTheTime(t *testing.T) {
	t.Parallel()
	first := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	read := first.Add(100 * time.Millisecond)
	cl := NewClient("https://api.example", nil)
	for _, reply := range []struct {
		date         time.Time
		at, wantRead time.Time
	}{
		{first, read, read},
		{first, read.Add(999 * time.Millisecond), read},
		{first, read.Add(time.Second), read.Add(time.Second)},
		{first.Add(time.Second), read.Add(1100 * time.Millisecond), read.Add(1100 * time.Millisecond)},
	} {
		cl.readClock(http.Header{"Date": {reply.date.Format(http.TimeFormat)}}, Receipt{CorrelationID: correlation, At: reply.at})
		if platform, at := cl.Clock(); !platform.Equal(reply.date) || !at.Equal(reply.wantRead) {
			t.Errorf("%v that arrived at %v: %v, read at %v", reply.date, reply.at, platform, at)
		}
	}
}

// TestClockIsReadByMany lets the race detector judge.
func TestClockIsReadByMany(t *testing.T) {
	t.Parallel()
	client := answering(t, 200, "application/json", "{}")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, _ = client.GetTokensMe(t.Context(), bearer, PreserveIdle)
			client.Clock()
		})
	}
	wg.Wait()
	if platform, _ := client.Clock(); platform.IsZero() {
		t.Error("no clock was read")
	}
}
