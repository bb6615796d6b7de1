package batch

import "time"

// usualLimit is how many calls a minute the platform allows a person and client where an organization has no other
// limit.
const usualLimit = 300

// Allowance is the rate limit under which a batch works, and what of it batches use.
type Allowance struct {
	Allowed   int  // calls a minute
	Told      bool // by the platform within the last minute; else it is the usual limit
	Share     int  // percent of them that are left to people working
	PerMinute int  // calls a minute that a batch makes
}

// Allowance is that of by, as far as is known.
func (s *Service) Allowance(by By) Allowance {
	a := Allowance{Allowed: usualLimit, Share: s.policy.RateShare}
	if client := s.platform.Client(by.Region); client != nil {
		if limit, ok := client.RateLimit(by.Token); ok {
			a.Allowed, a.Told = limit.Allowed, true
		}
	}
	a.PerMinute = max(1, a.Allowed*(100-a.Share)/100)
	return a
}

// Takes is how long a batch of so many people takes then, each with so many calls, and with those that read the evidence
// before and after.
func (a Allowance) Takes(people, each int) time.Duration {
	calls := people*each + 2*((people+evidenceMany-1)/evidenceMany)
	return time.Duration(calls) * time.Minute / time.Duration(a.PerMinute)
}
