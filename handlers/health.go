package handlers

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"tokenconsole/internal/genesys"
	"tokenconsole/static"
)

// showStatic serves style sheet, script and icon.
func (s *Server) showStatic(w http.ResponseWriter, r *http.Request) error {
	if !static.Serve(w, r, r.PathValue("file")) {
		return errNoPage
	}
	return nil
}

// showHealth says that the process lives, whatever the platform does.
func (s *Server) showHealth(w http.ResponseWriter, _ *http.Request) error {
	return plain(w, http.StatusOK, "ok\n")
}

// showReadiness says whether the platform answers.
func (s *Server) showReadiness(w http.ResponseWriter, r *http.Request) error {
	if s.ready.check(r.Context()) {
		return plain(w, http.StatusOK, "ready\n")
	}
	return plain(w, http.StatusServiceUnavailable, "not ready: Genesys Cloud does not answer\n")
}

func plain(w http.ResponseWriter, status int, text string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, err := w.Write([]byte(text))
	return err
}

const (
	probeEvery   = 5 * time.Second // at most one probe in this time
	probeTimeout = 2 * time.Second
	graceAfterOK = 30 * time.Second // one slow reply within this time is forgiven
)

// readiness knows whether the platform answers. However many ask, it is probed
// seldom, and one slow reply after good ones does not count.
type readiness struct {
	urls   []string
	http   *http.Client
	now    func() time.Time
	mu     sync.Mutex
	probed time.Time
	good   time.Time // when it last answered
}

func newReadiness(regions []genesys.Region, transport http.RoundTripper, now func() time.Time) *readiness {
	rd := &readiness{now: now, http: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	for _, region := range regions {
		rd.urls = append(rd.urls, region.APIURL+"/api/v2/tokens/me")
	}
	return rd
}

// check reports whether any region answers, or did so a moment ago.
func (rd *readiness) check(ctx context.Context) bool {
	rd.mu.Lock()
	defer rd.mu.Unlock()
	if now := rd.now(); now.Sub(rd.probed) >= probeEvery {
		if rd.probe(context.WithoutCancel(ctx)) {
			rd.good = rd.now()
		}
		rd.probed = rd.now()
	}
	return !rd.good.IsZero() && rd.now().Sub(rd.good) < graceAfterOK
}

// probe asks every region without a token: to be refused is to be answered.
func (rd *readiness) probe(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	answers := make(chan error, len(rd.urls))
	for _, url := range rd.urls {
		go func() {
			answers <- safely(func() error {
				req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
				if err != nil {
					return err
				}
				resp, err := rd.http.Do(req)
				if err != nil {
					return err
				}
				if resp.StatusCode >= 500 {
					err = errors.New(resp.Status)
				}
				return errors.Join(err, resp.Body.Close())
			})
		}()
	}
	for range rd.urls {
		if <-answers == nil {
			return true
		}
	}
	return false
}
