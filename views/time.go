package views

import (
	"strconv"
	"time"
)

// absolute is how pages write a time beside the name of its zone, which stands
// once on a page. static/js/times.js writes it the same way.
const absolute = "2 Jan 2006, 15:04:05"

// MomentOf returns t as pages show it at now, in the zone of now. The zero time
// is no moment.
func MomentOf(t, now time.Time) Moment {
	if t.IsZero() {
		return Moment{}
	}
	return Moment{
		ISO:      t.UTC().Format(time.RFC3339),
		Text:     t.In(now.Location()).Format(absolute),
		Relative: relative(t.Sub(now)),
	}
}

// InText returns t for the middle of a sentence, where it is no element that
// script could tell in another zone: in that of now, with its name.
func InText(t, now time.Time) string { return t.In(now.Location()).Format(absolute + " MST") }

// relative says how far away a moment is: "in 3 h 12 min", "40 s ago".
func relative(d time.Duration) string {
	if d > -time.Second && d < time.Second {
		return "now"
	}
	if d < 0 {
		return Span(-d) + " ago"
	}
	return "in " + Span(d)
}

// Period says how long something that was set lasts: whole hours up to two days as hours,
// as people set them, and anything else as Span does.
func Period(d time.Duration) string {
	if d >= 24*time.Hour && d <= 48*time.Hour && d%time.Hour == 0 {
		return strconv.Itoa(int(d.Hours())) + " h"
	}
	return Span(d)
}

// Span says how long d is in its two largest units, without a second one that is
// zero: "3 h 12 min", "40 s". static/js/times.js does the same.
func Span(d time.Duration) string {
	seconds := int(d / time.Second)
	days, hours, minutes, seconds := seconds/86400, seconds/3600%24, seconds/60%60, seconds%60
	switch {
	case days >= 10:
		return strconv.Itoa(days) + " days"
	case days > 0:
		return twoUnits(days, " d", hours, " h")
	case hours > 0:
		return twoUnits(hours, " h", minutes, " min")
	case minutes >= 10:
		return strconv.Itoa(minutes) + " min"
	case minutes > 0:
		return twoUnits(minutes, " min", seconds, " s")
	}
	return strconv.Itoa(seconds) + " s"
}

func twoUnits(n int, unit string, rest int, smaller string) string {
	if rest == 0 {
		return strconv.Itoa(n) + unit
	}
	return strconv.Itoa(n) + unit + " " + strconv.Itoa(rest) + smaller
}
