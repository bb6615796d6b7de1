package handlers

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/session"
	"tokenconsole/views"
)

// showInspect asks for a token that somebody found.
func (s *Server) showInspect(w http.ResponseWriter, r *http.Request, sess session.Session) error {
	s.write(w, r, http.StatusOK, views.Inspect(s.inspectPage(w, r, sess)))
	return nil
}

func (s *Server) inspectPage(w http.ResponseWriter, r *http.Request, sess session.Session) views.InspectPage {
	p := views.InspectPage{Shell: s.shell(w, r, sess, "Inspect a token")}
	for _, region := range s.options.Regions {
		p.Regions = append(p.Regions, views.Choice{Value: region.Domain, Label: region.Name + " · " + region.Domain})
	}
	return p
}

// answerOf is what one region said of a found token.
type answerOf struct {
	region genesys.Region
	info   genesys.TokenInfo
	err    error
}

// inspectToken asks what a found token is, without keeping it alive, and shows
// it with the way to end it. The token is held nowhere.
func (s *Server) inspectToken(w http.ResponseWriter, r *http.Request, sess session.Session) error {
	token, ok := foundToken(r.PostForm.Get("token"))
	if !ok {
		p := s.inspectPage(w, r, sess)
		p.Error = "That is not an access token: paste the token alone, without spaces, and nothing else. It was not kept, so paste it again."
		s.write(w, r, http.StatusUnprocessableEntity, views.Inspect(p))
		return nil
	}
	answers := s.askRegions(r.Context(), token, r.PostForm.Get("region"))
	best := answers[0]
	for _, a := range answers {
		if a.err == nil || errors.Is(best.err, genesys.ErrUnauthorized) && !errors.Is(a.err, genesys.ErrUnauthorized) {
			best = a
		}
		if a.err == nil {
			break
		}
	}
	if err := s.recordInspection(r, sess, token, best); err != nil {
		return err
	}
	p := inspectedPage(best, token, len(answers), s.now)
	p.Own = token == sess.AccessToken
	if best.err == nil {
		sealed, err := s.sessions.SealFound(session.Found{Token: token, Region: best.region.Domain, Session: sess.ID, Name: best.info.Organization.Name})
		if err != nil {
			return err
		}
		p.Sealed = sealed
	}
	p.Shell = s.shell(w, r, sess, "Inspected token")
	s.write(w, r, http.StatusOK, views.Inspected(p))
	return nil
}

// scheme is what stands before the token in a header, in any case (RFC 9110,
// section 11.1).
var scheme = regexp.MustCompile(`(?i)^.*bearer +`)

// foundToken reads a pasted token, be it bare, quoted, or a whole header.
func foundToken(text string) (genesys.Secret, bool) {
	const shortest, longest = 16, 1600 // sealed, with the rest, it has to fit the form
	text = strings.Trim(strings.TrimSpace(text), `"'`+"`,;")
	text = strings.Trim(scheme.ReplaceAllString(text, ""), `"'`+"`,;")
	odd := strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' })
	return genesys.NewSecret(text), !odd && len(text) >= shortest && len(text) <= longest
}

// askRegions asks about token in one region or, if domain names none, in all of
// them at once.
func (s *Server) askRegions(ctx context.Context, token genesys.Secret, domain string) []answerOf {
	var answers []answerOf
	for _, region := range s.options.Regions {
		if _, known := s.clients[domain]; !known || region.Domain == domain {
			answers = append(answers, answerOf{region: region, err: errPanic})
		}
	}
	calls := make([]func(context.Context) error, len(answers))
	for i := range answers {
		a := &answers[i]
		calls[i] = func(ctx context.Context) error {
			a.info, a.err = s.clients[a.region.Domain].GetTokensMe(ctx, token, genesys.PreserveIdle)
			return nil // one region's error is no reason to stop asking the others
		}
	}
	if err := together(ctx, calls...); err != nil {
		s.log.Error("asking about a found token failed", "error", err.Error())
	}
	return answers
}

func (s *Server) recordInspection(r *http.Request, sess session.Session, token genesys.Secret, a answerOf) error {
	e := s.entry(r, sess, audit.Inspect)
	var receipt genesys.Receipt
	if answered, ok := errors.AsType[*genesys.Error](a.err); ok {
		receipt.Status = answered.Status
	} else if a.err == nil {
		receipt.Status = http.StatusOK
	}
	e = settled(e, receipt, a.err)
	// That a token is dead is a good answer to the question asked.
	if errors.Is(a.err, genesys.ErrUnauthorized) {
		e.Outcome = audit.Done
	}
	e.Detail = foundDetail(token, a.region, a.info.Organization.Name)
	_, err := s.record(r, e)
	return err
}

