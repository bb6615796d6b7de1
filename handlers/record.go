package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/session"
)

// recordTimeout bounds the writing of an entry.
const recordTimeout = 5 * time.Second

// errNotRecorded stops what cannot go on the record.
var errNotRecorded = refuse(http.StatusServiceUnavailable, "The record cannot be written",
	"This console keeps a record of who did what and why, and could not write to it. Without a record nothing is done: nothing was changed.",
	"This is for whoever runs the console: look at its database and its disk.", toToken)

// entry begins what the record says of a request: who, where, from where.
func (s *Server) entry(r *http.Request, sess session.Session, action audit.Action) audit.Entry {
	return audit.Entry{
		Action:           action,
		Actor:            party(sess.Person),
		OrganizationID:   sess.Organization.ID,
		OrganizationName: sess.Organization.Name,
		Region:           sess.Region,
		RequestID:        requestID(r),
		ClientAddress:    about(r).client,
	}
}

func party(p session.Person) audit.Party {
	return audit.Party{ID: p.ID.String(), Name: p.Name, Email: p.Email}
}

// record puts e on the record. The browser giving up does not stop it.
func (s *Server) record(r *http.Request, e audit.Entry) (audit.Entry, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), recordTimeout)
	defer cancel()
	written, err := s.audit.Append(ctx, e)
	if err != nil {
		s.log.Error("the record could not be written", "request", requestID(r), "action", e.Action, "outcome", e.Outcome, "error", err.Error())
		return e, errNotRecorded
	}
	return written, nil
}

// ask records what is about to be asked of the platform. What is not on disk is
// not asked.
func (s *Server) ask(r *http.Request, e audit.Entry) (audit.Entry, error) {
	e.Outcome = audit.Asked
	return s.record(r, e)
}

// settle records what came of what was asked. If that fails, the entry stays
// visibly open.
func (s *Server) settle(r *http.Request, asked audit.Entry, receipt genesys.Receipt, err error) error {
	e := settled(asked, receipt, err)
	e.Asks = asked.Seq
	_, err = s.record(r, e)
	return err
}

// settled is e with its outcome: what a call of the platform returned.
func settled(e audit.Entry, receipt genesys.Receipt, err error) audit.Entry {
	e.PlatformStatus, e.CorrelationID = receipt.Status, receipt.CorrelationID
	if err != nil {
		e.CorrelationID = genesys.CorrelationID(err)
	}
	switch {
	case err == nil:
		e.Outcome = audit.Done
	case errors.Is(err, genesys.ErrUnauthorized) && (e.Action == audit.SignOut || e.Action == audit.DeleteInspected):
		// The bearer was to be deleted, and is dead: there is nothing left to do.
		e.Outcome = audit.Done
		e.Detail += ", which was not valid any more"
	case genesys.OutcomeUnknown(err):
		e.Outcome = audit.Unknown
	case e.PlatformStatus >= 400:
		e.Outcome = audit.Refused
	default:
		e.Outcome = audit.Failed
	}
	return e
}

// openEntry adds to the notice of what was done that its outcome could not be
// recorded, if so.
func openEntry(n session.Notice, asked audit.Entry, unrecorded error) session.Notice {
	if unrecorded != nil {
		n.Tone = session.Warning
		n.Text += staysOpen(asked)
	}
	return n
}

// openProblem is openEntry for what did not succeed.
func openProblem(p *problem, asked audit.Entry, unrecorded error) *problem {
	if unrecorded == nil {
		return p
	}
	open := *p
	open.Meaning += staysOpen(asked)
	return &open
}

func staysOpen(asked audit.Entry) string {
	return fmt.Sprintf(" That could not be put on the record: entry %d stays open. Tell whoever runs the console.", asked.Seq)
}
