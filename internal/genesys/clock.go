package genesys

import (
	"net/http"
	"time"
)

// clockReading is what the platform's clock said, and when it was read.
type clockReading struct {
	date           string // the header
	platform, read time.Time
}

// Clock returns what the platform's clock said in its latest reply (the Date
// header, in whole seconds) and when the first reply of that second arrived, by this machine's clock.
// Both are zero before the first reply. Compare them before deleting by age.
func (cl *Client) Clock() (platform, read time.Time) {
	if reading := cl.clock.Load(); reading != nil {
		return reading.platform, reading.read
	}
	return time.Time{}, time.Time{}
}

// readClock stores the clock of a reply. A reply without a correlation id does not
// count: it may come from something in between. Of replies with one date the first counts, for the second that the date
// means: should the platform's clock stand still, this is seen.
func (cl *Client) readClock(header http.Header, receipt Receipt) {
	if receipt.CorrelationID == "" {
		return
	}
	date := header.Get("Date")
	if last := cl.clock.Load(); last != nil && last.date == date && receipt.At.Sub(last.read) < time.Second {
		return
	}
	if platform, err := http.ParseTime(date); err == nil {
		cl.clock.Store(&clockReading{date, platform, receipt.At})
	}
}
