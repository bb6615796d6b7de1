package playbook

import (
	"context"
	"errors"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/revocation"
)

// What a playbook may take. Its longest, with the look-up and a revocation that time
// out too, must end before a console that shuts down stops waiting.
const (
	stepTimeout = 4 * time.Second // for one step
	allTimeout  = 8 * time.Second // for all steps but the tokens
)

// Order is a playbook that somebody wants: who acts, on which person, why, and what.
type Order struct {
	revocation.Order
	Book  Book
	Steps []Step // from Book.Pick
	Begun bool   // some of it was done before, so that they are not spared for being in an interaction
	// GoOn is asked between two steps whether to go on; nil for always.
	GoOn func() bool
}

// Problems of a playbook, beside those of calls.
const (
	Busy        = "in-interaction"   // nothing was done, because they are in one
	NoTime      = "no-time-left"     // for the steps that were not tried
	NoPresence  = "presence-missing" // the organization has no presence that means Offline
	Unrecorded  = "record-unwritable"
	Interrupted = "interrupted" // Order.GoOn said so

	// Of steps that count as done because nothing was to be done.
	AlreadyInactive = "already-inactive"
	AlreadyDeleted  = "already-deleted"
)

// Errors of orders that nothing is done about.
var (
	ErrNoSteps = errors.New("a playbook without a step")
	// ErrOneself: nobody runs a playbook on themselves. Once their own tokens are gone they can do nothing more.
	ErrOneself = errors.New("a playbook on oneself")
)

// Taken is a step that was taken, as the record has it.
type Taken struct {
	Step Step
	Act  audit.Settled
}

// Report is what came of an order.
type Report struct {
	Subject revocation.Subject
	Act     audit.Settled // the playbook's own; its Asked.Seq names the sheet
	Taken   []Taken       // in order; steps that were not tried are missing
	Stopped string        // why the rest was not tried; "" if all were
}

// Service runs playbooks. It is safe for concurrent use.
type Service struct{ Revocations *revocation.Service }

// Run carries out o. It returns an error if nothing was done: ErrNoSteps, ErrOneself,
// and those of revocation.Service.Revoke. What came of each step is in the Report and
// on the record.
//
// Once it is on the record a playbook is seen through, even if ctx ends.
func (s *Service) Run(ctx context.Context, o Order) (Report, error) {
	switch {
	case len(o.Steps) == 0:
		return Report{}, ErrNoSteps
	case o.Subject.String() == o.Actor.ID:
		return Report{}, ErrOneself
	}
	subject, err := s.Revocations.Person(ctx, o.Order)
	if err != nil {
		return Report{}, err
	}
	report := Report{Subject: subject}
	if err := o.Check(); err != nil {
		return report, err
	}
	asked := o.Entry(audit.RunPlaybook, subject.User)
	asked.Playbook, asked.Steps = o.Book.Name, Names(o.Steps)
	if s.Revocations.Protected.Spares(o.Order, subject) {
		return report, revocation.ErrProtected
	}
	report.Act, err = s.Revocations.Record.UndertakeKnowing(ctx, asked, func(ctx context.Context, asked audit.Entry) audit.Result {
		if r, spared := o.spare(subject); spared {
			return r
		}
		o.Within = asked.Seq
		report.Taken, report.Stopped = s.take(ctx, o, subject, allTimeout)
		return sum(report.Taken, report.Stopped)
	})
	return report, err
}

// spare says that nothing is to be done, because they are in an interaction or nobody
// can tell.
func (o Order) spare(subject revocation.Subject) (audit.Result, bool) {
	switch {
	case !o.Book.SparesBusy, o.Begun:
	case subject.Unknown != nil:
		r := unread(subject.Unknown)
		r.Outcome = audit.Failed
		return r, true
	case subject.Busy():
		return audit.Result{Outcome: audit.Refused, Problem: Busy}, true
	}
	return audit.Result{}, false
}

// take takes the steps of o, all but the tokens in the time that is left, and says what
// made it stop; "" if they were all tried.
func (s *Service) take(
	ctx context.Context, o Order, subject revocation.Subject, left time.Duration,
) (taken []Taken, stopped string) {
	for i, step := range o.Steps {
		if i > 0 && o.GoOn != nil && !o.GoOn() {
			return taken, Interrupted
		}
		if step != Tokens && left <= 0 {
			stopped = NoTime
			continue // the tokens have a time of their own
		}
		began := time.Now()
		act, err := s.step(ctx, step, o, subject, min(left, stepTimeout))
		if step != Tokens {
			left -= time.Since(began)
		}
		if err != nil {
			return taken, Unrecorded // and so it would be for every other step
		}
		taken = append(taken, Taken{step, act})
		if errors.Is(act.Result.Err, genesys.ErrUnauthorized) {
			return taken, string(genesys.TokenInvalid)
		}
	}
	return taken, stopped
}

// step takes one step, and puts it on the record.
func (s *Service) step(ctx context.Context, step Step, o Order, subject revocation.Subject, limit time.Duration) (audit.Settled, error) {
	if step == Tokens {
		order := o.Order
		order.Known, order.Follow = &subject, o.Batch == ""
		report, err := s.Revocations.Revoke(ctx, order)
		return report.Act, err
	}
	return s.Revocations.Record.Undertake(ctx, o.Entry(step.action(), subject.User), func(ctx context.Context) audit.Result {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		return call(step)(ctx, s.Revocations.Platform.Client(o.Region), o.Token, subject)
	})
}

// sum says what came of it all: done if every step is, unknown if one is, refused if
// nothing changed.
func sum(taken []Taken, stopped string) audit.Result {
	r := audit.Result{Outcome: audit.Done, Problem: stopped}
	if stopped != "" {
		r.Outcome = audit.Failed
	}
	refused := 0
	for _, t := range taken {
		switch t.Act.Result.Outcome {
		case audit.Done:
			r.Count++
		case audit.Refused:
			refused++
			r.Outcome = worse(r.Outcome, audit.Failed)
		default:
			r.Outcome = worse(r.Outcome, t.Act.Result.Outcome)
		}
	}
	if refused > 0 && refused == len(taken) {
		r.Outcome = audit.Refused
	}
	return r
}

func worse(a, b audit.Outcome) audit.Outcome {
	if a == audit.Unknown || b == audit.Unknown {
		return audit.Unknown
	}
	return b
}
