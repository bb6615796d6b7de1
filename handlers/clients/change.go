package clients

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/revocation"
	"tokenconsole/session"
	"tokenconsole/views"
)

// ConfirmDisable states what disabling a client does, and asks why.
func (c *Room) ConfirmDisable(v *request.Visit) error { return c.confirm(v, genesys.ClientDisabled) }

// ConfirmEnable states what enabling a client does, and asks why.
func (c *Room) ConfirmEnable(v *request.Visit) error { return c.confirm(v, genesys.ClientActive) }

// Disable makes every token of a client invalid, and lets it get no new ones.
func (c *Room) Disable(v *request.Visit) error { return c.change(v, genesys.ClientDisabled) }

// Enable lets a disabled client get tokens again.
func (c *Room) Enable(v *request.Visit) error { return c.change(v, genesys.ClientActive) }

func (c *Room) confirm(v *request.Visit, to string) error {
	one, err := c.one(v)
	if err != nil {
		return err
	}
	if settled(one, to) {
		return c.Redirect(v, clientPath(one.ID))
	}
	return c.showForm(v, http.StatusOK, one, to, nil, nil)
}

// settled reports whether there is nothing to change: the client is in that state,
// or in one that cannot be left from here.
func settled(one genesys.RegisteredClient, to string) bool {
	return one.State == to || one.State == genesys.ClientInactive
}

// change brings a client into another state, for whoever confirmed it as it is now.
func (c *Room) change(v *request.Visit, to string) error {
	one, err := c.one(v)
	if err != nil {
		return err
	}
	if wrong := c.check(v, one, to); len(wrong) > 0 {
		return c.showForm(v, http.StatusUnprocessableEntity, one, to, wrong, nil)
	}
	if v.Field("version") != one.Version() || settled(one, to) {
		changed := respond.Refuse(respond.ClientChanged)
		return c.showForm(v, changed.Status, one, to, nil, changed)
	}
	e := request.Entry(v, audit.ChangeClient)
	e.Client = audit.Client{ID: one.ID, Name: one.Name}
	e.Reason, e.Ticket = v.Field("reason"), v.Field("ticket")
	e.Change = audit.Change{From: one.State, To: to}
	wanted := one
	wanted.State = to
	doubt := func() {
		if c.endsConsole(one, to) {
			c.Proofs.Doubt(v.Now())
		}
	}
	doubt() // from now on, since the answer may take its time
	act, err := c.Log.Undertake(v.Context(), e, func(ctx context.Context) audit.Result {
		return audit.ResultOf(c.Platform.Client(v.Session.Region).PutOAuthClient(ctx, v.Session.AccessToken, wanted))
	})
	if err != nil {
		return err
	}
	doubt()
	return c.tell(v, one, to, act)
}

// check says by field what is wrong with the form.
func (c *Room) check(v *request.Visit, one genesys.RegisteredClient, to string) map[string]string {
	wrong := map[string]string{}
	if e, ok := errors.AsType[*revocation.FormError](revocation.Check(v.Field("reason"), v.Field("ticket"))); ok {
		wrong = respond.FormErrors(e, "Nothing was changed.")
	}
	if c.endsConsole(one, to) && v.Field("name") != one.Name {
		wrong["name"] = "Type the client’s name exactly as it is shown above. Nothing was changed."
	}
	return wrong
}

// endsConsole reports whether the change would shut everybody out of this console.
func (c *Room) endsConsole(one genesys.RegisteredClient, to string) bool {
	return one.ID == c.ClientID && to != genesys.ClientActive
}

// showForm asks for the confirmation, with what was filled in before.
func (c *Room) showForm(
	v *request.Visit, status int, one genesys.RegisteredClient, to string, wrong map[string]string, failed *respond.Problem,
) error {
	used, _ := c.usage.remembered(v, []genesys.RegisteredClient{one})
	p := views.ConfirmClientPage{
		Row: c.row(one, roles{}, used, v.Now()), InUse: used.requests[one.ID] > 0, Days: genesys.UsageDays,
		Disable: to == genesys.ClientDisabled, Settled: settled(one, to),
		EndsConsole: c.endsConsole(one, to), Version: one.Version(), Cancel: clientPath(one.ID),
		Reason: v.Field("reason"), Ticket: v.Field("ticket"), Errors: wrong,
		MaxReason: revocation.MaxReason, MaxTicket: revocation.MaxTicket, Problem: c.AboveForm(v, failed),
	}
	p.Action, p.Button = clientPath(one.ID)+"/enable", "Enable "+p.Row.Name
	if p.Disable {
		p.Action, p.Button = clientPath(one.ID)+"/disable", "Disable "+p.Row.Name
	}
	p.Shell = c.Shell(v, p.Button)
	return c.Page(v, status, views.ConfirmClient(p))
}

// tell answers with what came of a change.
func (c *Room) tell(v *request.Visit, one genesys.RegisteredClient, to string, act audit.Settled) error {
	err := act.Result.Err
	switch {
	case errors.Is(err, genesys.ErrUnauthorized):
		return respond.TellProblem(act, respond.Explain(err, v.Now()))
	case err != nil:
		failed := respond.Explain(err, v.Now())
		if act.Result.Outcome == audit.Unknown {
			failed = respond.Refuse(respond.ClientUnknown).Because(failed)
		}
		v.Log().Warn("a client was not changed", "code", failed.Code, "error", err.Error())
		failed = respond.TellProblem(act, failed)
		return c.showForm(v, failed.Status, one, to, nil, failed)
	case c.endsConsole(one, to):
		return c.Farewell(v, session.Farewell{
			Ending: session.ClientDisabled, At: act.Result.At, Region: v.Session.Region, CorrelationID: act.Result.CorrelationID,
			OpenEntry: act.OpenEntry(),
		})
	}
	notice := session.Notice{
		Tone: session.Good, Title: "The client is enabled", Text: "It may get tokens again. Tokens that were invalid stay invalid.",
		CorrelationID: act.Result.CorrelationID,
	}
	if to == genesys.ClientDisabled {
		notice.Title, notice.Text = "The client is disabled", "Its tokens are invalid, and it gets no new ones. Genesys Cloud confirmed."
	}
	if is, err := c.one(v); err == nil && is.State != to {
		notice.Tone, notice.Title = session.Warning, "The client is not in the state that you asked for"
		notice.Text = "Genesys Cloud confirmed the change, but now reports that the client is " + is.State + "."
	}
	if act.Unrecorded == nil {
		notice.Text += fmt.Sprintf(" It is entry %d on the record.", act.Asked.Seq)
	}
	return c.RedirectWith(v, clientPath(one.ID), respond.Tell(act, notice))
}
