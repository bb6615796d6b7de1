// Package token is the pages about tokens themselves: one's own, which can be
// watched and verified, and one that somebody found, which can be ended.
package token

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/session"
	"tokenconsole/views"
)

// Room holds the pages about tokens.
type Room struct {
	*respond.Responder
	Keeper      *request.Keeper
	Log         *audit.Log
	Idle, Total time.Duration // lives of a session
}

// Show shows the current token as GetTokensMe tells it.
func (t *Room) Show(v *request.Visit) error {
	info, err := t.Platform.Client(v.Session.Region).GetTokensMe(v.Context(), v.Session.AccessToken, genesys.ResetIdle)
	if err != nil {
		return err
	}
	p := tokenPage(info, v.Session, v.Now())
	p.SessionEnds = views.DeadlineOf(v.Session.Created, v.Session.Created.Add(t.Total), v.Now())
	p.SessionEnds.Hint = "Or after " + views.Span(t.Idle) + " without use."
	p.Shell = t.Shell(v, "Your token")
	return t.Page(v, http.StatusOK, views.Token(p))
}

// tokenPage says what info and sess tell about the token at now.
func tokenPage(info genesys.TokenInfo, sess session.Session, now time.Time) views.TokenPage {
	p := views.TokenPage{
		Fingerprint: sess.AccessToken.Fingerprint(),
		Expires:     views.DeadlineOf(sess.TokenIssued, sess.TokenExpiry, now),
		Idles:       idleDeadline(now, info, now),
		Person:      personFacts(sess, now),
		Organization: []views.Fact{
			{Label: "Works in", Value: info.Organization.Name, Hint: info.Organization.ID},
		},
		Client: respond.Filled([]views.Fact{
			{Label: "Name", Value: info.OAuthClient.Name, Hint: info.OAuthClient.ID},
			{Label: "Grant", Value: respond.GrantName(info.OAuthClient.AuthorizedGrantType)},
			{Label: "State", Value: info.OAuthClient.State},
			{Label: "Belongs to", Value: info.OAuthClient.Organization.Name},
		}),
		Scopes: info.AuthorizedScope,
		Raw:    string(info.Raw),
	}
	p.Expires.None, p.Expires.Hint = "Not reported", "By the OAuth client’s token duration."
	if !sess.RefreshToken.IsZero() {
		p.Refreshes = true
		p.Expires.Hint = "It is renewed when you use the console after that."
	}
	if !info.DateTokenIdles.IsZero() {
		p.Idles.Hint = "Opening this page has restarted it; the page’s own checks do not."
	}
	if sess.Skew != 0 {
		p.Clock = fmt.Sprintf("This server’s clock and that of Genesys Cloud are %s apart, so the times here may be off by that much.", views.Span(sess.Skew.Abs()))
	}
	if sess.Person.May(genesys.PermissionDeleteToken) {
		p.MaySignOutEverywhere = respond.PersonPath(sess.Person.ID) + "/revoke"
	}
	addAway(&p, info)
	return p
}

// idleDeadline is when the token of info idles out, if nothing uses it after used.
func idleDeadline(used time.Time, info genesys.TokenInfo, now time.Time) views.Deadline {
	d := views.DeadlineOf(used, info.DateTokenIdles, now)
	d.None = "Never"
	if info.DateTokenIdles.IsZero() {
		d.Hint = "The organization has no idle timeout."
	}
	return d
}

// addAway says where a token comes from that works in another organization than
// its person's.
func addAway(p *views.TokenPage, info genesys.TokenInfo) {
	if home := info.HomeOrganization; home.ID != "" && home.ID != info.Organization.ID {
		p.Organization = append(p.Organization, views.Fact{Label: "Home organization", Value: home.Name, Hint: home.ID})
		p.Away = fmt.Sprintf("This token works in %s, but its owner belongs to %s.", info.Organization.Name, home.Name)
	}
	if clone := info.ClonedUser; clone != nil {
		p.Organization = append(p.Organization, views.Fact{Label: "Clone of", Value: clone.ID, Hint: "in organization " + clone.Organization.ID})
		p.Away += " The person here is a clone of a user there."
	}
}

func personFacts(sess session.Session, now time.Time) []views.Fact {
	begun := views.MomentOf(sess.Created, now)
	return []views.Fact{
		{Label: "Name", Value: sess.Person.Name},
		{Label: "Email", Value: sess.Person.Email},
		{Label: "User id", Value: sess.Person.ID.String(), ID: true},
		{Label: "Signed in", Value: begun.Text, At: begun.ISO},
	}
}

// Verify asks HeadTokensMe and says what came back and when.
func (t *Room) Verify(v *request.Visit) error {
	receipt, err := t.Platform.Client(v.Session.Region).HeadTokensMe(v.Context(), v.Session.AccessToken)
	e := request.Entry(v, audit.Verify).With(audit.ResultOf(receipt, err))
	if _, unrecorded := t.Log.Append(v.Context(), e); err == nil {
		err = unrecorded
	}
	if err != nil {
		return err
	}
	return t.RedirectWith(v, "/token", session.Notice{
		Tone: session.Good, Title: "Genesys Cloud confirms the token",
		Text:          fmt.Sprintf("It answered %d to HeadTokensMe: the token is valid. Asking has restarted its idle time.", receipt.Status),
		CorrelationID: receipt.CorrelationID,
	})
}

// status is what a page that stays open learns about its token.
type status struct {
	State       string     `json:"state"` // active, expired, ended, unknown
	Fingerprint string     `json:"fingerprint,omitempty"`
	ExpiresAt   *time.Time `json:"expiresAt,omitempty"`
	IdlesAt     *time.Time `json:"idlesAt,omitempty"`
	CheckedAt   *time.Time `json:"checkedAt,omitempty"`
}

// Status tells whether the token lives, without keeping it alive.
func (t *Room) Status(v *request.Visit) error {
	now := v.Now().UTC()
	sess := v.Session
	s := status{State: "active", Fingerprint: sess.AccessToken.Fingerprint(), ExpiresAt: timeOrNil(sess.TokenExpiry), CheckedAt: &now}
	if !sess.TokenExpiry.IsZero() && !now.Before(sess.TokenExpiry) {
		s.State = "expired"
		return t.JSON(v, http.StatusOK, s)
	}
	info, err := t.Platform.Client(sess.Region).GetTokensMe(v.Context(), sess.AccessToken, genesys.PreserveIdle)
	switch {
	case errors.Is(err, genesys.ErrUnauthorized):
		t.End(v)
		s.State = "ended"
		return t.JSON(v, http.StatusUnauthorized, s)
	case err != nil && v.Abandoned():
		return err
	case err != nil:
		p := respond.Explain(err, now)
		p.SetHeaders(v.Writer.Header())
		s.State = "unknown"
		return t.JSON(v, p.Status, s)
	}
	s.IdlesAt = timeOrNil(info.DateTokenIdles)
	return t.JSON(v, http.StatusOK, s)
}

// Session says that the session lives. It is what open pages ask, and touches
// neither the session nor the token; one that is over answers 401.
func (t *Room) Session(v *request.Visit) error {
	if err := t.Keeper.FindsDead(v); err != nil {
		return err
	}
	return t.JSON(v, http.StatusOK, status{State: "active"})
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
