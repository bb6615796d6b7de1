package overview

import (
	"testing"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/views"
)

// TestCharts holds that a revocation is drawn in its hour and day as the person's
// zone has them, and that what is older or of no shown day is left out.
func TestCharts(t *testing.T) {
	t.Parallel()
	tokyo := time.FixedZone("JST", 9*60*60)
	now := time.Date(2026, 11, 25, 1, 30, 0, 0, tokyo) // still the 24th in UTC
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC) }
	counts := []audit.Count{
		{Hour: at(24, 16), Outcome: audit.Done, Number: 3}, {Hour: at(24, 16), Outcome: audit.Refused, Number: 2},
		{Hour: at(24, 14), Outcome: audit.Unknown, Number: 1}, // the evening before, in Tokyo
		{Hour: at(1, 0).AddDate(0, -3, 0), Outcome: audit.Done, Number: 99},
	}
	for name, test := range map[string]struct {
		chart    views.Chart
		last     views.ChartBar
		before   int // bars before the last, of the one that is unknown
		total    string
		bars     int
		wantMost int64
	}{
		"hours": {hours(counts, now), views.ChartBar{Label: "01:00", Done: 3, Failed: 2}, 2, "6 in 24 hours", 24, 5},
		"days":  {days(counts, now), views.ChartBar{Label: "25 Nov", Done: 3, Failed: 2}, 1, "6 in 30 days", 30, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bars := test.chart.Bars
			if len(bars) != test.bars || bars[len(bars)-1] != test.last || bars[len(bars)-1-test.before].Unknown != 1 {
				t.Errorf("bars %+v", bars)
			}
			if test.chart.Total != test.total || test.chart.Most != test.wantMost {
				t.Errorf("%s, at most %d", test.chart.Total, test.chart.Most)
			}
		})
	}
}
