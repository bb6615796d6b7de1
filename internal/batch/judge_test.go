package batch

import (
	"testing"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/playbook"
	"tokenconsole/internal/revocation"
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
			b.Counts.Unknown, b.Counts.Skipped = b.Counts.Unknown+3, 5
			since := audit.Entry{Tally: audit.Tally{Done: 90, Failed: 10, Unknown: 3, Skipped: 5}}
			b = course{setGoing: since}.over(b)
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

// What an attempt at a step came to settles it, or has it taken again.
func TestJudgeStep(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		step     StepRun
		outcome  audit.Outcome
		problem  genesys.Problem
		run      Run
		failures int
	}{
		"done":                     {StepRun{Failures: 2}, audit.Done, "", Revoked, 0},
		"done after all":           {StepRun{Unclear: true}, audit.Done, "", Revoked, 0},
		"refused":                  {StepRun{}, audit.Refused, genesys.PermissionMissing, Failed, 0},
		"refused, perhaps done":    {StepRun{Unclear: true}, audit.Refused, genesys.PermissionMissing, Unknown, 0},
		"too many calls":           {StepRun{Failures: maxFailures - 1}, audit.Refused, genesys.RateLimited, Waiting, maxFailures - 1},
		"dead token":               {StepRun{Failures: 1}, audit.Refused, genesys.TokenInvalid, Waiting, 1},
		"away":                     {StepRun{}, audit.Failed, genesys.PlatformAway, Waiting, 1},
		"away, the last but one":   {StepRun{Failures: maxFailures - 2}, audit.Failed, genesys.PlatformAway, Waiting, maxFailures - 1},
		"away, the last":           {StepRun{Failures: maxFailures - 1}, audit.Failed, genesys.PlatformAway, Failed, maxFailures - 1},
		"of unknown end, the last": {StepRun{Failures: maxFailures - 1}, audit.Unknown, genesys.PlatformSlow, Unknown, maxFailures - 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := test.step
			r.judge(test.outcome, test.problem)
			if r.Run != test.run || r.Failures != test.failures || r.Run == Revoked && r.Unclear {
				t.Errorf("%+v; want %s after %d failures", r, test.run, test.failures)
			}
		})
	}
}

// Somebody waits while a step of theirs does, and is then what came of their tokens. Who is spared gets none.
func TestStepsHoldAPerson(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	steps := func(runs ...Run) (all []StepRun) {
		for _, r := range runs {
			all = append(all, StepRun{Run: r})
		}
		return all
	}
	late := steps(Waiting, Revoked)
	late[0].Failures = 1
	for name, test := range map[string]struct {
		person      Person
		run, tokens Run
		steps       Run // the first
		later       bool
	}{
		"nothing was done yet":    {Person{Run: Waiting, Steps: steps(Waiting)}, Waiting, "", Waiting, false},
		"the tokens are gone":     {Person{Run: Revoked, Steps: steps(Waiting)}, Waiting, Revoked, Waiting, false},
		"and a step failed":       {Person{Run: Revoked, Steps: late}, Waiting, Revoked, Waiting, true},
		"and the steps are done":  {Person{Run: Revoked, Steps: steps(Revoked, Failed)}, Revoked, "", Revoked, false},
		"steps done, tokens not":  {Person{Run: Waiting, Steps: steps(Revoked)}, Waiting, "", Revoked, false},
		"the last step is done":   {Person{Run: Waiting, tokens: Failed, Steps: steps(Revoked)}, Failed, "", Revoked, false},
		"a step was to follow":    {Person{Run: Waiting, tokens: Revoked, Steps: steps(Waiting)}, Waiting, Revoked, Waiting, false},
		"they are busy":           {Person{Run: Skipped, Problem: playbook.Busy, Steps: steps(Waiting)}, Skipped, "", Skipped, false},
		"they are protected":      {Person{Run: Failed, Problem: revocation.PersonProtected, Steps: steps(Waiting)}, Failed, "", Skipped, false},
		"refused for good":        {Person{Run: Failed, Problem: "not-found", Steps: steps(Waiting)}, Waiting, Failed, Waiting, false},
		"without any other steps": {Person{Run: Revoked}, Revoked, "", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			p := test.person
			p.hold(now)
			var first Run
			if len(p.Steps) > 0 {
				first = p.Steps[0].Run
			}
			if p.Run != test.run || p.tokens != test.tokens || first != test.steps || p.RetryAt.After(now) != test.later {
				t.Errorf("%q with %q, the step %q, again %v", p.Run, p.tokens, first, p.RetryAt)
			}
		})
	}
}

