package genesys

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// A limit counts if all three of its headers can be right.
func TestLimitIsRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		allowed, count, reset string
		want                  RateLimit // zero for none
	}{
		"as a rule":             {"300", "7", "42", RateLimit{300, 7, noon.Add(42 * time.Second)}},
		"the least":             {"1", "0", "0", RateLimit{1, 0, noon}},
		"the longest window":    {"300", "7", "3600", RateLimit{300, 7, noon.Add(time.Hour)}},
		"a longer window":       {"300", "7", "3601", RateLimit{}},
		"a window that is over": {"300", "7", "-1", RateLimit{}},
		"fewer than none":       {"300", "-1", "42", RateLimit{}},
		"none allowed":          {"0", "0", "42", RateLimit{}},
		"allowed what":          {"many", "7", "42", RateLimit{}},
		"counted what":          {"300", "", "42", RateLimit{}},
		"until when":            {"300", "7", "soon", RateLimit{}},
	} {
		t.Run(name, func(t *testing.T) {
			var limits rateLimits
			header := http.Header{"Inin-Ratelimit-Allowed": {test.allowed}, "Inin-Ratelimit-Count": {test.count}, "Inin-Ratelimit-Reset": {test.reset}}
			got, ok := limits.read(bearer, header, noon)
			if d := cmp.Diff(test.want, got); d != "" || ok != (got != RateLimit{}) || len(limits.by) > 0 != ok {
				t.Errorf("%t, %d kept, -want +got:\n%s", ok, len(limits.by), d)
			}
			if _, ok := limits.read(Secret{}, header, noon); ok {
				t.Error("told of no token")
			}
		})
	}
}

// What replies tell of one window is put together, and a new window begins anew.
func TestLimitsOfOneWindow(t *testing.T) {
	t.Parallel()
	known := RateLimit{300, 20, noon.Add(10 * time.Second)}
	for name, test := range map[string]struct {
		at         time.Duration // since noon
		count      int
		ends       time.Duration
		wantCount  int
		wantEnding time.Duration
	}{
		"later":                    {0, 21, 10 * time.Second, 21, 10 * time.Second},
		"overtaken":                {0, 19, 10 * time.Second, 20, 10 * time.Second},
		"rounded up":               {0, 21, 11 * time.Second, 21, 10 * time.Second},
		"rounded down":             {0, 21, 9 * time.Second, 21, 9 * time.Second},
		"hardly the same window":   {0, 1, 11500 * time.Millisecond, 20, 10 * time.Second},
		"another window":           {0, 1, 11501 * time.Millisecond, 1, 11501 * time.Millisecond},
		"as the known one is over": {10 * time.Second, 1, 11 * time.Second, 1, 11 * time.Second},
		"at its very end":          {10*time.Second - 1, 1, 11 * time.Second, 20, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			got := RateLimit{300, test.count, noon.Add(test.ends)}.after(known, noon.Add(test.at))
			if d := cmp.Diff(RateLimit{300, test.wantCount, noon.Add(test.wantEnding)}, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

// The limits of a thousand tokens are kept. Those of windows that are over make room first.
func TestLimitsMakeRoom(t *testing.T) {
	t.Parallel()
	header := http.Header{"Inin-Ratelimit-Allowed": {"300"}, "Inin-Ratelimit-Count": {"1"}, "Inin-Ratelimit-Reset": {"60"}}
	for name, test := range map[string]struct {
		kept, over int
		token      string
		want       int
	}{
		"room for one":      {maxLimits - 1, 10, "new", maxLimits},
		"full, ten over":    {maxLimits, 10, "new", maxLimits - 9},
		"full, none over":   {maxLimits, 0, "new", 1},
		"full, a known one": {maxLimits, 10, "token 500", maxLimits},
	} {
		t.Run(name, func(t *testing.T) {
			limits := rateLimits{by: map[Secret]RateLimit{}}
			for i := range test.kept {
				ends := noon.Add(time.Second)
				if i < test.over {
					ends = noon
				}
				limits.by[NewSecret(fmt.Sprint("token ", i))] = RateLimit{300, 1, ends}
			}
			if limits.read(NewSecret(test.token), header, noon); len(limits.by) != test.want {
				t.Errorf("%d are kept, want %d", len(limits.by), test.want)
			}
		})
	}
}

// A client tells the limit of a token until its window is over.
func TestLimitOfAToken(t *testing.T) {
	t.Parallel()
	for reset, want := range map[string]bool{"60": true, "0": false} {
		client := answering(t, 200, "application/json", "{}",
			"Inin-Ratelimit-Allowed", "300", "Inin-Ratelimit-Count", "7", "Inin-Ratelimit-Reset", reset)
		if _, err := client.HeadTokensMe(t.Context(), bearer); err != nil {
			t.Fatal(err)
		}
		if limit, ok := client.RateLimit(bearer); ok != want || limit.Allowed != 300 || limit.Count != 7 {
			t.Errorf("ends in %s s: %+v, %t", reset, limit, ok)
		}
		if _, ok := client.RateLimit(NewSecret("another")); ok {
			t.Error("told of another token")
		}
	}
}