func foundDetail(token genesys.Secret, region genesys.Region, organization string) string {
	detail := "token " + token.Fingerprint() + " in " + region.Domain
	if organization != "" {
		detail += ", of " + organization
	}
	return detail
}

// inspectedPage says what was found out about a token.
func inspectedPage(a answerOf, token genesys.Secret, asked int, now func() time.Time) views.InspectedPage {
	p := views.InspectedPage{Fingerprint: token.Fingerprint(), Asked: asked}
	switch {
	case errors.Is(a.err, genesys.ErrUnauthorized):
		p.Dead = true
		return p
	case errors.Is(a.err, genesys.ErrForbidden):
		// The permissions and scopes in question are the found token's.
		silent := refuse(http.StatusForbidden, "It may not tell about itself",
			"Genesys Cloud knows it and refuses to describe it: its OAuth client lacks a scope, or its use is restricted.",
			"It cannot be deleted from here. Revoke the tokens of whoever uses it, or disable its OAuth client.")
		silent.CorrelationID = genesys.CorrelationID(a.err)
		p.Silent, p.Problem = true, &silent.Problem
		return p
	case a.err != nil:
		p.Problem = &explain(a.err, now()).Problem
		return p
	}
	info := a.info
	p.Live = true
	p.Facts = withoutEmpty([]views.Fact{
		{Label: "Organization", Value: info.Organization.Name, Hint: info.Organization.ID},
		{Label: "OAuth client", Value: info.OAuthClient.Name, Hint: info.OAuthClient.ID},
		{Label: "Grant", Value: grantName(info.OAuthClient.AuthorizedGrantType)},
		{Label: "Client’s state", Value: info.OAuthClient.State},
		{Label: "Region", Value: a.region.Name, Hint: a.region.Domain},
	})
	if home := info.HomeOrganization; home.ID != "" && home.ID != info.Organization.ID {
		p.Facts = append(p.Facts, views.Fact{Label: "Home organization", Value: home.Name, Hint: home.ID})
	}
	p.Scopes = info.AuthorizedScope
	p.Idles = moment(info.DateTokenIdles, now())
	return p
}

var errFoundExpired = refuse(http.StatusBadRequest, "That confirmation is no longer good", "It waits for 10 minutes at most, in the session that asked for it. Nothing was deleted.", "Paste the token once more.", views.Action{Label: "Inspect a token", Href: "/inspect", Primary: true})

// deleteInspected deletes the very token that was inspected.
func (s *Server) deleteInspected(w http.ResponseWriter, r *http.Request, sess session.Session) error {
	found, err := s.sessions.OpenFound(r.PostForm.Get("found"), sess)
	client := s.clients[found.Region]
	if err != nil || client == nil {
		return errFoundExpired
	}
	e := s.entry(r, sess, audit.DeleteInspected)
	e.Detail = foundDetail(found.Token, s.region(found.Region), found.Name)
	asked, err := s.ask(r, e)
	if err != nil {
		return err
	}
	receipt, err := client.DeleteTokensMe(context.WithoutCancel(r.Context()), found.Token)
	unrecorded := s.settle(r, asked, receipt, err)
	notice := session.Notice{
		Tone: session.Good, Title: "Token " + found.Token.Fingerprint() + " is deleted",
		Text: "Genesys Cloud confirmed. Whoever holds a copy of it cannot use it any more.", CorrelationID: receipt.CorrelationID,
	}
	switch {
	case errors.Is(err, genesys.ErrUnauthorized):
		notice.Text = "Genesys Cloud says that it was not valid any more, so there was nothing left to delete."
		notice.CorrelationID = genesys.CorrelationID(err)
	case err != nil:
		p := *explain(err, s.now())
		if genesys.OutcomeUnknown(err) {
			p.Title = "It is unknown whether the token was deleted"
			p.Next = "Paste it once more to see whether it lives. " + p.Next
		}
		return &caused{openProblem(&p, asked, unrecorded), err}
	case found.Token == sess.AccessToken:
		return s.farewell(w, r, sess, session.Confirmed, receipt)
	}
	return s.redirectWith(w, r, sess, "/inspect", openEntry(notice, asked, unrecorded))
}
