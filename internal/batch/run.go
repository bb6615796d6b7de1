package batch

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"time"

	"tokenconsole/internal/genesys"
	"tokenconsole/internal/playbook"
	"tokenconsole/internal/revocation"
)

const (
	// sliceFor is how long a job works on a batch before it wakes itself again.
	sliceFor = 5 * time.Second
	// leaseFor is how long others leave a batch alone after its worker was last heard of. It is renewed every
	// renewEvery: a worker that cannot do so for that long has died, or is cut off from the database.
	leaseFor   = 10 * time.Second
	renewEvery = time.Second
	// flushEvery is how often outcomes are written to the rows. They are on the record before.
	flushEvery = 250 * time.Millisecond
	// together is how many people the platform is asked about at the same time, if the limit lets it.
	together = 8
	// tryAgain is when a batch goes on that the database kept from going on.
	tryAgain = 2 * time.Second
)

// slice is a few seconds of work on one batch. Only its own goroutine uses it; calls land in a channel.
type slice struct {
	*Service
	b      row    // as of the last flush
	course course // what the record lets it do
	plan   stored
	token  genesys.Secret
	client *genesys.Client
	ends   time.Time
	pace   pacer

	claimed []Person     // asked by their row, not begun yet
	flying  int          // calls under way
	landed  chan landing // what came of them
	settled []Person     // to be written by the next flush
	flushed time.Time

	next struct { // what the last flush found to be done next
		lookUp   []Person  // read their evidence before
		evidence []Person  // read their evidence again
		due      time.Time // of the first who waits to be asked again
		finished bool
	}
	asking   bool   // about the evidence of many
	answered bool   // the platform has given a usable answer in this slice
	failures int    // calls since without one
	stop     bool   // begin nothing more
	problem  string // pause for this reason
	waits    string // for what, and until when
	until    time.Time
}

// landing is what came of a call.
type landing struct {
	person revoked
	looked *lookedUp
}

type revoked struct {
	Person
	report revocation.Report
	ran    *playbook.Report // in a batch with steps, instead of report
	lost   bool             // others have the batch: what came of the rest is theirs to find out
	err    error
	fenced bool // not asked: the batch is not ours, or does not run any more
	other  bool // not asked: the row is not the one that the plan has there
}

// work carries on with a batch for a few seconds. It returns when to go on, or false if there is nothing more to do or
// somebody else is at work.
func (s *Service) work(ctx context.Context, id string) (again time.Duration, more bool) {
	b, ok, err := s.claim(ctx, id, rand.Text())
	if err != nil {
		s.log.Warn("a batch could not be claimed", "batch", id, "error", err.Error())
		return tryAgain, !errors.Is(err, ErrNotFound)
	}
	if !ok {
		return 0, false // whoever has it wakes itself, and a lapsed claim is found by the waker
	}
	again, err = s.carryOn(ctx, b)
	if err != nil {
		s.log.Warn("a batch does not go on just now", "batch", id, "error", err.Error())
		again = tryAgain
	}
	state, err := s.release(ctx, b, again)
	if err != nil {
		s.log.Warn("a batch could not be given back", "batch", id, "error", err.Error())
		return leaseFor, true
	}
	return again, state == Running
}

// carryOn works on a claimed batch and returns when to go on.
func (s *Service) carryOn(ctx context.Context, b row) (time.Duration, error) {
	var c course
	var plan stored
	err := s.withActs(ctx, b.Batch, func(a *acts) (err error) {
		if err := s.reconcile(ctx, &b, a); err != nil || b.State != Running {
			return err
		}
		c, plan, err = s.permitted(ctx, b, a)
		return err
	})
	switch {
	case b.State != Running && err == nil:
		return 0, s.endIdle(ctx, b)
	case b.State != Running:
		return 0, err
	case errors.Is(err, errContradicts):
		return s.contradicted(ctx, b, c, err)
	case err != nil:
		return 0, err
	}
	b = c.over(b)
	token, err := s.sealer.open(b.token, sealedFor{b.ID, b.RunBy.ID, b.setGoing})
	if err != nil && len(b.token) > 0 {
		return s.contradicted(ctx, b, c, &DiffersError{RowUnreadable, []string{"the sealed token"}})
	}
	client := s.platform.Client(b.Region)
	if err != nil || client == nil || !b.tokenExpires.IsZero() && !s.now().Before(b.tokenExpires) {
		return 0, s.pause(ctx, b, string(genesys.TokenInvalid))
	}
	sl := &slice{
		Service: s, b: b, course: c, plan: plan, token: token, client: client, ends: time.Now().Add(sliceFor), landed: make(chan landing, together+1),
		pace: pacer{client: client, token: token, share: s.policy.RateShare, each: b.Calls()},
	}
	if sl.returnToPlatform(ctx) {
		sl.run(ctx)
	}
	return sl.conclude(ctx)
}

// contradicted stops a batch of which the database says something else than the record.
func (s *Service) contradicted(ctx context.Context, b row, c course, why error) (time.Duration, error) {
	switch {
	case c.state != "" && c.state != Running && c.unsettled(s.now()):
		return tryAgain, nil // its row follows in a moment
	case c.state != "" && c.state != Running:
		return 0, s.follow(ctx, b, c)
	case errors.Is(why, errUnprepared):
		return 0, s.disown(ctx, b, why)
	}
	problem, words := PlanChanged, ""
	if differs, ok := errors.AsType[*DiffersError](why); ok {
		problem, words = differs.Problem, "The database differs from the record in: "+differs.Words()
	}
	s.log.Error("a batch is stopped", "batch", b.ID, "error", why.Error())
	return 0, s.pauseSaying(ctx, b, problem, words)
}

