package signin

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/genesys"
	"tokenconsole/session"
	"tokenconsole/views"
)

// SignOut deletes the token at the platform and ends the session in any case. A
// sign-out that the platform did not confirm can be tried again: then the session
// comes from the farewell that the first try left. A session that has expired
// here still signs out there, and so does one of which nobody can tell now whether
// it ended. With platform=on it goes on to end the log-in that the platform remembers.
func (s *Room) SignOut(v *request.Visit) error {
	err := s.Keeper.Load(v)
	if errors.Is(err, session.ErrExpired) && errors.Is(s.Sessions.CheckEnd(v.Context(), v.Session), session.ErrEnded) {
		err = session.ErrEnded // and then expired: its token was dealt with
	}
	if err != nil && !request.IsLeft(err) {
		return s.signOutAgain(v)
	}
	_, err = s.signOut(v)
	return err
}

// signOutAgain tries again what the platform did not confirm, until it does: then every copy of that farewell is of no use.
func (s *Room) signOutAgain(v *request.Visit) error {
	last, ok := s.Sessions.Farewell(v.Request)
	if !ok || last.Ending != session.Unconfirmed || s.client(last.Region) == nil {
		return s.Redirect(v, "/signed-out")
	}
	if closed, err := s.Sessions.FarewellClosed(v.Context(), last); err == nil && closed {
		return s.Farewell(v, session.Farewell{At: v.Now(), Region: last.Region, Ending: session.AlreadyDead})
	}
	if wait := s.Paces.again(last.SessionID, v.Address, v.Now()); wait > 0 {
		return slowDown(respond.SignOutsTooMany, wait)
	}
	v.Session = last.Session()
	ending, err := s.signOut(v)
	if ending != session.Unconfirmed {
		if err := s.Sessions.CloseFarewell(v.Context(), last); err != nil {
			v.Log().Warn("that a sign-out was confirmed is not written down", "error", err.Error())
		}
	}
	return err
}

// signOut ends the session of v, its token and its refresh token, and says how.
func (s *Room) signOut(v *request.Visit) (session.Ending, error) {
	domain, held := v.Session.Region, v.Session.AccessToken
	// First the end, then the newest token: a renewal looks for the end after it has kept its token.
	s.endHere(v)
	v.Session = s.Keeper.Newest(context.WithoutCancel(v.Context()), v, v.Session)
	farewell := s.deleteOwn(v, held)
	if v.Field("platform") != "on" {
		return farewell.Ending, s.Farewell(v, farewell)
	}
	if err := s.EndSession(v, farewell); err != nil {
		return farewell.Ending, err
	}
	return farewell.Ending, s.leadOn(v, "Signing out of Genesys Cloud", "Genesys Cloud ends the login that it remembers in this browser, and brings you back here.", s.platformLogout(domain))
}

// endHere ends the session of v before its token is deleted; v keeps what it holds.
func (s *Room) endHere(v *request.Visit) {
	held := v.Session
	s.End(v)
	v.Session = held
}

// deleteOwn asks the platform to delete the session's own token, and the one that the
// browser held if that is another.
func (s *Room) deleteOwn(v *request.Visit, held genesys.Secret) session.Farewell {
	renewed := held != v.Session.AccessToken
	act, unrecorded := s.Keeper.SignOut(v.Context(), v)
	if renewed {
		// It gave way to the other, and has seconds to live at most.
		_, _ = s.client(v.Session.Region).DeleteTokensMe(context.WithoutCancel(v.Context()), held)
	}
	farewell := session.Farewell{
		At: v.Now(), Region: v.Session.Region, Ending: session.Confirmed, CorrelationID: act.Result.CorrelationID,
		Unrecorded: unrecorded != nil, OpenEntry: act.OpenEntry(),
	}
	switch {
	case act.Result.Dead:
		farewell.Ending = session.AlreadyDead
	case act.Result.Err != nil:
		v.Log().Warn("the platform did not confirm a sign-out", "token", v.Session.AccessToken.Fingerprint(), "error", act.Result.Err.Error())
		farewell.Ending = session.Unconfirmed
		farewell.SessionID, farewell.SessionBegan = v.Session.ID, v.Session.Created
		farewell.Token, farewell.RefreshToken, farewell.TokenExpiry = v.Session.AccessToken, v.Session.RefreshToken, v.Session.TokenExpiry
		farewell.Person, farewell.Organization = v.Session.Person, v.Session.Organization
	}
	return farewell
}

// platformLogout is the platform's own log-out, which ends the log-in that it
// remembers in this browser, and comes back.
func (s *Room) platformLogout(domain string) string {
	return s.Platform.Region(domain).LoginURL + "/logout?" + url.Values{
		"client_id":    {s.ClientID},
		"redirect_uri": {s.Public.String() + "/signed-out"},
	}.Encode()
}

// ShowSignedOut says what came of the sign-out.
func (s *Room) ShowSignedOut(v *request.Visit) error {
	farewell, ok := s.Sessions.Farewell(v.Request)
	if v.Held().ID != "" && !ok {
		return s.Redirect(v, "/token")
	}
	p := signedOutPage(farewell, v.Now())
	if ok {
		p.LogoutURL = s.platformLogout(farewell.Region)
	}
	p.Shell = s.Shell(asNobody(v), "Signed out")
	return s.Page(v, http.StatusOK, views.SignedOut(p))
}

func signedOutPage(f session.Farewell, now time.Time) views.SignedOutPage {
	p := views.SignedOutPage{Title: "You are signed out", Confirmed: true, At: views.MomentOf(f.At, now), CorrelationID: f.CorrelationID}
	switch f.Ending {
	case session.Confirmed:
		p.Paragraphs = []string{"Genesys Cloud confirmed that your token is deleted. No copy of it works any more."}
	case session.AlreadyDead:
		p.Paragraphs = []string{"Genesys Cloud says that your token was no longer valid, so there was nothing left to delete."}
	case session.ClientDisabled:
		p.Title = "This console’s OAuth client is disabled"
		p.Paragraphs = []string{"Genesys Cloud confirmed. Every session of this console is over, and nobody can sign in to it until somebody enables the client in Genesys Cloud’s own administration pages."}
	case session.SelfRevoked:
		p.Title = "You are signed out everywhere"
		p.Paragraphs = []string{"Genesys Cloud confirmed that all your tokens are revoked: in every application, browser and device, within seconds."}
	case session.Unconfirmed:
		p.Title = "You are signed out here, but your token may still work"
		p.Confirmed = false
		p.Paragraphs = []string{"Genesys Cloud did not confirm that the token is deleted, so whoever has a copy of it may still be able to use it."}
		if f.Unwritten {
			p.Paragraphs = append(p.Paragraphs, "The console could not write down yet that your session has ended, so a copy of its cookie may still work too. It writes that as soon as its database answers; trying again does both.")
		}
		p.Retry = true
		if expires := views.MomentOf(f.TokenExpiry, now); expires.ISO != "" {
			p.Expires = &expires
		}
	default:
		p.Paragraphs = []string{"Nobody is signed in to this console in this browser."}
	}
	switch {
	case f.Unrecorded:
		p.Paragraphs = append(p.Paragraphs, "This sign-out could not be put on the record. Tell whoever runs the console.")
	case f.OpenEntry != 0:
		p.Paragraphs = append(p.Paragraphs, respond.OpenEntry(f.OpenEntry))
	}
	return p
}
