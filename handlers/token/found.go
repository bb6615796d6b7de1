package token

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/session"
	"tokenconsole/views"
)

// ShowInspect asks for a token that somebody found.
func (t *Room) ShowInspect(v *request.Visit) error {
	return t.Page(v, http.StatusOK, views.Inspect(t.inspectPage(v)))
}

func (t *Room) inspectPage(v *request.Visit) views.InspectPage {
	p := views.InspectPage{Shell: t.Shell(v, "Inspect a token")}
	for _, region := range t.Platform.Regions() {
		p.Regions = append(p.Regions, views.Choice{Value: region.Domain, Label: region.Name + " · " + region.Domain})
	}
	return p
}

// Inspect asks what a found token is, without keeping it alive, and shows it
// with the way to end it. The token is held nowhere.
func (t *Room) Inspect(v *request.Visit) error {
	token, ok := readPasted(v.Request.PostForm.Get("token"))
	if !ok {
		p := t.inspectPage(v)
		p.Error = "That is not an access token. Paste only the token, without spaces. What you pasted was not kept."
		return t.Page(v, http.StatusUnprocessableEntity, views.Inspect(p))
	}
	answers := t.askRegions(v, token, v.Field("region"))
	best := bestOf(answers)
	if err := t.recordInspection(v, token, best); err != nil {
		return err
	}
	p := inspectedPage(best, token, len(answers), v.Now())
	if p.Live {
		p.Idles = t.foundIdles(v, best)
	}
	if p.Problem == nil && best.err != nil && !p.Dead {
		p.Problem = pointer(t.View(v, respond.Explain(best.err, v.Now())))
	}
	p.Own = token == v.Session.AccessToken
	p.ClientHref = clientPath(v, best)
	if best.err == nil {
		found := session.Found{Token: token, Region: best.region.Domain, Session: v.Session.ID, Organization: best.info.Organization}
		sealed, err := t.Sessions.SealFound(found)
		if err != nil {
			return err
		}
		p.Sealed = sealed
	}
	p.Shell = t.Shell(v, p.Title())
	return t.Page(v, http.StatusOK, views.Inspected(p))
}

// clientPath is the page about a found token's client, for whoever may see it.
func clientPath(v *request.Visit, a answer) string {
	client := a.info.OAuthClient
	here := a.region.Domain == v.Session.Region && client.Organization.ID == v.Session.Organization.ID
	if a.err != nil || client.ID == "" || !here || !v.Session.Person.May(genesys.PermissionViewClient) {
		return ""
	}
	return "/clients/" + url.PathEscape(client.ID)
}

func pointer[T any](value T) *T { return &value }

// scheme is what stands before the token in a header, in any case (RFC 9110,
// section 11.1).
var scheme = regexp.MustCompile(`(?i)^.*bearer +`)

// readPasted reads a pasted token, be it bare, quoted, or a whole header.
func readPasted(text string) (genesys.Secret, bool) {
	const shortest, longest = 16, 1600 // sealed, with the rest, it has to fit the form
	text = strings.Trim(strings.TrimSpace(text), `"'`+"`,;")
	text = strings.Trim(scheme.ReplaceAllString(text, ""), `"'`+"`,;")
	odd := strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' })
	return genesys.NewSecret(text), !odd && len(text) >= shortest && len(text) <= longest
}

// answer is what one region said of a found token.
type answer struct {
	region genesys.Region
	info   genesys.TokenInfo
	err    error
}

// askRegions asks about token in one region or, if domain names none, in all of
// them at once.
func (t *Room) askRegions(v *request.Visit, token genesys.Secret, domain string) []answer {
	var answers []answer
	for _, region := range t.Platform.Regions() {
		if t.Platform.Client(domain) == nil || region.Domain == domain {
			answers = append(answers, answer{region: region, err: errors.New("not asked")})
		}
	}
	calls := make([]func(context.Context) error, len(answers))
	for i := range answers {
		a := &answers[i]
		calls[i] = func(ctx context.Context) error {
			a.info, a.err = t.Platform.Client(a.region.Domain).GetTokensMe(ctx, token, genesys.PreserveIdle)
			return nil // one region's error is no reason to stop asking the others
		}
	}
	if err := genesys.Together(v.Context(), calls...); err != nil {
		v.Log().Error("asking about a found token failed", "error", err.Error())
	}
	return answers
}

// bestOf picks the answer that tells most: a token that lives, then one that
// nobody is sure about, then a dead one.
func bestOf(answers []answer) answer {
	best := answers[0]
	for _, a := range answers {
		if a.err == nil {
			return a
		}
		if errors.Is(best.err, genesys.ErrUnauthorized) && !errors.Is(a.err, genesys.ErrUnauthorized) {
			best = a
		}
	}
	return best
}

// recordInspection puts an inspection on the record. That a token is dead is a
// good answer to the question asked.
func (t *Room) recordInspection(v *request.Visit, token genesys.Secret, a answer) error {
	receipt := genesys.Receipt{}
	if a.err == nil {
		receipt.Status = http.StatusOK
	}
	e := request.Entry(v, audit.Inspect).With(audit.ResultOfDeletion(receipt, a.err))
	e.Token, e.TokenRegion = token.Fingerprint(), a.region.Domain
	e.TokenOrganization = audit.Organization(a.info.Organization)
	_, err := t.Log.Append(v.Context(), e)
	return err
}

