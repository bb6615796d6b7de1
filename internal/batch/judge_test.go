package batch

import (
	"testing"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/playbook"
)

// What an attempt came to settles a person, or has them asked again.
func TestJudge(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		person  Person
		outcome audit.Outcome
		problem genesys.Problem
		run     Run
		again   bool // after a while
	}{
		"done":                      {Person{}, audit.Done, "", Revoked, false},
		"done after all":            {Person{unclear: true}, audit.Done, "", Revoked, false},
		"refused":                   {Person{}, audit.Refused, genesys.NotFound, Failed, false},
		"refused, perhaps done":     {Person{unclear: true}, audit.Refused, genesys.NotFound, Unknown, false},
		"too many calls":            {Person{}, audit.Refused, genesys.RateLimited, Waiting, false},
		"dead token":                {Person{failures: 3}, audit.Refused, genesys.TokenInvalid, Waiting, false},
		"interrupted":               {Person{}, audit.Unknown, Interrupted, Waiting, false},
		"busy":                      {Person{}, audit.Refused, playbook.Busy, Skipped, false},
		"away":                      {Person{}, audit.Failed, genesys.PlatformAway, Waiting, true},
		"away, the last but one":    {Person{failures: maxFailures - 2}, audit.Failed, genesys.PlatformAway, Waiting, true},
		"away, the last":            {Person{failures: maxFailures - 1}, audit.Failed, genesys.PlatformAway, Failed, false},
		"broken off, the last":      {Person{failures: maxFailures - 1}, audit.Unknown, genesys.PlatformGarbled, Unknown, false},
		"slow":                      {Person{}, audit.Unknown, genesys.PlatformSlow, Waiting, true},
		"settled before, and again": {Person{tokens: Revoked}, audit.Refused, genesys.NotFound, Revoked, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := test.person
			p.judge(test.outcome, test.problem, now)
			if p.Run != test.run || p.RetryAt.IsZero() == test.again || test.again && p.failures != test.person.failures+1 {
				t.Errorf("%q, again %v, %d failures; want %q", p.Run, p.RetryAt, p.failures, test.run)
			}
			if test.again && (p.RetryAt.Before(now.Add(backOff(1)/4)) || p.RetryAt.After(now.Add(firstBackOff<<maxFailures))) {
				t.Errorf("again after %s", p.RetryAt.Sub(now))
			}
		})
	}
}

// The wait doubles, give or take a half.
func TestBackOff(t *testing.T) {
	t.Parallel()
	for range 100 {
		for failures, wait := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second} {
			if got := backOff(failures); got < wait/2 || got >= wait*3/2 {
				t.Errorf("after %d: %s", failures, got)
			}
		}
	}
}

// A batch stops at more than 2 failures of the first 10, or at more than 5 % of 20 and more. The first 10 go slowly.
func TestCanary(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		done, failed, unknown int
		before                bool // a hundred settled, and ten failed, before it was set going
		stops                 bool
		outstanding, at       int
	}{
		{0, 0, 0, false, false, 10, 3}, {0, 2, 0, false, false, 8, 3}, {0, 2, 1, false, true, 7, 3}, {7, 1, 2, false, true, 0, together},
		{8, 3, 0, false, false, maxOutstanding, together}, {9, 0, 0, false, false, 1, 3}, {10, 0, 0, false, false, maxOutstanding, together},
		{17, 2, 0, false, false, maxOutstanding, together}, {18, 2, 0, false, true, maxOutstanding, together},
		{19, 1, 0, false, false, maxOutstanding, together}, {95, 3, 2, false, false, maxOutstanding, together},
		{94, 3, 3, false, true, maxOutstanding, together}, {0, 2, 0, true, false, 8, 3}, {0, 1, 2, true, true, 7, 3},
	} {
		b := row{}
		b.Counts.Done, b.Counts.Failed, b.Counts.Unknown = test.done, test.failed, test.unknown
		if test.before {
			b.Counts.Done, b.Counts.Failed = b.Counts.Done+90, b.Counts.Failed+10
			b.canarySettled, b.canaryFailed = 100, 10
		}
		want := test.outstanding
		if test.done+test.failed+test.unknown >= canarySize {
			want = maxOutstanding
		}
		if b.canary() != test.stops || b.outstanding() != want || b.concurrency() != test.at {
			t.Errorf("%+v: stops %t, %d outstanding, %d at a time", test, b.canary(), b.outstanding(), b.concurrency())
		}
	}
}