// disown pauses a batch of which the record knows nothing under its organization. There is nothing to sign about it: the
// entry would stand on the record of an organization that somebody wrote into the row.
func (s *Service) disown(ctx context.Context, b row, why error) error {
	s.log.Error("a batch is stopped", "batch", b.ID, "error", why.Error())
	_, err := s.modify(ctx, b.ID, func(tx *sql.Tx, now *row) error {
		if now.State != Running {
			return nil
		}
		now.State, now.Problem = Paused, RowDiffers
		return s.settle(ctx, tx, now, s.moment())
	})
	return err
}

// run works until the slice is over, nothing is left to do, or something stands in the way. What is under way is seen
// through.
func (sl *slice) run(ctx context.Context) {
	for {
		sl.collect()
		if sl.flushDue() {
			if err := sl.flush(ctx); err != nil {
				sl.log.Warn("the progress of a batch could not be written", "batch", sl.b.ID, "error", err.Error())
				sl.stopFor(Record, time.Now().Add(tryAgain))
			}
		}
		over := sl.over(ctx)
		if over && sl.flying == 0 {
			return
		}
		wait := flushEvery
		if !over {
			wait = min(wait, sl.dispatch(ctx))
		}
		sl.await(ctx, wait, over)
	}
}

func (sl *slice) over(ctx context.Context) bool {
	return sl.stop || sl.next.finished || ctx.Err() != nil || !time.Now().Before(sl.ends)
}

// await waits for a call to land, but not for long.
func (sl *slice) await(ctx context.Context, wait time.Duration, over bool) {
	timer := time.NewTimer(max(wait, time.Millisecond))
	defer timer.Stop()
	done := ctx.Done()
	if over {
		done = nil // it is known already
	}
	select {
	case l := <-sl.landed:
		sl.land(l)
	case <-timer.C:
	case <-done:
	}
}

// collect takes what has landed.
func (sl *slice) collect() {
	for {
		select {
		case l := <-sl.landed:
			sl.land(l)
		default:
			return
		}
	}
}

func (sl *slice) land(l landing) {
	sl.flying--
	if l.looked != nil {
		sl.asking = false
		sl.landLookedUp(*l.looked)
		return
	}
	sl.landPerson(l.person)
}

// stopFor ends the slice: the batch waits for something until then.
func (sl *slice) stopFor(why string, until time.Time) {
	sl.stop, sl.waits, sl.until = true, why, until
}

// conclude writes what is left and brings the batch into its next state, if it has come to that. It returns when to go on.
func (sl *slice) conclude(ctx context.Context) (time.Duration, error) {
	ctx = context.WithoutCancel(ctx)
	if err := sl.flush(ctx); err != nil {
		return 0, err
	}
	switch {
	case sl.b.State != Running:
		return 0, sl.endIdle(ctx, sl.b)
	case sl.problem == PlanChanged, sl.problem == RowUnreadable, sl.problem != "" && !sl.b.idle():
		return 0, sl.pause(ctx, sl.b, sl.problem)
	case sl.next.finished, sl.problem != "":
		crooked, err := sl.straighten(ctx, sl.b)
		if errors.Is(err, errContradicts) {
			return sl.contradicted(ctx, sl.b, sl.course, err)
		}
		if err != nil || crooked > 0 {
			return 0, err
		}
		return 0, sl.finish(ctx, sl.b)
	}
	wait := time.Until(sl.until)
	if sl.waits == RateLimit {
		wait -= sliceFor // jobs are woken up to that much late
	}
	return max(0, wait), nil
}

// pause stops a batch by itself and says why. That a person was faster is no error.
func (s *Service) pause(ctx context.Context, b row, problem string) error {
	return s.pauseSaying(ctx, b, problem, "")
}

// pauseSaying is pause with words for the record.
func (s *Service) pauseSaying(ctx context.Context, b row, problem, words string) error {
	b.Problem, b.Reason, b.Ticket = problem, words, ""
	_, err := s.move(ctx, console, b, Paused, nil)
	if errors.Is(err, ErrState) {
		return nil
	}
	return err
}

// idle reports whether nobody is left to be asked about. A batch has no reason to be paused then: it is over.
func (b row) idle() bool { return b.Counts.Waiting+b.Counts.Asked == 0 && b.Counts.Settled() > 0 }

// endIdle ends a paused batch in which nobody is left to be asked about, if the record says so, too.
func (s *Service) endIdle(ctx context.Context, b row) error {
	if b.State != Paused || !b.idle() {
		return nil
	}
	h, err := s.believe(ctx, b)
	if err == nil {
		var crooked int
		if crooked, err = s.straighten(ctx, b); err == nil && crooked == 0 {
			return s.finish(ctx, h.course.over(b))
		}
	}
	if errors.Is(err, errContradicts) {
		return nil // it stays paused: whoever looks at it is told
	}
	return err
}

// finish ends a batch in which nobody is left. Who was skipped because they were in an interaction has not failed.
func (s *Service) finish(ctx context.Context, b row) error {
	to := Done
	if b.Counts.Failed+b.Counts.Unknown > 0 {
		to = DoneWithFailures
	}
	b.Problem, b.Reason, b.Ticket = "", "", ""
	_, err := s.move(ctx, console, b, to, nil)
	if errors.Is(err, ErrState) {
		return nil
	}
	return err
}
