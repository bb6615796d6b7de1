package respond

import (
	"errors"
	"net/http"
	"strconv"

	"tokenconsole/handlers/request"
	"tokenconsole/internal/genesys"
	"tokenconsole/views"
)

// Fail answers a visit that ended in err: it leads to the sign-in page if that
// is what is missing, ends the session of a dead token, and else tells the
// problem. A browser that gave up gets nothing.
func (a *Responder) Fail(v *request.Visit, err error) {
	if v.Abandoned() {
		v.Log().Debug("the browser gave up", "error", err.Error())
		return
	}
	if why := absenceOf(err); why != "" {
		a.leadToSignIn(v, why)
		return
	}
	p := a.explainTo(v, err)
	if p.Code == TokenInvalid && v.Passed {
		p = Refuse(TokenRenewed) // it gave way to the new one
	}
	if p.Code == TokenInvalid && v.SignedIn() {
		a.End(v)
		a.keepDraft(v)
	}
	level := v.Log().Info
	if p.Status >= 500 {
		level = v.Log().Warn
	}
	level("could not answer", "code", p.Code, "status", p.Status, "error", err.Error(), "correlation", p.CorrelationID)
	v.Problem = string(p.Code)
	p.SetHeaders(v.Writer.Header())
	if v.WantsJSON() {
		_ = a.JSON(v, p.Status, a.reply(v, p))
		return
	}
	shell := a.quietShell(v, p.Title)
	if path, ok := watched(v); ok && p.Status >= 500 {
		p.Meaning += " A batch that runs does not need this page: it goes on by itself."
		shell.Refresh = "15; url=" + path
	}
	page := views.ProblemPage(shell, a.View(v, p))
	if err := a.page(v, p.Status, page); err != nil {
		v.Log().Error("rendering a page failed", "error", err.Error())
		http.Error(v.Writer, "Something went wrong here. Request id: "+v.ID, http.StatusInternalServerError)
	}
}

// watched is the path of the batch whose page v asks for: somebody may be watching it.
func watched(v *request.Visit) (path string, ok bool) {
	switch v.Request.Pattern {
	case "/batches/{id}", "/batches/{id}/live":
		return BatchPath(v.Request.PathValue("id")), v.Request.Method == http.MethodGet
	}
	return "", false
}

// explainTo gives err its problem. To a session whose token is dead that is the problem, whatever else is wrong. While
// the platform or the console itself fails, nobody is asked about it: the page then shows nothing of the organization.
func (a *Responder) explainTo(v *request.Visit, err error) *Problem {
	p := Explain(err, v.Now())
	told := p.Status >= http.StatusInternalServerError || p.Code == TokenInvalid || p.Code == TokenRenewed || p.Code == RateLimited
	if !v.SignedIn() || v.Proven || v.Doubt != nil || told || a.Proofs.Knows(v) {
		return p
	}
	if dead := a.Proofs.ProveSoon(v); errors.Is(dead, genesys.ErrUnauthorized) {
		return Explain(dead, v.Now())
	}
	return p
}

// SetHeaders sets what belongs to the problem's status.
func (p *Problem) SetHeaders(h http.Header) {
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(p.RetryAfter.Seconds())))
	}
}

// machineReply is a problem for programs.
type machineReply struct {
	Code          Code   `json:"code"`
	Title         string `json:"title"`
	RequestID     string `json:"requestId"`
	CorrelationID string `json:"correlationId,omitempty"`
}

func (a *Responder) reply(v *request.Visit, p *Problem) machineReply {
	return machineReply{p.Code, p.Title, v.ID, p.CorrelationID}
}

// AboveForm is p as a page shows it above the form that it is about: without ways
// on, as the form is the way. The answer gets what belongs to the status of p. Nil is
// nothing.
func (a *Responder) AboveForm(v *request.Visit, p *Problem) *views.Problem {
	if p == nil {
		return nil
	}
	p.SetHeaders(v.Writer.Header())
	shown := a.View(v, p)
	shown.Actions = nil
	return &shown
}

// View is p as a page shows it to the person of v.
func (a *Responder) View(v *request.Visit, p *Problem) views.Problem {
	v.Problem = string(p.Code)
	return views.Problem{
		Code: string(p.Code), Title: p.Title, Meaning: p.Meaning, Next: p.Next, CorrelationID: p.CorrelationID,
		Actions: offered(v, p),
	}
}
