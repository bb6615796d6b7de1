package overview

import (
	"fmt"
	"strconv"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/views"
)

const (
	hoursShown = 24
	daysShown  = 30
)

// shownSince is the beginning of the first day that is shown at now, in the zone
// of now.
func shownSince(now time.Time) time.Time { return midnight(now).AddDate(0, 0, 1-daysShown) }

func midnight(t time.Time) time.Time {
	year, month, day := t.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, t.Location())
}

// hours are the revocations of the last hours, the present one included.
func hours(counts []audit.Count, now time.Time) views.Chart {
	c := views.Chart{Title: "Per hour", Column: "Hour", Bars: make([]views.ChartBar, hoursShown)}
	year, month, day := now.Date()
	hour := time.Date(year, month, day, now.Hour(), 0, 0, 0, now.Location())
	first := hour.Add((1 - hoursShown) * time.Hour)
	for i := range c.Bars {
		c.Bars[i].Label = first.Add(time.Duration(i) * time.Hour).Format("15:04")
	}
	for _, n := range counts {
		add(&c, int(n.Hour.Sub(first)/time.Hour), n, !n.Hour.Before(first))
	}
	c.Total = totalled(c, strconv.Itoa(hoursShown)+" hours")
	return c
}

// days are the revocations of the last days, today included, in the zone of
// now.
func days(counts []audit.Count, now time.Time) views.Chart {
	c := views.Chart{Title: "Per day", Column: "Day", Bars: make([]views.ChartBar, daysShown)}
	first := shownSince(now)
	index := map[time.Time]int{}
	for i := range c.Bars {
		day := first.AddDate(0, 0, i)
		index[day] = i
		c.Bars[i].Label = day.Format("2 Jan")
	}
	for _, n := range counts {
		i, ok := index[midnight(n.Hour.In(now.Location()))]
		add(&c, i, n, ok)
	}
	c.Total = totalled(c, strconv.Itoa(daysShown)+" days")
	return c
}

// add adds n to bar i, if there is such a bar.
func add(c *views.Chart, i int, n audit.Count, ok bool) {
	if !ok || i < 0 || i >= len(c.Bars) {
		return
	}
	bar := &c.Bars[i]
	switch n.Outcome {
	case audit.Done:
		bar.Done += n.Number
	case audit.Unknown:
		bar.Unknown += n.Number
	default:
		bar.Failed += n.Number
	}
	c.Most = max(c.Most, bar.Number())
}

func totalled(c views.Chart, span string) string {
	total := int64(0)
	for _, bar := range c.Bars {
		total += bar.Number()
	}
	return fmt.Sprintf("%d in %s", total, span)
}
