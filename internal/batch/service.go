package batch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/playbook"
	"tokenconsole/internal/revocation"
)

// Errors to test for with errors.Is. Reasons and tickets that the policy does not allow are *revocation.FormError, and
// what cannot be put on the record is audit.ErrNotRecorded: nothing was done then.
var (
	ErrNotFound   = errors.New("there is no such batch in this organization")
	ErrState      = errors.New("the batch is in another state") // a *StateError, which tells it
	ErrCount      = errors.New("the number of people is not the one that was typed")
	ErrNobody     = errors.New("nobody is to be revoked")
	ErrTooMany    = errors.New("too many people for one batch")
	ErrPlans      = errors.New("too many plans that were not started")
	ErrSamePerson = errors.New("who prepared or started a batch cannot approve it")
	ErrRow        = errors.New("the row cannot be changed so")
	ErrSteps      = errors.New("there is no such playbook")
	ErrTyped      = errors.New("what has to be typed for the steps was not")
	ErrRegion     = errors.New("the batch belongs to another region")
	ErrPlan       = errContradicts // what the database holds of the batch is not what the record says
	ErrAway       = errors.New("the database does not answer")
)

// away is err of the database, at what the console was doing, as an ErrAway.
func away(doing string, err error) error { return fmt.Errorf("%s: %w: %w", doing, ErrAway, err) }

// StateError is an ErrState: what was asked cannot be done in this state, or somebody else changed it just now.
type StateError struct{ State State }

func (e *StateError) Error() string { return fmt.Sprintf("%v: %s", ErrState, e.State) }

// Is makes errors.Is find ErrState.
func (e *StateError) Is(target error) bool { return target == ErrState }

// By is who asks for something, and from where. Batches of other organizations do not exist for them. Whether they
// have the permission is the route's to check.
type By struct {
	Person       audit.Party
	Organization audit.Organization
	Region       string         // domain
	Token        genesys.Secret // for Start, Resume and TakeOver: the batch runs with it
	TokenExpires time.Time      // zero if the platform named none
	RequestID    string
	Address      string // the caller's
}

// Options are what a Service is made of.
type Options struct {
	DB          *database.DB
	Record      *audit.Log
	Revocations *revocation.Service
	Platform    *genesys.Platform
	Keys        [][]byte // the session keys, newest first: the first seals tokens, all open them
	Policy      Policy
	Log         *slog.Logger
	Now         func() time.Time
	Traced      Traced // nil for nobody to tell
}

// Traced does a job of the console's own and tells of it under its name.
type Traced func(ctx context.Context, name string, job func(context.Context))

// Policy is what the settings say about batches.
type Policy struct {
	RateShare      int           // percent of the platform's limit left to people working
	ApprovalOver   int           // more people than this need a second person's approval; 0 for never
	ApprovalWithin time.Duration // the approval expires after this
}

// Service prepares batches, answers about them and carries them out. It is safe for concurrent use, also by several
// processes on one database.
type Service struct {
	db          *database.DB
	record      *audit.Log
	revocations *revocation.Service
	playbooks   *playbook.Service
	platform    *genesys.Platform
	sealer      sealer
	policy      Policy
	log         *slog.Logger
	now         func() time.Time
	traced      Traced
	watchers    watchers
	turns       turns
	memory      memory
	engine      atomic.Pointer[engine] // nil unless this process carries batches out now
}

// New returns the batches that are kept in o.DB. Run carries them out.
func New(o Options) (*Service, error) {
	sealer, err := newSealer(o.Keys)
	if err != nil {
		return nil, err
	}
	s := &Service{
		db: o.DB, record: o.Record, revocations: o.Revocations,
		playbooks: &playbook.Service{Revocations: o.Revocations}, platform: o.Platform, sealer: sealer, policy: o.Policy,
		log: o.Log, now: o.Now, traced: o.Traced,
	}
	if s.traced == nil {
		s.traced = func(ctx context.Context, _ string, job func(context.Context)) { job(ctx) }
	}
	s.watchers.load = s.load
	return s, nil
}
