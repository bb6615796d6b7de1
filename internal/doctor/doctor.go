// Package doctor checks a console's settings against the real thing, before anybody signs in: each finding says what
// was seen and, unless it is well, how to mend it. It changes nothing and never prints a secret.
package doctor

import (
	"context"
	"net/http"
	"time"

	"tokenconsole/internal/config"
	"tokenconsole/internal/genesys"
)

// Level says how bad a finding is.
type Level string

// The levels. Only a Failure keeps the console from working.
const (
	OK      Level = "ok"
	Warning Level = "warning"
	Failure Level = "failure"
)

// Finding is what one check saw.
type Finding struct {
	Level Level
	Seen  string
	Fix   string // "" when all is well
}

// Options of an examination.
type Options struct {
	Config    config.Config
	Transport http.RoundTripper // to the platform
	Now       func() time.Time
}

// checkTimeout bounds each look at something in the network.
const checkTimeout = 10 * time.Second

// examination collects findings.
type examination struct {
	Options
	client *http.Client
	found  []Finding
}

// Examine makes every check and returns what it found, in the order of the checks.
func Examine(ctx context.Context, o Options) []Finding {
	e := &examination{Options: o, client: &http.Client{
		Transport:     o.Transport,
		Timeout:       checkTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	e.files()
	e.recordKey()
	e.database(ctx)
	e.public(ctx)
	for _, region := range o.Config.Regions {
		e.api(ctx, region)
		e.login(ctx, region)
	}
	return e.found
}

// Healthy reports whether no finding is a Failure.
func Healthy(found []Finding) bool {
	for _, f := range found {
		if f.Level == Failure {
			return false
		}
	}
	return true
}

func (e *examination) ok(seen string) { e.found = append(e.found, Finding{OK, seen, ""}) }

func (e *examination) warn(seen, fix string) {
	e.found = append(e.found, Finding{Warning, seen, fix})
}

func (e *examination) fail(seen, fix string) {
	e.found = append(e.found, Finding{Failure, seen, fix})
}

// api asks the API of region without a token: a refusal that carries a correlation id is its answer. The answer tells
// the time, too.
func (e *examination) api(ctx context.Context, region genesys.Region) {
	url := region.APIURL + "/api/v2/tokens/me"
	resp, err := e.get(ctx, url)
	if err != nil {
		e.fail("the API of "+region.Domain+" does not answer: "+reason(err), reach(region.APIURL, "GENESYS_API_URL", err))
		return
	}
	switch {
	case resp.StatusCode == http.StatusUnauthorized && genesys.CorrelationHeader(resp.Header) != "":
		e.ok("the API of " + region.Domain + " answers at " + region.APIURL)
	case resp.StatusCode >= 500:
		e.warn("the API of "+region.Domain+" answers "+resp.Status, "look at the vendor's status page and try again later")
	default:
		e.fail("what answers at "+region.APIURL+" is not the Genesys Cloud API: "+resp.Status,
			"check GENESYS_REGION and GENESYS_API_URL, and whether a proxy answers instead")
		return
	}
	e.clock(resp.Header)
}

// Clocks this far apart are worth a word, and so far that sign-ins fail.
const (
	skewWarning = 10 * time.Second
	skewFailure = time.Minute
)

// clock compares this machine's clock with the Date of an answer, which is in whole seconds.
func (e *examination) clock(h http.Header) {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		e.warn("the platform's answer tells no time, so the clock was not checked", "compare it with time.nist.gov")
		return
	}
	skew := e.Now().Sub(date).Abs().Round(time.Second)
	const fix = "let a time service set this machine's clock: timedatectl set-ntp true"
	switch {
	case skew >= skewFailure:
		e.fail("this machine's clock is "+skew.String()+" away from the platform's", fix)
	case skew >= skewWarning:
		e.warn("this machine's clock is "+skew.String()+" away from the platform's", fix)
	default:
		e.ok("this machine's clock agrees with the platform's")
	}
}

func (e *examination) get(ctx context.Context, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return e.do(req)
}

// do sends req; nobody needs the body.
func (e *examination) do(req *http.Request) (*http.Response, error) {
	resp, err := e.client.Do(req)
	if err != nil {
		return nil, err
	}
	return resp, resp.Body.Close()
}
