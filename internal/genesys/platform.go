package genesys

import (
	"net/http"
	"time"
)

// Platform is the part of Genesys Cloud that this console is set up for: one or
// more regions, each with a client of its API. It never changes and is safe for
// concurrent use.
type Platform struct {
	regions []Region
	clients map[string]*Client // by region domain
}

// NewPlatform returns the platform of regions, of which there is at least one.
// See NewClient for the transport.
func NewPlatform(regions []Region, transport http.RoundTripper) *Platform {
	p := &Platform{regions: regions, clients: make(map[string]*Client, len(regions))}
	for _, r := range regions {
		p.clients[r.Domain] = NewClient(r.APIURL, transport)
	}
	return p
}

// Client returns the API client of the region with that domain, or nil if the
// console is not set up for it.
func (p *Platform) Client(domain string) *Client { return p.clients[domain] }

// Regions lists the regions in the order of the settings.
func (p *Platform) Regions() []Region { return p.regions }

// Time is the time by the platform's clock, as its latest reply told and this
// machine's monotonic clock counts on; zero before the first reply.
func (p *Platform) Time() time.Time {
	var platform, read time.Time
	for _, client := range p.clients {
		if told, at := client.Clock(); at.After(read) {
			platform, read = told, at
		}
	}
	if read.IsZero() {
		return time.Time{}
	}
	return platform.Add(time.Since(read))
}

// Region returns the region with that domain, or the first one.
func (p *Platform) Region(domain string) Region {
	for _, r := range p.regions {
		if r.Domain == domain {
			return r
		}
	}
	return p.regions[0]
}
