// Package revocation ends a person's tokens (DeleteToken). Pages, batches and
// the command line all revoke through it, so that it is done the same way by
// everybody:
//
//	Order ──► look the person up ──► policy ──► asked, on the record
//	                                                │
//	Report ◄── evidence, on the record ◄── outcome, on the record ◄── DeleteToken
//
// What the policy does not allow, or cannot be put on the record, is not done.
package revocation

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
)

// evidenceTimeout bounds what is asked about a person on the way to something
// more important.
const evidenceTimeout = 3 * time.Second

// Order is a revocation that somebody wants: who acts, with what token, about which
// person, and why.
type Order struct {
	Region       string         // domain
	Token        genesys.Secret // of who acts
	Actor        audit.Party
	Organization audit.Organization
	Subject      genesys.UserID
	Chosen       string // one of the reasons to choose from, "" for none
	Reason       string // in words, at most MaxReason characters; required unless one was chosen
	Ticket       string // one line of at most MaxTicket characters
	RequestID    string
	Address      string // the caller's
	Batch        string // the batch that it belongs to, "" for none
	Approval     int64  // the entry that approved it, 0 for none
	Within       int64  // the entry that asked for the playbook that it is a step of, 0 for none
	Typed        string // what was typed to name a protected person: see Protected

	// Known is the person as they were looked up before. The order then takes no call but the revocation: callers with
	// many people read the evidence of all of them at once. Nil to have both done for this person alone.
	Known *Subject
	// Follow has the evidence read again all the same.
	Follow bool
}

// Check holds o to the policy: every act has a reason in words, or one that was chosen. It returns nil or a *FormError.
func (o Order) Check() error { return check(o.Chosen, o.Reason, o.Ticket) }

// Entry begins what the record says of an act of o on a person: who acts, on which person, why, and from where.
func (o Order) Entry(action audit.Action, on genesys.User) audit.Entry {
	return audit.Entry{
		Action: action, Actor: o.Actor, Organization: o.Organization, Region: o.Region,
		Subject: audit.Party{ID: on.ID.String(), Name: on.Name, Email: on.Email},
		Reason:  reasonOf(o.Chosen, o.Reason), Ticket: o.Ticket,
		Batch: o.Batch, Approval: o.Approval, Within: o.Within, RequestID: o.RequestID, Address: o.Address,
	}
}

// Subject is the person of an order, as far as the platform tells.
type Subject struct {
	genesys.User
	Unknown error     // why nothing but the id is known; nil if more is
	ReadAt  time.Time // when the platform told it, if that was not just now
}

// Report is what came of an order.
type Report struct {
	Subject  Subject
	Act      audit.Settled  // on the record; its Result says how the platform answered
	Evidence audit.Evidence // before and, if it could be read again, after
}

// Service carries out orders. It is safe for concurrent use.
type Service struct {
	Platform  *genesys.Platform
	Record    *audit.Log
	Sessions  Sessions
	Protected Protected
	Log       *slog.Logger
	Now       func() time.Time
}

// Sessions are the console's own: they end with the tokens of their person.
type Sessions interface {
	EndPerson(ctx context.Context, id genesys.UserID) error
}

