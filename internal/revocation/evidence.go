package revocation

import "time"

// ClockTolerance is how far the clocks of platform and console may be apart when a
// token's time of issue is held against a revocation: the platform writes its
// times, and this console its own.
const ClockTolerance = time.Second

// CameBack says how long after a revocation the last token was issued. It reports
// false if that was before it, or is not known.
func CameBack(revoked, issued time.Time) (after time.Duration, ok bool) {
	after = issued.Sub(revoked)
	return after, !issued.IsZero() && after > ClockTolerance
}
