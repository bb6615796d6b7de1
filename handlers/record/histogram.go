package record

import (
	"fmt"
	"net/url"
	"time"

	"tokenconsole/handlers/request"
	"tokenconsole/internal/audit"
	"tokenconsole/views"
)

// histogramDays is how many days the picture above the list shows.
const histogramDays = 14

// histogram is the confirmed revocations of the last days, each bar a filter; nil
// if there were none.
func (r *Room) histogram(v *request.Visit) (*views.Histogram, error) {
	today, query := v.Now(), v.Request.URL.Query()
	first := time.Date(today.Year(), today.Month(), today.Day()+1-histogramDays, 0, 0, 0, 0, today.Location())
	counts, err := r.Log.Counts(v.Context(), v.Session.Organization.ID, first)
	if err != nil {
		return nil, err
	}
	h, sum, done := views.Histogram{}, 0, doneByDay(counts)
	for i := range histogramDays {
		start := first.AddDate(0, 0, i)
		date := start.Format(time.DateOnly)
		count := done[date]
		filter := url.Values{"action": {string(audit.Revoke)}, "outcome": {string(audit.Done)}, "from": {date}, "to": {date}}
		h.Bars = append(h.Bars, views.HistogramBar{
			Label: fmt.Sprintf("%s: %d revoked", start.Format("2 Jan"), count), Href: link("/audit", filter, audit.Cursor{}), Count: count,
			Current: query.Get("from") == date && query.Get("to") == date,
		})
		sum, h.Most = sum+count, max(h.Most, count)
	}
	h.Title = fmt.Sprintf("%d revoked in %d days", sum, histogramDays)
	if sum == 0 {
		return nil, nil
	}
	return &h, nil
}

// doneByDay is how many revocations were confirmed on each date.
func doneByDay(counts []audit.Count) map[string]int {
	done := map[string]int{}
	for _, c := range counts {
		if c.Outcome == audit.Done {
			done[c.Hour.Format(time.DateOnly)] += int(c.Number)
		}
	}
	return done
}