// A row agrees with the record if it can be what the record tells, and is made to if not.
func TestRowsAndTheRecord(t *testing.T) {
	t.Parallel()
	outcome := func(o audit.Outcome, problem string) brief { return brief{Seq: 2, Outcome: o, Problem: problem} }
	ask := brief{Seq: 1}
	for name, test := range map[string]struct {
		told   *told
		allows []Run // after the record's number of tries
		made   map[Run]Run
	}{
		"never asked": {nil, []Run{Waiting, Skipped},
			map[Run]Run{Revoked: Waiting, Failed: Waiting, Unknown: Waiting, Skipped: Waiting}},
		"done": {&told{tries: 1, ask: ask, outcome: outcome(audit.Done, "")}, []Run{Revoked},
			map[Run]Run{Waiting: Revoked, Failed: Revoked, Unknown: Revoked, Skipped: Revoked}},
		"refused": {&told{tries: 1, ask: ask, outcome: outcome(audit.Refused, "not-found")}, []Run{Failed, Waiting, Skipped},
			map[Run]Run{Revoked: Waiting, Unknown: Failed, Failed: Failed}},
		"of unknown end": {&told{tries: 1, ask: ask, outcome: outcome(audit.Unknown, ""), unclear: true}, []Run{Unknown, Waiting, Skipped},
			map[Run]Run{Revoked: Waiting, Failed: Unknown, Unknown: Unknown}},
		"asked, and no answer": {&told{tries: 1, ask: ask}, []Run{Waiting, Skipped}, map[Run]Run{Revoked: Waiting, Failed: Waiting, Unknown: Waiting}},
		"busy": {&told{tries: 1, ask: ask, outcome: outcome(audit.Refused, playbook.Busy)}, []Run{Failed, Waiting, Skipped},
			map[Run]Run{Revoked: Skipped, Unknown: Skipped}},
	} {
		t.Run(name, func(t *testing.T) {
			tries := 0
			if test.told != nil {
				tries = test.told.tries
			}
			for _, run := range []Run{Waiting, Asked, Revoked, Failed, Unknown, Skipped, NotInPlan} {
				want := false
				for _, allowed := range test.allows {
					want = want || allowed == run
				}
				for beside := range 2 {
					p := Person{Run: run, Tries: tries + beside}
					if got := p.agrees(test.told); got != (want && beside == 0) {
						t.Errorf("%q after %d tries agrees: %t", run, p.Tries, got)
					}
				}
			}
			for from, to := range test.made {
				if got := (Person{Run: from}).straight(test.told, nil); got.Run != to || got.Tries != tries {
					t.Errorf("%q is made %q after %d tries, want %q", from, got.Run, got.Tries, to)
				}
			}
		})
	}
}

// A row that is behind the record is brought to where that has it.
func TestARowFollowsTheRecord(t *testing.T) {
	t.Parallel()
	s := &Service{now: time.Now}
	for name, test := range map[string]struct {
		told  *told
		tries int // by the row
		want  Run
	}{
		"never asked":                         {nil, 0, Waiting},
		"not asked since":                     {&told{tries: 1, outcome: brief{Seq: 2, Outcome: audit.Failed, Problem: "platform-away"}}, 1, Waiting},
		"done":                                {&told{tries: 1, outcome: brief{Seq: 2, Outcome: audit.Done}}, 0, Revoked},
		"refused":                             {&told{tries: 2, outcome: brief{Seq: 4, Outcome: audit.Refused, Problem: "not-found"}}, 1, Failed},
		"never asked, though the row says so": {&told{}, 1, Waiting},
	} {
		t.Run(name, func(t *testing.T) {
			p := Person{Run: Asked, Tries: test.tries}
			if err := s.readRecord(t.Context(), test.told, nil, &p); err != nil || p.Run != test.want {
				t.Errorf("%q, %v; want %q", p.Run, err, test.want)
			}
			if test.told != nil && p.Tries != test.told.tries {
				t.Errorf("%d tries", p.Tries)
			}
		})
	}
}

// How long a batch takes follows from the calls that it makes, of its people and of their evidence.
func TestAllowance(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		people, each int
		calls        time.Duration
	}{{0, 1, 0}, {1, 1, 3}, {100, 1, 102}, {101, 1, 105}, {100, 3, 302}} {
		if got := (Allowance{PerMinute: 60}).Takes(test.people, test.each); got != test.calls*time.Second {
			t.Errorf("%d people, %d calls each: %s, want %d s", test.people, test.each, got, test.calls)
		}
	}
	platform := genesys.NewPlatform([]genesys.Region{{Domain: "demo"}}, nil)
	for share, want := range map[int]int{0: 300, 20: 240, 99: 3, 100: 1} {
		for _, region := range []string{"demo", "unknown"} {
			s := &Service{platform: platform, policy: Policy{RateShare: share}}
			if got := s.Allowance(By{Region: region}); got != (Allowance{Allowed: 300, Share: share, PerMinute: want}) {
				t.Errorf("%d %% left to others: %+v", share, got)
			}
		}
	}
}
