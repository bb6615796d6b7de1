package respond

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/a-h/templ"

	"tokenconsole/handlers/request"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/compress"
	"tokenconsole/internal/genesys"
	"tokenconsole/session"
)

// Responder answers visits. It is safe for concurrent use.
type Responder struct {
	Sessions *session.Store
	Platform *genesys.Platform
	Record   *audit.Monitor
	Proofs   Proofs
	Demo     bool
	ClientID string                                             // of the console itself
	Public   *url.URL                                           // scheme and host that browsers see
	CameBack func(ctx context.Context, organization string) int // how many people came back and are not dealt with; no call is made
}

var htmlType = []string{"text/html; charset=utf-8"}

var texts = sync.Pool{New: func() any { return new(compress.Text) }}

// Proofs tell whether the token of a session lives.
type Proofs interface {
	// Doubt takes no token for living any more that lived a moment ago.
	Doubt(now time.Time)
	// ProveSoon returns an error unless the token of v lived a moment ago.
	ProveSoon(v *request.Visit) error
	// Knows reports whether that is known, and asks nobody.
	Knows(v *request.Visit) bool
}

// proof is nil if the token of v is proven to live. Most pages have just asked the platform for something with it, which
// proves it. The others ask now, once; but for what came of an act, which is told also when the platform has gone silent.
func (a *Responder) proof(v *request.Visit) error {
	if !v.SignedIn() {
		return nil
	}
	if !v.Proven && v.Doubt == nil && !a.Proofs.Knows(v) && v.Safe() {
		v.Doubt = a.Proofs.ProveSoon(v)
	}
	return v.Doubt
}

// Page renders c into a buffer and then sends it: never half a page, and never a
// good status on a bad one. A session whose token is not proven to live gets an error
// instead.
func (a *Responder) Page(v *request.Visit, status int, c templ.Component) error {
	if err := a.proof(v); err != nil && (!v.Gate.Blind || errors.Is(err, genesys.ErrUnauthorized)) {
		return err
	}
	return a.page(v, status, c)
}

func (a *Responder) page(v *request.Visit, status int, c templ.Component) error {
	text := texts.Get().(*compress.Text)
	defer texts.Put(text)
	text.Reset()
	if err := c.Render(v.Context(), text); err != nil {
		return err
	}
	v.Writer.Header()["Content-Type"] = htmlType
	text.Send(v.Writer, status)
	return nil
}

// Redirect leads on after a POST.
func (a *Responder) Redirect(v *request.Visit, path string) error {
	http.Redirect(v.Writer, v.Request, path, http.StatusSeeOther)
	return nil
}

// RedirectWith leads on after a POST to a page that shows n.
func (a *Responder) RedirectWith(v *request.Visit, path string, n session.Notice) error {
	if v.Passed {
		return a.Redirect(v, path)
	}
	n.At = v.Now()
	// Beside a large token a long notice may not fit. What was done is done: it
	// is told in fewer words then, or not at all.
	for _, notice := range []session.Notice{n, {Tone: n.Tone, Title: n.Title, At: n.At}, {}} {
		v.Session.Notice = notice
		if err := a.Sessions.Save(v.Writer, v.Request, v.Session); !errors.Is(err, session.ErrTooLarge) {
			break
		}
	}
	return a.Redirect(v, path)
}

// Plain answers in one line, for programs.
func (a *Responder) Plain(v *request.Visit, status int, text string) error {
	v.Writer.Header().Set("Content-Type", "text/plain; charset=utf-8")
	v.Writer.WriteHeader(status)
	_, err := v.Writer.Write([]byte(text + "\n"))
	return err
}

// JSON answers with value.
func (a *Responder) JSON(v *request.Visit, status int, value any) error {
	content, err := json.Marshal(value)
	if err != nil {
		return err
	}
	v.Writer.Header().Set("Content-Type", "application/json")
	v.Writer.WriteHeader(status)
	_, _ = v.Writer.Write(content)
	return nil
}
