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

// span says how long d is, in its two largest units. static/app.js does the same.
func span(d time.Duration) string {
	d = d.Truncate(time.Second)
	days, hours, minutes, seconds := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case days >= 10:
		return fmt.Sprintf("%d days", days)
	case days > 0 && hours > 0:
		return fmt.Sprintf("%d d %d h", days, hours)
	case days > 0:
		return fmt.Sprintf("%d d", days)
	case hours > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case minutes >= 10:
		return fmt.Sprintf("%d min", minutes)
	case minutes > 0:
		return fmt.Sprintf("%d min %d s", minutes, seconds)
	}
	return fmt.Sprintf("%d s", seconds)
}