// A batch ends with somebody only when each of their steps was seen to, or the record says that they get none.
func TestStepsAreSeenTo(t *testing.T) {
	t.Parallel()
	steps := []playbook.Step{playbook.Station, playbook.Offline}
	person := func(station, offline Run) Person {
		return Person{Run: Revoked, Steps: []StepRun{{Step: playbook.Station, Run: station}, {Step: playbook.Offline, Run: offline}}}
	}
	oneself, err := genesys.ParseUserID("5a8f3c1e-1111-4222-8333-944455556666")
	if err != nil {
		t.Fatal(err)
	}
	actor := person(Skipped, Skipped)
	actor.ID = oneself
	skipped := person(Waiting, Waiting)
	skipped.Run = Skipped
	says := func(problem, actor string) *told { return &told{outcome: brief{Problem: problem, Actor: actor}} }
	for name, test := range map[string]struct {
		person Person
		steps  []playbook.Step
		told   *told
		want   bool
	}{
		"all done":                        {person(Revoked, Failed), steps, says("", ""), true},
		"one waits":                       {person(Revoked, Waiting), steps, says("", ""), false},
		"one is not there":                {Person{Run: Revoked, Steps: person(Revoked, Revoked).Steps[:1]}, steps, says("", ""), false},
		"a batch of the tokens alone":     {Person{Run: Revoked}, nil, says("", ""), true},
		"skipped before anything":         {skipped, steps, nil, true},
		"skipped, and nobody says why":    {person(Revoked, Skipped), steps, says("", "somebody"), false},
		"skipped, and never asked":        {person(Skipped, Skipped), steps, nil, false},
		"protected":                       {person(Skipped, Skipped), steps, says(revocation.PersonProtected, ""), true},
		"busy":                            {person(Skipped, Skipped), steps, says(playbook.Busy, ""), true},
		"who acts":                        {actor, steps, says("", oneself.String()), true},
		"who acts, by somebody else then": {actor, steps, says("", "somebody"), false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.person.complete(test.steps, test.told); got != test.want {
				t.Errorf("seen to: %t", got)
			}
		})
	}
}

// The steps of a row are made to say what the record has of them, and what that leaves open they keep if it can be.
func TestStepsAreMadeStraight(t *testing.T) {
	t.Parallel()
	who, err := genesys.ParseUserID("5a8f3c1e-1111-4222-8333-944455556666")
	if err != nil {
		t.Fatal(err)
	}
	outcome := func(o audit.Outcome) brief { return brief{Seq: 2, Outcome: o} }
	for name, test := range map[string]struct {
		row  StepRun
		told *told
		want Run
	}{
		"never asked":            {StepRun{Run: Revoked, Tries: 1}, nil, Waiting},
		"done":                   {StepRun{Run: Failed, Tries: 1}, &told{tries: 1, outcome: outcome(audit.Done)}, Revoked},
		"failed":                 {StepRun{Run: Failed, Tries: 1}, &told{tries: 1, outcome: outcome(audit.Refused)}, Failed},
		"failed, and done?":      {StepRun{Run: Revoked, Tries: 1}, &told{tries: 1, outcome: outcome(audit.Refused)}, Waiting},
		"failed after two tries": {StepRun{Run: Failed, Tries: 2}, &told{tries: 1, outcome: outcome(audit.Refused)}, Waiting},
		"of unknown end":         {StepRun{Run: Unknown, Tries: 1}, &told{tries: 1, outcome: outcome(audit.Unknown), unclear: true}, Unknown},
		"unknown, and refused":   {StepRun{Run: Unknown, Tries: 1}, &told{tries: 1, outcome: outcome(audit.Refused)}, Waiting},
		"skipped":                {StepRun{Run: Skipped, Tries: 1}, &told{tries: 1, outcome: outcome(audit.Refused)}, Waiting},
	} {
		t.Run(name, func(t *testing.T) {
			test.row.Step = playbook.Station
			p := Person{ID: who, Steps: []StepRun{test.row}}
			all := &told{}
			if test.told != nil {
				all.steps = map[playbook.Step]*told{playbook.Station: test.told}
			}
			agreed := p.stepsAgree(all)
			if p.expect([]playbook.Step{playbook.Offline, playbook.Station}); p.Step(playbook.Station) != test.row || p.Step(playbook.Offline).Run != Waiting {
				t.Errorf("with one more step: %+v", p.Steps)
			}
			p.straightSteps(all, []playbook.Step{playbook.Station})
			if got := p.Steps[0]; got.Run != test.want || test.told != nil && got.Tries != test.told.tries || test.told == nil && got.Tries != 0 {
				t.Errorf("%+v; want %s", got, test.want)
			}
			if kept := test.want == test.row.Run; kept && !agreed {
				t.Error("it did not agree, and stays")
			}
			all.outcome.Actor = who.String()
			if p.straightSteps(all, []playbook.Step{playbook.Station}); (p.Steps[0].Problem == Oneself) != (test.want == Waiting) {
				t.Errorf("of who acts: %+v", p.Steps[0])
			}
		})
	}
}