// Revoke carries out o. It returns an error if nothing was done: a *FormError, ErrProtected,
// genesys.ErrUnauthorized or genesys.ErrAnotherUser from looking the person up,
// or audit.ErrNotRecorded. What the platform answered is in the Report.
//
// Once it is on the record a revocation is seen through, even if ctx ends.
func (s *Service) Revoke(ctx context.Context, o Order) (Report, error) {
	subject, err := s.Person(ctx, o)
	if err != nil {
		return Report{}, err
	}
	report := Report{Subject: subject}
	if err := o.Check(); err != nil {
		return report, err
	}
	report.Evidence = audit.Evidence{TokenIssuedBefore: subject.LastTokenIssued.DateIssued, ReadAt: s.Now()}
	if !subject.ReadAt.IsZero() {
		report.Evidence.ReadAt = subject.ReadAt
	}
	spare := s.Protected.Spares(o, subject)
	if spare && o.Batch == "" {
		return report, ErrProtected
	}
	client := s.Platform.Client(o.Region)
	report.Act, err = s.Record.Undertake(ctx, s.entry(o, report), func(ctx context.Context) audit.Result {
		if spare {
			return spared()
		}
		return audit.ResultOf(client.DeleteToken(ctx, o.Token, o.Subject))
	})
	if err != nil {
		return report, err
	}
	if report.Act.Result.Outcome == audit.Done {
		s.endSessions(ctx, o.Subject)
		if o.Known == nil || o.Follow {
			s.readAgain(ctx, o, &report)
		}
	}
	return report, nil
}

// Person returns the person of o: o.Known, or else what the platform tells about them.
func (s *Service) Person(ctx context.Context, o Order) (Subject, error) {
	if o.Known != nil {
		return *o.Known, nil
	}
	return s.LookUp(ctx, o.Region, o.Token, o.Subject)
}

// LookUp returns what the platform tells about id, which may be no more than the
// id. A dead token and an answer about somebody else are errors.
func (s *Service) LookUp(ctx context.Context, region string, token genesys.Secret, id genesys.UserID) (Subject, error) {
	ctx, cancel := context.WithTimeout(ctx, evidenceTimeout)
	defer cancel()
	u, err := s.Platform.Client(region).GetUser(ctx, token, id)
	switch {
	case err == nil:
		return Subject{User: u}, nil
	case errors.Is(err, genesys.ErrUnauthorized), errors.Is(err, genesys.ErrAnotherUser):
		return Subject{}, err
	}
	s.Log.Info("a person could not be looked up", "person", id.String(), "error", err.Error())
	return Subject{User: genesys.User{ID: id}, Unknown: err}, nil
}

// entry says on the record what is to be done, about which person, and why.
func (s *Service) entry(o Order, r Report) audit.Entry {
	e := o.Entry(audit.Revoke, r.Subject.User)
	e.Evidence = r.Evidence
	return e
}

// endSessions ends the person's sessions at this console, at once. Their token is
// dead, so that without this they end with the next proof of it.
func (s *Service) endSessions(ctx context.Context, id genesys.UserID) {
	if err := s.Sessions.EndPerson(ctx, id); err != nil {
		s.Log.Error("the console's own sessions of a person could not be ended", "person", id.String(), "error", err.Error())
	}
}

// readAgain asks for the evidence once more after a revocation and puts it on
// the record. Nothing hangs on it: without it the proof is what it was before.
func (s *Service) readAgain(ctx context.Context, o Order, r *Report) {
	if o.Subject.String() == o.Actor.ID {
		return // the token that would ask is dead
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), evidenceTimeout)
	defer cancel()
	u, err := s.Platform.Client(o.Region).GetUser(ctx, o.Token, o.Subject)
	if err != nil {
		s.Log.Info("the evidence could not be read again", "person", o.Subject.String(), "error", err.Error())
		return
	}
	r.Evidence.TokenIssuedAfter, r.Evidence.ReadAt = u.LastTokenIssued.DateIssued, s.Now()
	if err := s.RecordEvidence(ctx, o, *r); err != nil {
		s.Log.Error("the evidence could not be recorded", "about", r.Act.Asked.Seq, "error", err.Error())
	}
}

// RecordEvidence puts on the record what was read about the person of a revocation after it, r.Evidence. The act is that
// of r.Act.Asked.
func (s *Service) RecordEvidence(ctx context.Context, o Order, r Report) error {
	e := s.entry(o, r)
	e.Action, e.Outcome, e.About = audit.ReadEvidence, audit.Done, r.Act.Asked.Seq
	e.Reason, e.Ticket = "", ""
	_, err := s.Record.Append(ctx, e)
	return err
}