// inspectedPage says what was found out about a token.
func inspectedPage(a answer, token genesys.Secret, asked int, now time.Time) views.InspectedPage {
	p := views.InspectedPage{Fingerprint: token.Fingerprint(), Asked: asked}
	switch {
	case errors.Is(a.err, genesys.ErrUnauthorized):
		p.Dead = true
		return p
	case errors.Is(a.err, genesys.ErrForbidden):
		// The permissions and scopes in question are the found token's.
		silent := respond.Refuse(respond.FoundTokenSilent)
		p.Silent = true
		p.Problem = &views.Problem{
			Code: string(silent.Code), Title: silent.Title, Meaning: silent.Meaning, Next: silent.Next,
			CorrelationID: genesys.CorrelationID(a.err),
		}
		return p
	case a.err != nil:
		return p
	}
	info := a.info
	p.Live = true
	p.Facts = respond.Filled([]views.Fact{
		{Label: "Organization", Value: info.Organization.Name, Hint: info.Organization.ID},
		{Label: "OAuth client", Value: info.OAuthClient.Name, Hint: info.OAuthClient.ID},
		{Label: "Grant", Value: respond.GrantName(info.OAuthClient.AuthorizedGrantType)},
		{Label: "Client’s state", Value: info.OAuthClient.State},
		{Label: "Region", Value: a.region.Name, Hint: a.region.Domain},
	})
	if home := info.HomeOrganization; home.ID != "" && home.ID != info.Organization.ID {
		p.Facts = append(p.Facts, views.Fact{Label: "Home organization", Value: home.Name, Hint: home.ID})
	}
	p.Scopes = info.AuthorizedScope
	return p
}

// foundIdles is when a found token idles out. How much of its time is left can be said in one's own organization, if that
// has one timeout for everybody and may be read: with one's own token, since any other call would restart the found one's.
func (t *Room) foundIdles(v *request.Visit, a answer) views.Deadline {
	ends := a.info.DateTokenIdles
	if ends.IsZero() || !worksHere(v, a) {
		return idleDeadline(time.Time{}, a.info, v.Now())
	}
	timeout, err := t.Platform.Client(a.region.Domain).GetTokensTimeout(v.Context(), v.Session.AccessToken)
	if err != nil || !timeout.Enabled || timeout.GroupsEnabled {
		v.Log().Debug("how long the found token may idle is not known", "error", err)
		return idleDeadline(time.Time{}, a.info, v.Now())
	}
	return idleDeadline(ends.Add(-time.Duration(timeout.Seconds)*time.Second), a.info, v.Now())
}

// worksHere reports whether a found token works in the organization of the session.
func worksHere(v *request.Visit, a answer) bool {
	return a.region.Domain == v.Session.Region && a.info.Organization.ID == v.Session.Organization.ID
}

// DeleteFound deletes the very token that was inspected.
func (t *Room) DeleteFound(v *request.Visit) error {
	found, err := t.Sessions.OpenFound(v.Request.PostForm.Get("found"), v.Session)
	client := t.Platform.Client(found.Region)
	if err != nil || client == nil {
		return respond.Refuse(respond.FoundTokenExpired)
	}
	e := request.Entry(v, audit.DeleteInspected)
	e.Token, e.TokenRegion, e.TokenOrganization = found.Token.Fingerprint(), found.Region, audit.Organization(found.Organization)
	act, err := t.Log.Undertake(v.Context(), e, func(ctx context.Context) audit.Result {
		return audit.ResultOfDeletion(client.DeleteTokensMe(ctx, found.Token))
	})
	if err != nil {
		return err
	}
	return t.tellDeletion(v, found, act)
}

// tellDeletion answers with what came of the deletion of a found token.
func (t *Room) tellDeletion(v *request.Visit, found session.Found, act audit.Settled) error {
	notice := session.Notice{
		Tone: session.Good, Title: "Token " + found.Token.Fingerprint() + " is deleted",
		Text: "Genesys Cloud confirmed. No copy of it works any more.", CorrelationID: act.Result.CorrelationID,
	}
	switch {
	case act.Result.Dead:
		notice.Text = "Genesys Cloud says that it was no longer valid, so there was nothing left to delete."
	case act.Result.Outcome == audit.Unknown:
		return respond.TellProblem(act, respond.Refuse(respond.DeletionUnknown).Because(respond.Explain(act.Result.Err, v.Now())))
	case act.Result.Err != nil:
		return respond.TellProblem(act, respond.Explain(act.Result.Err, v.Now()))
	case found.Token == v.Session.AccessToken:
		return t.Farewell(v, session.Farewell{
			Ending: session.Confirmed, At: act.Result.At, Region: v.Session.Region, CorrelationID: act.Result.CorrelationID,
			OpenEntry: act.OpenEntry(),
		})
	}
	return t.RedirectWith(v, "/inspect", respond.Tell(act, notice))
}
