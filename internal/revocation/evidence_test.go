package revocation_test

import (
	"testing"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/revocation"
)

// A token that may have outlived a revocation is never taken for one of before.
func TestCameBack(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	asked := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	quick, slow := 43*ms, 2500*ms
	const none = time.Duration(-1 << 62) // nothing was told
	for name, test := range map[string]struct {
		took, before, issued time.Duration // since it was asked for
		back, sure           bool
	}{
		"the known one":                     {quick, -time.Minute, -time.Minute, false, false},
		"the known one, of a moment ago":    {quick, -50 * ms, -50 * ms, false, false},
		"the known one, clock ahead":        {quick, 5 * time.Second, 5 * time.Second, false, false},
		"an older one than the known":       {quick, -50 * ms, -60 * ms, false, false},
		"long before, nothing known":        {quick, none, -time.Minute, false, false},
		"between the look and the question": {quick, -time.Minute, -2 * time.Second, false, false},
		"just before, nothing known":        {quick, none, -900 * ms, true, false},
		"just before, not the known one":    {quick, -time.Minute, -900 * ms, true, false},
		"at once":                           {quick, -time.Minute, 134 * ms, true, false},
		"at once, the known one as well":    {quick, -50 * ms, 134 * ms, true, false},
		"at once, nothing known":            {quick, none, 134 * ms, true, false},
		"before a slow answer":              {slow, -time.Minute, 800 * ms, true, false},
		"a second after the answer":         {quick, -time.Minute, 1043 * ms, true, false},
		"later":                             {quick, -time.Minute, 1044 * ms, true, true},
		"later, after a slow answer":        {slow, none, time.Minute, true, true},
		"not told":                          {quick, -time.Minute, none, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			at := func(d time.Duration) time.Time {
				if d == none {
					return time.Time{}
				}
				return asked.Add(d)
			}
			times := revocation.Times{Asked: asked, Settled: asked.Add(test.took), Before: at(test.before)}
			after, back := times.CameBack(at(test.issued))
			if sure := back && revocation.IsSure(after); back != test.back || sure != test.sure {
				t.Errorf("back: %t, want %t; sure: %t, want %t", back, test.back, sure, test.sure)
			}
			if back && after != test.issued-test.took {
				t.Errorf("after %s, want %s", after, test.issued-test.took)
			}
		})
	}
}

// The times of a revocation are those of its question and its answer.
func TestTimesOf(t *testing.T) {
	t.Parallel()
	asked := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	known := audit.Evidence{TokenIssuedBefore: asked.Add(-time.Hour)}
	for outcome, settled := range map[audit.Outcome]time.Duration{audit.Done: time.Second, audit.Unknown: 0} {
		t.Run(string(outcome), func(t *testing.T) {
			got := revocation.TimesOf(audit.Act{Entries: []audit.Entry{
				{Seq: 1, At: asked, Outcome: audit.Asked, Evidence: known},
				{Seq: 2, At: asked.Add(time.Second), Outcome: outcome, Evidence: known, Closes: 1},
				{Seq: 3, At: asked.Add(time.Minute), Action: audit.ReadEvidence, Outcome: audit.Done, About: 1},
			}})
			if want := (revocation.Times{Asked: asked, Settled: asked.Add(settled), Before: known.TokenIssuedBefore}); got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		})
	}
}
