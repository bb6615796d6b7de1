package handlers

import (
	"net/http"
	"slices"

	"tokenconsole/internal/audit"
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

	s.permitted("GET /users", "", s.showUsers, genesys.PermissionViewUser, genesys.PermissionDeleteToken)
	s.permitted("GET /users/{id}", "", s.showUser, genesys.PermissionViewUser, genesys.PermissionDeleteToken)
	s.permitted("GET /users/{id}/revoke", "", s.confirmRevocation, genesys.PermissionDeleteToken)
	s.permitted("POST /users/{id}/revoke", audit.Revoke, s.revokeUser, genesys.PermissionDeleteToken)

	s.signedIn("GET /inspect", s.showInspect)
	s.signedIn("POST /inspect", s.inspectToken)
	s.signedIn("POST /inspect/delete", s.deleteInspected)

	s.signedIn("GET /timeout", s.showTimeout)
	s.permitted("GET /timeout/change", "", s.confirmTimeout, genesys.PermissionAdminOrg)
	s.permitted("POST /timeout/change", audit.ChangeTimeout, s.changeTimeout, genesys.PermissionAdminOrg)

	s.signedIn("GET /audit", s.showAudit)
	s.signedIn("GET /audit.csv", s.exportAudit("text/csv; charset=utf-8", s.audit.WriteCSV))
	s.signedIn("GET /audit.json", s.exportAudit("application/json", s.audit.WriteJSON))
}

// public registers a page for everybody.
func (s *Server) public(pattern string, p page) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if err := p(w, r); err != nil {
			s.fail(w, r, s.whoever(r), err)
		}
	})
}

// whoever is the session of r, if there is one, for pages that need none.
func (s *Server) whoever(r *http.Request) session.Session {
	sess, err := s.load(r)
	if err != nil {
		return session.Session{} // one that has expired comes with its error
	}
	return sess
}

// signedIn registers a page for people who have signed in. A request counts as
// use of the session, and renews its token when that is due.
func (s *Server) signedIn(pattern string, p signedInPage) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		sess, err := s.load(r)
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
		sess, err := s.load(r)
		s.answer(w, r, sess, err, p)
	})
}

// permitted registers a signed-in page for people who held any of permissions
// when they signed in. That somebody without them tried an action goes on the
// record; action is "" for pages that only show.
func (s *Server) permitted(pattern string, action audit.Action, p signedInPage, permissions ...string) {
	s.signedIn(pattern, func(w http.ResponseWriter, r *http.Request, sess session.Session) error {
		if slices.ContainsFunc(permissions, sess.Person.May) {
			return p(w, r, sess)
		}
		if action != "" {
			e := s.entry(r, sess, action)
			e.Outcome, e.Detail = audit.Refused, "missing permission "+permissions[0]
			if id, err := genesys.ParseUserID(r.PathValue("id")); err == nil {
				e.Subject.ID = id.String()
			}
			if _, err := s.record(r, e); err != nil {
				return err
			}
		}
		return &missingPermission{permission: permissions[0], since: sess.Created}
	})
}
