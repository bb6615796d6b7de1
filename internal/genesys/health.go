package genesys

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	probeEvery   = 5 * time.Second // at most one probe in this time
	probeTimeout = 2 * time.Second
	graceAfterOK = 30 * time.Second // one slow reply within this time is forgiven
)

// Health knows whether the platform answers. However many ask, it is probed
// rarely, and one slow reply after good ones does not count. It is safe for
// concurrent use.
type Health struct {
	platform *Platform
	now      func() time.Time
	mu       sync.Mutex
	probed   time.Time
	good     time.Time // when the platform last answered
}

// NewHealth returns the health of platform.
func NewHealth(platform *Platform, now func() time.Time) *Health {
	return &Health{platform: platform, now: now}
}

// Answers reports whether any region answers, or did so a moment ago.
func (h *Health) Answers(ctx context.Context) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now := h.now(); now.Sub(h.probed) >= probeEvery {
		if h.probe(context.WithoutCancel(ctx)) {
			h.good = h.now()
		}
		h.probed = h.now()
	}
	return !h.good.IsZero() && h.now().Sub(h.good) < graceAfterOK
}

// probe asks every region.
func (h *Health) probe(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	answers := make(chan error, len(h.platform.regions))
	for _, region := range h.platform.regions {
		client := h.platform.Client(region.Domain)
		go func() { answers <- Safely(func() error { return client.ask(ctx) }) }()
	}
	for range h.platform.regions {
		if <-answers == nil {
			return true
		}
	}
	return false
}

// ask asks without a token, GET /api/v2/tokens/me: a refusal is an answer too.
func (cl *Client) ask(ctx context.Context) error {
	_, err := cl.GetTokensMe(ctx, Secret{}, PreserveIdle)
	if e, ok := errors.AsType[*Error](err); ok && e.Status < 500 {
		return nil
	}
	return err
}
