package emulator

import (
	"net/http"
	"sync"
	"time"
)

const (
	loginCookie = "emulator_login" // the console on another port must not use this name: cookies ignore ports
	loginLife   = 12 * time.Hour
)

// logins are the log-ins that browsers remember. As on the platform, revoking
// tokens does not end them; only /logout does.
type logins struct {
	now  func() time.Time
	mu   sync.Mutex
	byID map[string]login
}

type login struct {
	user string
	ends time.Time
}

func newLogins(now func() time.Time) *logins {
	return &logins{now: now, byID: map[string]login{}}
}

func (l *logins) remember(w http.ResponseWriter, user string) {
	id := secret()
	l.mu.Lock()
	l.byID[id] = login{user: user, ends: l.now().Add(loginLife)}
	l.mu.Unlock()
	http.SetCookie(w, &http.Cookie{
		Name: loginCookie, Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// who returns the id of the person that the browser remembers, or "".
func (l *logins) who(r *http.Request) string {
	cookie, err := r.Cookie(loginCookie)
	if err != nil {
		return ""
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	known := l.byID[cookie.Value]
	if !l.now().Before(known.ends) {
		delete(l.byID, cookie.Value)
		return ""
	}
	return known.user
}

func (l *logins) forget(w http.ResponseWriter, r *http.Request) {
	if cookie, err := r.Cookie(loginCookie); err == nil {
		l.mu.Lock()
		delete(l.byID, cookie.Value)
		l.mu.Unlock()
	}
	http.SetCookie(w, &http.Cookie{
		Name: loginCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// logout answers GET /logout. It forgets the browser's log-in and ends no token.
func (e *Emulator) logout(w http.ResponseWriter, r *http.Request) {
	e.logins.forget(w, r)
	w.Header().Set("Cache-Control", "no-store")
	known := e.clients.get(r.URL.Query().Get("client_id")) != nil
	if target := r.URL.Query().Get("redirect_uri"); known && e.clients.allowsOrigin(target) {
		http.Redirect(w, r, target, http.StatusSeeOther)
		return
	}
	render(w, r, http.StatusOK, loggedOutPage())
}
