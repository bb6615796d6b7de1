package handlers

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/session"
	"tokenconsole/views"
)

// showToken shows the current token as GetTokensMe tells it.
func (s *Server) showToken(w http.ResponseWriter, r *http.Request, sess session.Session) error {
	info, err := s.client(sess).GetTokensMe(r.Context(), sess.AccessToken, genesys.ResetIdle)
	if err != nil {
		return err
	}
	p := tokenPage(info, sess, s.now())
	p.SessionEnds.At = moment(sess.Created.Add(s.options.Sessions.Total), s.now())
	p.SessionEnds.Hint = "Or after " + span(s.options.Sessions.Idle) + " without use."
	p.Shell = s.shell(w, r, sess, "Your token")
	s.write(w, r, http.StatusOK, views.Token(p))
	return nil
}

// tokenPage says what info and sess tell about the token at now.
func tokenPage(info genesys.TokenInfo, sess session.Session, now time.Time) views.TokenPage {
	p := views.TokenPage{
		Fingerprint: sess.AccessToken.Fingerprint(),
		Expires:     views.Deadline{At: moment(sess.TokenExpiry, now), None: "Not told", Hint: "By the OAuth client’s token duration."},
		Idles:       views.Deadline{At: moment(info.DateTokenIdles, now), None: "Never", Hint: "The organization has no idle timeout."},
		Person:      personFacts(sess),
		Organization: []views.Fact{
			{Label: "Works in", Value: info.Organization.Name, Hint: info.Organization.ID},
		},
		Client: []views.Fact{
			{Label: "Name", Value: info.OAuthClient.Name, Hint: info.OAuthClient.ID},
			{Label: "Grant", Value: grantName(info.OAuthClient.AuthorizedGrantType)},
			{Label: "State", Value: info.OAuthClient.State},
			{Label: "Belongs to", Value: info.OAuthClient.Organization.Name},
		},
		Scopes: info.AuthorizedScope,
		Raw:    string(info.Raw),
	}
	if !sess.RefreshToken.IsZero() {
		p.Refreshes = true
		p.Expires.Hint = "It is renewed when you use the console after that."
	}
	if !info.DateTokenIdles.IsZero() {
		p.Idles.Hint = "Unless something uses it. This page looking by itself does not count."
	}
	if home := info.HomeOrganization; home.ID != "" && home.ID != info.Organization.ID {
		p.Organization = append(p.Organization, views.Fact{Label: "Home organization", Value: home.Name, Hint: home.ID})
		p.Away = fmt.Sprintf("This token works in %s, but its person belongs to %s.", info.Organization.Name, home.Name)
	}
	if clone := info.ClonedUser; clone != nil {
		p.Organization = append(p.Organization, views.Fact{Label: "Clone of", Value: clone.ID, Hint: "in organization " + clone.Organization.ID})
		p.Away += " The person here is a clone of a user there."
	}
	if sess.Skew != 0 {
		p.Clock = fmt.Sprintf("This server’s clock and that of Genesys Cloud are %s apart, so the times here may be off by as much.", span(sess.Skew.Abs()))
	}
	if sess.Person.May(genesys.PermissionDeleteToken) {
		p.MaySignOutEverywhere = userPath(sess.Person.ID) + "/revoke"
	}
	p.Client = withoutEmpty(p.Client)
	return p
}

func personFacts(sess session.Session) []views.Fact {
	return []views.Fact{
		{Label: "Name", Value: sess.Person.Name},
		{Label: "Email", Value: sess.Person.Email},
		{Label: "User id", Value: sess.Person.ID.String()},
		{Label: "Signed in", Value: moment(sess.Created, sess.Created).Text},
	}
}

func withoutEmpty(list []views.Fact) []views.Fact {
	var filled []views.Fact
	for _, f := range list {
		if f.Value != "" {
			filled = append(filled, f)
		}
	}
	return filled
}

// grantName is the vendor's authorizedGrantType in words.
func grantName(kind string) string {
	switch kind {
	case "CODE":
		return "Authorization code"
	case "TOKEN":
		return "Implicit"
	case "CLIENT-CREDENTIALS":
		return "Client credentials"
	case "SAML2-BEARER":
		return "SAML2 bearer"
	case "PASSWORD":
		return "Password"
	}
	return kind
}

// verifyToken asks HeadTokensMe and says what came back and when.
func (s *Server) verifyToken(w http.ResponseWriter, r *http.Request, sess session.Session) error {
	receipt, err := s.client(sess).HeadTokensMe(r.Context(), sess.AccessToken)
	if _, unrecorded := s.record(r, settled(s.entry(r, sess, audit.Verify), receipt, err)); err == nil {
		err = unrecorded
	}
	if err != nil {
		return err
	}
	return s.redirectWith(w, r, sess, "/token", session.Notice{
		Tone: session.Good, Title: "Genesys Cloud confirms the token",
		Text:          fmt.Sprintf("It answered %d to HeadTokensMe: the token is valid. Asking has restarted its idle time.", receipt.Status),
		CorrelationID: receipt.CorrelationID,
	})
}

// tokenStatus is what a page that stays open learns about its token.
type tokenStatus struct {
	State       string     `json:"state"` // active, expired, ended, signed-out, unknown
	Fingerprint string     `json:"fingerprint,omitempty"`
	ExpiresAt   *time.Time `json:"expiresAt,omitempty"`
	IdlesAt     *time.Time `json:"idlesAt,omitempty"`
	CheckedAt   *time.Time `json:"checkedAt,omitempty"`
}

// showTokenStatus tells whether the token lives, without keeping it alive.
func (s *Server) showTokenStatus(w http.ResponseWriter, r *http.Request, sess session.Session) error {
	now := s.now().UTC()
	status := tokenStatus{State: "active", Fingerprint: sess.AccessToken.Fingerprint(), ExpiresAt: timeOrNil(sess.TokenExpiry), CheckedAt: &now}
	if !sess.TokenExpiry.IsZero() && !now.Before(sess.TokenExpiry) {
		status.State = "expired"
		writeJSON(w, http.StatusOK, status)
		return nil
	}
	info, err := s.client(sess).GetTokensMe(r.Context(), sess.AccessToken, genesys.PreserveIdle)
	switch {
	case errors.Is(err, genesys.ErrUnauthorized):
		s.sessions.End(w, sess)
		status.State = "ended"
		writeJSON(w, http.StatusUnauthorized, status)
	case err != nil:
		p := explain(err, now)
		p.setHeaders(w.Header())
		status.State = "unknown"
		writeJSON(w, p.status, status)
	default:
		status.IdlesAt = timeOrNil(info.DateTokenIdles)
		writeJSON(w, http.StatusOK, status)
	}
	return nil
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	content, err := json.Marshal(value)
	if err != nil {
		http.Error(w, "encoding failed", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(content)
}
