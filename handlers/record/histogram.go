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
	days, err := r.Log.PerDay(v.Context(), v.Session.Organization.ID, audit.Revoke, audit.Done, histogramDays, today)
	if err != nil {
		return nil, err
	}
	h, sum := views.Histogram{}, 0
	for _, d := range days {
		date := d.Start.Format(time.DateOnly)
		filter := url.Values{"action": {string(audit.Revoke)}, "outcome": {string(audit.Done)}, "from": {date}, "to": {date}}
		h.Bars = append(h.Bars, views.HistogramBar{
			Label: fmt.Sprintf("%s: %d revoked", d.Start.Format("2 Jan"), d.Count), Href: link("/audit", filter, audit.Cursor{}), Count: d.Count,
			Current: query.Get("from") == date && query.Get("to") == date,
		})
		sum, h.Most = sum+d.Count, max(h.Most, d.Count)
	}
	h.Title = fmt.Sprintf("%d revoked in %d days", sum, len(days))
	if sum == 0 {
		return nil, nil
	}
	return &h, nil
}
