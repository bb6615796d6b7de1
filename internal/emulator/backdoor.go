package emulator

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/go-oauth2/oauth2/v4/models"
)

// backDoor routes the emulator's own pages and its control calls.
func (e *Emulator) backDoor() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", e.showFront)
	mux.HandleFunc("GET /emulator/style.css", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, style, "style.css")
	})
	mux.Handle("/emulator/", ownPagesOnly(e.control()))
	return mux
}

// control routes the control calls, which tests and demos make.
func (e *Emulator) control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /emulator/tokens", e.issueTokens)
	mux.HandleFunc("POST /emulator/faults", e.addFault)
	mux.HandleFunc("DELETE /emulator/faults", func(w http.ResponseWriter, _ *http.Request) {
		e.faults.clear()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /emulator/requests", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, e.journal.all())
	})
	mux.HandleFunc("DELETE /emulator/requests", func(w http.ResponseWriter, _ *http.Request) {
		e.journal.clear()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("DELETE /emulator/connections", func(w http.ResponseWriter, _ *http.Request) {
		e.channels.cut()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("PUT /emulator/settings", e.putSettings)
	return mux
}

func (e *Emulator) showFront(w http.ResponseWriter, r *http.Request) {
	page := front{Organization: e.people.organization.Name, Others: len(e.people.people) - 3, Customer: e.customer.organization}
	for _, p := range append(e.people.people[:3:3], e.people.trustee) {
		page.People = append(page.People, choiceOf(p))
	}
	render(w, r, http.StatusOK, frontPage(page))
}

// tokenAnswer is what /oauth/token answers.
type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"`
}

// issueTokens answers POST /emulator/tokens: tokens without a sign-in.
func (e *Emulator) issueTokens(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Email    string `json:"email"`
		ClientID string `json:"clientId"`
		Target   string `json:"target"`
	}
	if err := decode(w, r, &body); err != nil {
		writeError(w, err)
		return
	}
	if body.ClientID == "" {
		body.ClientID = DemoClientID
	}
	p, c := e.people.find(body.Email), e.clients.get(body.ClientID)
	if p != nil {
		p = e.working(p, body.Target)
	}
	if p == nil || c == nil {
		badRequest("No such email, clientId or target.").write(w)
		return
	}
	s := e.settings.Load()
	t := models.Token{
		ClientID: c.id, UserID: p.id, Scope: strings.Join(c.scopes, " "), Access: secret(), AccessExpiresIn: s.TokenLifetime,
	}
	if e.refreshes(c, p.id) {
		t.Refresh = secret()
	}
	e.tokens.Create(context.WithoutCancel(r.Context()), &t)
	e.tell(p, c.id, t.Access, r)
	writeJSON(w, http.StatusOK, tokenAnswer{t.Access, t.Refresh, "bearer", int(s.TokenLifetime / time.Second)})
}

// badRequest refuses a control call. The words are the emulator's, not the vendor's.
func badRequest(words string) *apiError { return fail(400, "bad.request", words) }

// addFault answers POST /emulator/faults.
func (e *Emulator) addFault(w http.ResponseWriter, r *http.Request) {
	var f fault
	if err := decode(w, r, &f); err != nil {
		writeError(w, err)
		return
	}
	if err := f.prepare(); err != nil {
		badRequest(err.Error()).write(w)
		return
	}
	e.faults.add(&f)
	w.WriteHeader(http.StatusNoContent)
}

// putSettings answers PUT /emulator/settings. Settings that the body leaves out
// stay as they are. It takes any idle timeout, so that tests can use short ones.
func (e *Emulator) putSettings(w http.ResponseWriter, r *http.Request) {
	var body struct {
		TokenLifetime *string `json:"tokenLifetime"`
		IdleTimeout   *string `json:"idleTimeout"`
		HIPAA         *bool   `json:"hipaa"`
		RateLimit     *int    `json:"rateLimit"`
		GroupTimeouts *bool   `json:"groupTimeouts"`
	}
	if err := decode(w, r, &body); err != nil {
		writeError(w, err)
		return
	}
	lifetime, err1 := duration(body.TokenLifetime)
	idle, err2 := duration(body.IdleTimeout)
	if err1 != nil || err2 != nil {
		badRequest("tokenLifetime and idleTimeout are durations such as 5m.").write(w)
		return
	}
	e.change(func(s *settings) {
		if body.TokenLifetime != nil {
			s.TokenLifetime = lifetime
		}
		if body.IdleTimeout != nil {
			s.Idle, s.IdleTimeout = idle > 0, idle
		}
		if body.HIPAA != nil {
			s.HIPAA = *body.HIPAA
		}
		if body.GroupTimeouts != nil {
			s.setGroupTimeouts(*body.GroupTimeouts)
		}
		if body.RateLimit != nil {
			s.RateLimit = *body.RateLimit
		}
	})
	w.WriteHeader(http.StatusNoContent)
}

func duration(text *string) (time.Duration, error) {
	if text == nil || *text == "0" {
		return 0, nil
	}
	return time.ParseDuration(*text)
}
