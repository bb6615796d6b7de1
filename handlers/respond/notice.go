package respond

import (
	"fmt"

	"tokenconsole/handlers/request"
	"tokenconsole/internal/audit"
	"tokenconsole/session"
)

// Tell adds to the notice of what was done that its outcome could not be
// recorded, if so.
func Tell(act audit.Settled, n session.Notice) session.Notice {
	if act.Unrecorded != nil {
		n.Tone = session.Warning
		n.Text += " " + OpenEntry(act.Asked.Seq)
	}
	return n
}

// TellProblem is Tell for what did not succeed.
func TellProblem(act audit.Settled, p *Problem) *Problem {
	if act.Unrecorded != nil {
		p.Meaning += " " + OpenEntry(act.Asked.Seq)
	}
	return p
}

// OpenEntry says that the outcome of the act that entry seq began is not on the
// record.
func OpenEntry(seq int64) string {
	return fmt.Sprintf("The outcome could not be put on the record: entry %d stays open. Tell whoever runs the console.", seq)
}

// End ends the session of v, here and at every replica, and reports whether that is written down. If not, this process
// holds to it, and writes it as soon as the database takes it.
func (a *Responder) End(v *request.Visit) (written bool) {
	err := a.Sessions.End(v.Writer, v.Request, v.Session)
	if err != nil {
		v.Log().Error("the end of a session is not written down yet", "error", err.Error())
	}
	v.Session = session.Session{}
	return err == nil
}

// EndSession ends the session of v, and leaves farewell for the signed-out page.
func (a *Responder) EndSession(v *request.Visit, farewell session.Farewell) error {
	farewell.Unwritten = !a.End(v)
	// Pages of the session that the browser kept for Back and Forward.
	v.Writer.Header().Set("Clear-Site-Data", `"cache"`)
	return a.Sessions.SayFarewell(v.Writer, v.Request, farewell)
}

// Farewell ends the session of a person who has ended their own token, and leads
// to the page that says what came of it.
func (a *Responder) Farewell(v *request.Visit, farewell session.Farewell) error {
	if err := a.EndSession(v, farewell); err != nil {
		return err
	}
	return a.Redirect(v, "/signed-out")
}
