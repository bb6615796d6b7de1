package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/session"
	"tokenconsole/views"
)

// signOut deletes the token at the platform and ends the session in any case.
// A sign-out that the platform did not confirm can be tried again: then the
// token comes from the farewell that the first try left. A session that has
// expired here still signs out there. With platform=on it goes on to end the
// log-in that the platform remembers.
func (s *Server) signOut(w http.ResponseWriter, r *http.Request) error {
	sess, err := s.load(r)
	if err != nil && !errors.Is(err, session.ErrExpired) {
		last, ok := s.sessions.Farewell(r)
		if !ok || last.Ending != session.Unconfirmed || s.clients[last.Region] == nil {
			return redirect(w, r, "/signed-out")
		}
		sess = session.Session{AccessToken: last.Token, TokenExpiry: last.TokenExpiry, Region: last.Region, Person: last.Person, Organization: last.Organization}
	}
	note(r, sess)
	farewell := s.deleteOwn(r, sess)
	s.sessions.End(w, sess)
	if err := s.sessions.SayFarewell(w, r, farewell); err != nil {
		return err
	}
	if r.PostForm.Get("platform") == "on" {
		return s.leadOn(w, r, "Signing out of Genesys Cloud", "Genesys Cloud ends the log-in that it remembers in this browser, and leads back here.", s.platformLogout(sess.Region))
	}
	return redirect(w, r, "/signed-out")
}

// deleteOwn asks the platform to delete the session's own token. Signing out is
// the one thing that goes on even if it cannot be recorded.
func (s *Server) deleteOwn(r *http.Request, sess session.Session) session.Farewell {
	farewell := session.Farewell{At: s.now(), Region: sess.Region, Ending: session.Confirmed}
	// A browser that gives up must not leave the token alive.
	receipt, err := s.client(sess).DeleteTokensMe(context.WithoutCancel(r.Context()), sess.AccessToken)
	e := s.entry(r, sess, audit.SignOut)
	e.Detail = "token " + sess.AccessToken.Fingerprint()
	_, _ = s.record(r, settled(e, receipt, err))
	farewell.CorrelationID = receipt.CorrelationID
	switch {
	case err == nil:
	case errors.Is(err, genesys.ErrUnauthorized):
		farewell.Ending = session.AlreadyDead
	default:
		s.log.Warn("the platform did not confirm a sign-out", "token", sess.AccessToken.Fingerprint(), "error", err.Error())
		farewell.Ending = session.Unconfirmed
		farewell.CorrelationID = genesys.CorrelationID(err)
		farewell.Token, farewell.TokenExpiry = sess.AccessToken, sess.TokenExpiry
		farewell.Person, farewell.Organization = sess.Person, sess.Organization
	}
	return farewell
}

// showSignedOut says what came of the sign-out.
func (s *Server) showSignedOut(w http.ResponseWriter, r *http.Request) error {
	farewell, ok := s.sessions.Farewell(r)
	if _, err := s.load(r); err == nil && !ok {
		return redirect(w, r, "/token")
	}
	p := signedOutPage(farewell, s.now())
	if ok {
		p.LogoutURL = s.platformLogout(farewell.Region)
	}
	p.Shell = s.shell(w, r, session.Session{}, "Signed out")
	s.write(w, r, http.StatusOK, views.SignedOut(p))
	return nil
}

func signedOutPage(f session.Farewell, now time.Time) views.SignedOutPage {
	p := views.SignedOutPage{Title: "You are signed out", Confirmed: true, At: moment(f.At, now), CorrelationID: f.CorrelationID}
	switch f.Ending {
	case session.Confirmed:
		p.Paragraphs = []string{"Genesys Cloud confirmed that your token is deleted. Nothing that held it works any more."}
	case session.AlreadyDead:
		p.Paragraphs = []string{"Genesys Cloud says that your token was not valid any more, so there was nothing left to delete."}
	case session.SelfRevoked:
		p.Title = "You are signed out everywhere"
		p.Paragraphs = []string{"Genesys Cloud confirmed that all your tokens are revoked: in every application, browser and device, within seconds."}
	case session.Unconfirmed:
		p.Title = "You are signed out here, but your token may live on"
		p.Confirmed = false
		p.Paragraphs = []string{"This session has ended. Genesys Cloud did not confirm that the token is deleted, so whoever has a copy of it may still be able to use it."}
		p.Retry = true
		if expires := moment(f.TokenExpiry, now); expires.ISO != "" {
			p.Expires = &expires
		}
	default:
		p.Paragraphs = []string{"Nobody is signed in to this console in this browser."}
	}
	return p
}

// platformLogout is the platform's own log-out, which ends the log-in that it
// remembers in this browser, and comes back.
func (s *Server) platformLogout(domain string) string {
	return s.region(domain).LoginURL + "/logout?" + url.Values{
		"client_id":    {s.options.ClientID},
		"redirect_uri": {s.options.PublicURL.String() + "/signed-out"},
	}.Encode()
}
