package handlers

import (
	"net/http"

	"tokenconsole/internal/genesys"
	"tokenconsole/session"
)

const callbackPath = "/oauth/callback"

// A page answers a request, or says why it could not: one place renders that.
type page func(w http.ResponseWriter, r *http.Request) error

// A signedInPage gets the session. It can only be registered together with the
// check that supplies it.
type signedInPage func(w http.ResponseWriter, r *http.Request, sess session.Session) error

// routes is the route table.
func (s *Server) routes() {
	s.public("GET /{$}", s.showHome)
	s.public("GET /healthz", s.showHealth)
	s.public("GET /readyz", s.showReadiness)
	s.public("GET /static/{file}", s.showStatic)

	s.public("GET /login", s.showLogin)
	s.public("POST /login", s.beginSignIn)
	s.public("GET "+callbackPath, s.finishSignIn)
	s.public("POST /logout", s.signOut)
	s.public("GET /signed-out", s.showSignedOut)

	s.signedIn("GET /token", s.showToken)
	s.background("GET /token/status", s.showTokenStatus)
	s.signedIn("POST /token/verify", s.verifyToken)

	s.permitted("GET /users", s.showUsers, genesys.PermissionViewUser, genesys.PermissionDeleteToken)
	s.permitted("GET /users/{id}", s.showUser, genesys.PermissionViewUser, genesys.PermissionDeleteToken)
	s.permitted("GET /users/{id}/revoke", s.confirmRevocation, genesys.PermissionDeleteToken)
	s.permitted("POST /users/{id}/revoke", s.revokeUser, genesys.PermissionDeleteToken)
}

// public registers a page for everybody.
func (s *Server) public(pattern string, p page) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if err := p(w, r); err != nil {
			s.fail(w, r, session.Session{}, err)
		}
	})
}

// signedIn registers a page for people who have signed in. A request counts as
// use of the session, and renews its token when that is due.
func (s *Server) signedIn(pattern string, p signedInPage) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		sess, err := s.sessions.Load(r)
		if err == nil {
			sess, err = s.renew(w, r, sess)
		}
		if err == nil {
			err = s.sessions.Touch(w, r, &sess)
		}
		s.answer(w, r, sess, err, p)
	})
}

// background registers what a page asks for by itself: it is no use of the
// session and renews nothing, so that a page left open keeps nothing alive.
func (s *Server) background(pattern string, p signedInPage) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		sess, err := s.sessions.Load(r)
		s.answer(w, r, sess, err, p)
	})
}

// permitted registers a signed-in page for people who held any of permissions
// when they signed in.
func (s *Server) permitted(pattern string, p signedInPage, permissions ...string) {
	s.signedIn(pattern, func(w http.ResponseWriter, r *http.Request, sess session.Session) error {
		for _, permission := range permissions {
			if sess.Person.May(permission) {
				return p(w, r, sess)
			}
		}
		return &missingPermission{permission: permissions[0], since: sess.Created}
	})
}
