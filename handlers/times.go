package handlers

import (
	"fmt"
	"time"

	"tokenconsole/views"
)

// moment is t as pages show it at now.
func moment(t, now time.Time) views.Moment {
	if t.IsZero() {
		return views.Moment{}
	}
	t = t.UTC()
	return views.Moment{
		ISO:      t.Format(time.RFC3339),
		Text:     t.Format("2 Jan 2006, 15:04:05 UTC"),
		Relative: relative(t.Sub(now)),
	}
}

// relative says how far away a moment is: "in 3 h 12 min", "40 s ago".
func relative(d time.Duration) string {
	if d > -time.Second && d < time.Second {
		return "now"
	}
	if d < 0 {
		return span(-d) + " ago"
	}
	return "in " + span(d)
}

// span says how long d is, in its two largest units but for one that is zero.
// static/app.js does the same.
func span(d time.Duration) string {
	d = d.Truncate(time.Second)
	days, hours, minutes, seconds := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case days >= 10:
		return fmt.Sprintf("%d days", days)
	case days > 0:
		return units(days, "d", hours, "h")
	case hours > 0:
		return units(hours, "h", minutes, "min")
	case minutes >= 10:
		return fmt.Sprintf("%d min", minutes)
	case minutes > 0:
		return units(minutes, "min", seconds, "s")
	}
	return fmt.Sprintf("%d s", seconds)
}

func units(n int, unit string, rest int, smaller string) string {
	if rest == 0 {
		return fmt.Sprintf("%d %s", n, unit)
	}
	return fmt.Sprintf("%d %s %d %s", n, unit, rest, smaller)
}
