package handlers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// exchanges is the way to the platform. It keeps the access tokens that the token
// endpoint gives, and does something with each of its answers.
type exchanges struct {
	way   http.RoundTripper
	mu    sync.Mutex
	given []string
	then  func(path string, reply map[string]any)
}

// RoundTrip implements [http.RoundTripper].
func (e *exchanges) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := e.way.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	reply := map[string]any{}
	if r.URL.Path == "/oauth/token" {
		content, err := io.ReadAll(answer.Body)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(content, &reply); err != nil {
			return nil, err
		}
		e.mu.Lock()
		if token, ok := reply["access_token"].(string); ok {
			e.given = append(e.given, token)
		}
		e.mu.Unlock()
	}
	if e.then != nil {
		e.then(r.URL.Path, reply)
	}
	if err := r.Context().Err(); err != nil {
		return nil, err // as if it had not arrived yet
	}
	if r.URL.Path == "/oauth/token" {
		content, err := json.Marshal(reply)
		if err != nil {
			return nil, err
		}
		answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(content)), int64(len(content))
		answer.Header.Del("Content-Length")
	}
	return answer, nil
}

// exchanging returns a console and its way to the platform.
func exchanging(t *testing.T) (*console, *exchanges) {
	e := &exchanges{}
	return newConsole(t, withTransport(func(way http.RoundTripper) http.RoundTripper {
		e.way = way
		return e
	})), e
}

// wantNoneLives checks that one token was given, that it is dead, and that nobody is signed in.
func (e *exchanges) wantNoneLives(t *testing.T, c *console, b *browser) {
	t.Helper()
	c.handler.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.given) != 1 || c.lives(e.given[0]) {
		t.Errorf("%d tokens were given, and the last lives on", len(e.given))
	}
	if b.isSignedIn() {
		t.Error("somebody is signed in")
	}
}

// A browser that leaves while its sign-in is finished leaves no token behind,
// whatever the platform was asked just then.
func TestS16_BrowserLeavesDuringTheSignIn(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/oauth/token", "/api/v2/users/me", "/api/v2/tokens/me"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			c, e := exchanging(t)
			b := c.newBrowser()
			callback := b.authorize(b.begin(""), agent)
			gone, leave := context.WithCancel(t.Context())
			defer leave()
			e.then = func(asked string, _ map[string]any) {
				if asked == path {
					leave()
				}
			}
			c.ask(b.with(b.request(http.MethodGet, callback, nil)).WithContext(gone))
			e.wantNoneLives(t, c, b)
			wantNoError(t, c)
		})
	}
}

// Nor does a reply that the console does not take.
func TestS16_TokenOfAReplyThatIsRefusedIsDeleted(t *testing.T) {
	t.Parallel()
	for name, wrong := range map[string]struct {
		field string
		value any
	}{
		"another type":     {"token_type", "mac"},
		"over already":     {"expires_in", -1},
		"no life":          {"expires_in", 0},
		"too large to fit": {"refresh_token", strings.Repeat("r", 4000)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, e := exchanging(t)
			b := c.newBrowser()
			callback := b.authorize(b.begin(""), agent)
			e.then = func(asked string, reply map[string]any) {
				if asked == "/oauth/token" {
					reply[wrong.field] = wrong.value
				}
			}
			b.get(callback).want(http.StatusBadGateway)
			e.wantNoneLives(t, c, b)
		})
	}
}

// Whoever signs out while their token is renewed, and while the platform deletes
// nothing, leaves no new token behind of which nobody knows, and sees no page.
func TestS16_SignOutDuringARenewal(t *testing.T) {
	t.Parallel()
	e := &exchanges{}
	c := newConsole(t, withShortTokens, withTransport(func(way http.RoundTripper) http.RoundTripper {
		e.way = way
		return e
	}))
	b := c.signedIn(admin)
	c.clock.advance(4*time.Minute + 45*time.Second)
	other := b.fork()
	asked, out := make(chan struct{}), make(chan struct{})
	e.then = func(path string, _ map[string]any) {
		if path == "/oauth/token" {
			close(asked)
			<-out
		}
	}
	var group sync.WaitGroup
	group.Go(func() { b.get("/audit").want(http.StatusSeeOther) })
	<-asked
	c.disturb(faultOf("DELETE /api/v2/tokens/me", 503))
	other.post("/logout", nil).wantTo("/signed-out")
	c.calm()
	close(out)
	group.Wait()
	c.handler.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	if last := len(e.given) - 1; last < 0 || c.lives(e.given[last]) {
		t.Errorf("%d tokens were given, and the last lives on", last+1)
	}
}
