package revocation

import (
	"time"

	"tokenconsole/internal/audit"
)

// ClockTolerance is how far the clocks of platform and console may be apart when a
// token's time of issue is held against a revocation: the platform writes its
// times, and this console its own.
const ClockTolerance = time.Second

// Times is when a revocation happened, as far as the record knows. The platform ends
// the tokens at some moment between the question and its answer, and nobody knows at
// which.
type Times struct {
	Asked   time.Time
	Settled time.Time
	Before  time.Time // when the last token known before was issued; zero if none was told
}

// TimesOf returns when the revocation a happened. One that was not confirmed may have
// happened as soon as it was asked for.
func TimesOf(a audit.Act) Times {
	first, last := a.First(), a.Last()
	t := Times{Asked: first.At, Settled: last.At, Before: last.Evidence.TokenIssuedBefore}
	if last.Outcome != audit.Done {
		t.Settled = t.Asked
	}
	return t
}

// CameBack says how long after a revocation the last token was issued. It reports
// false if that was before it, or is not known.
//
// A token counts if it is later than the last known before the revocation, and was not
// issued before that was asked for; ClockTolerance allows for the clocks. So a token of
// the time between the question and the answer, or of a second around them, counts too:
// it may have outlived the revocation. IsSure tells such a token from others.
func (t Times) CameBack(issued time.Time) (after time.Duration, ok bool) {
	issued = issued.Truncate(time.Millisecond) // as the record keeps times
	ok = !issued.IsZero() && issued.After(t.Before.Truncate(time.Millisecond)) && !issued.Before(t.Asked.Add(-ClockTolerance))
	return issued.Sub(t.Settled), ok
}

// IsSure reports whether a token that counts, and was issued so long after a revocation,
// was certainly issued after it.
func IsSure(after time.Duration) bool { return after > ClockTolerance }
