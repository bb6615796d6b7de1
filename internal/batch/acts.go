package batch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/playbook"
)

// acts are what the signed entries of a batch say of it. What a batch does follows from these alone: its row and those of
// its people say what is to be done next, and whoever can write the database can write them.
type acts struct {
	reader   *audit.BatchReader
	prepared []step // the plan and each change of it, oldest first
	changes  []step
	people   map[string]*told // by id
}

// step is something that was done to a batch, or at least asked.
type step struct {
	audit.Entry
	outcome audit.Outcome // audit.Asked while there is none
}

// told is what the record says of one person of a batch.
type told struct {
	tries   int
	ask     brief        // the entry that asked last
	outcome brief        // its outcome; Seq is 0 while there is none
	open    *audit.Entry // the entry that asked last, while there is no outcome
	unclear bool         // one of the tries may have worked, and nobody knows

	steps map[playbook.Step]*told // the same of each step besides the tokens
}

// brief is what stays in memory of an entry about a person: a batch has tens of thousands of them.
type brief struct {
	Seq, Count                         int64
	At                                 time.Time
	Outcome                            audit.Outcome
	Problem, Permission, CorrelationID string
	PlatformStatus                     int
	Actor                              string // id
}

func briefly(e audit.Entry) brief {
	return brief{e.Seq, e.Count, e.At, e.Outcome, e.Problem, e.Permission, e.CorrelationID, e.PlatformStatus, e.Actor.ID}
}

// read takes in what was recorded since the last time.
func (a *acts) read(ctx context.Context) error {
	return a.reader.Read(ctx, a.take)
}

// take takes in the next entry.
func (a *acts) take(e audit.Entry) {
	switch e.Action {
	case audit.PrepareBatch:
		a.prepared = taken(a.prepared, e)
	case audit.ChangeBatch:
		a.changes = taken(a.changes, e)
	case audit.Revoke:
		a.person(e.Subject.ID).tell(e)
	default:
		if s, ok := playbook.StepOf(e.Action); ok {
			a.person(e.Subject.ID).step(s).tell(e)
		}
	}
}

// taken is steps with what e says: it asks for something, or says what came of it. What was refused was not done.
func taken(steps []step, e audit.Entry) []step {
	if e.Outcome == audit.Asked {
		return append(steps, step{e, audit.Asked})
	}
	for i := range steps {
		if steps[i].Seq != e.Closes {
			continue
		}
		if e.Outcome == audit.Refused || e.Outcome == audit.Failed {
			return append(steps[:i:i], steps[i+1:]...)
		}
		steps[i].outcome = e.Outcome
	}
	return steps
}

// person is what the record says of somebody, to be added to.
func (a *acts) person(id string) *told {
	if a.people[id] == nil {
		a.people[id] = &told{}
	}
	return a.people[id]
}

// step is what the record says of one step about t, to be added to.
func (t *told) step(s playbook.Step) *told {
	if t.steps == nil {
		t.steps = map[playbook.Step]*told{}
	}
	if t.steps[s] == nil {
		t.steps[s] = &told{}
	}
	return t.steps[s]
}

func (t *told) tell(e audit.Entry) {
	switch {
	case e.Outcome == audit.Asked:
		t.tries++
		t.ask, t.outcome, t.open = briefly(e), brief{}, &e
	case e.Closes == t.ask.Seq:
		t.outcome, t.open = briefly(e), nil
	}
	switch e.Outcome {
	case audit.Unknown:
		t.unclear = true
	case audit.Done:
		t.unclear = false
	}
}

// course is what the record says that happened to a batch: who started it, with whose token it runs, who approved it, and
// in which state it is.
type course struct {
	state    State
	latest   step
	start    audit.Entry // Seq is 0 before the start
	approval audit.Entry // Seq is 0 if nobody approved it
	decision audit.Entry // the approval, or that it was declined; Seq is 0 without
	setGoing audit.Entry // the start, or the last time it was resumed or taken over: with this person's token it runs
	before   *course     // without the latest change; nil if there was none
}

// course follows the changes from state to state. One that has no clear outcome happened if the next one goes on from it.
func (a *acts) course() (course, error) {
	if len(a.prepared) == 0 || a.prepared[0].Change != (audit.Change{}) {
		return course{}, fmt.Errorf("%w: %w", errContradicts, errUnprepared)
	}
	c := course{state: Prepared, latest: a.prepared[0]}
	for _, s := range a.changes {
		from := State(s.Change.From)
		if from != c.state && c.before != nil && from == c.before.state && c.latest.outcome != audit.Done {
			c = *c.before // the last one did not happen
		}
		switch {
		case from == c.state:
			c = c.after(s)
		case s.outcome == audit.Done:
			return course{}, fmt.Errorf("%w: entry %d changes it from %s, and it was %s", errContradicts, s.Seq, from, c.state)
		}
	}
	return c, nil
}

func (c course) after(s step) course {
	before := c
	before.before = nil
	switch from, to := c.state, State(s.Change.To); {
	case from == Prepared && (to == Running || to == WaitingApproval):
		c.start, c.setGoing = s.Entry, s.Entry
	case from == WaitingApproval && to == Running:
		c.approval, c.decision = s.Entry, s.Entry
	case from == WaitingApproval && to == Cancelled && s.Reason != "":
		c.decision = s.Entry
	case from == Paused && to == Running:
		c.setGoing = s.Entry
	}
	c.state, c.latest, c.before = State(s.Change.To), s, &before
	return c
}

// errUnprepared says that the record knows nothing of a batch of that organization.
var errUnprepared = errors.New("its preparation is not on the record")

// errContradicts says that what the database holds of a batch is not what the record says.
var errContradicts = errors.New("the batch is not as the record has it")

// plans are the hashes that the plan may have: that of the last change of it that is known to have been made, and of
// later ones that may have been.
func (a *acts) plans() map[string]bool {
	hashes := map[string]bool{}
	for _, s := range a.prepared {
		if s.outcome == audit.Done {
			clear(hashes)
		}
		hashes[s.Plan] = true
	}
	return hashes
}

// steps are what is done about each person besides the tokens, by the entry that started the batch.
func (a *acts) steps() []playbook.Step {
	c, err := a.course()
	if err != nil {
		return nil // and so nothing is done
	}
	return Batch{Steps: playbook.Parse(c.start.Steps)}.Beside()
}

// tried are the ids of the people of whom something was asked.
func (a *acts) tried() map[string]bool {
	ids := map[string]bool{}
	for id, t := range a.people {
		if t.tries > 0 || len(t.steps) > 0 {
			ids[id] = true
		}
	}
	return ids
}

// planned reports whether the person has made the plan, or a part of it.
func (a *acts) planned(id string) bool {
	for _, s := range a.prepared {
		if s.Actor.ID == id {
			return true
		}
	}
	return false
}

// unsettled reports whether the latest change was asked for just now, so that its outcome is still to come.
func (c course) unsettled(now time.Time) bool {
	return c.latest.outcome == audit.Asked && now.Sub(c.latest.At) < leaseFor
}

// withActs calls do with what the record says of a batch now, and lets nobody else read on meanwhile. It is an
// errContradicts if the record knows no such batch.
func (s *Service) withActs(ctx context.Context, b Batch, do func(*acts) error) error {
	r := s.memory.of(b.ID)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.acts == nil || r.organization != b.Organization.ID {
		r.organization = b.Organization.ID
		r.acts = &acts{reader: s.record.ReadBatch(b.Organization.ID, b.ID), people: map[string]*told{}}
	}
	err := r.acts.read(ctx)
	if errors.Is(err, audit.ErrNotFound) {
		err = fmt.Errorf("%w: %w: %w", errContradicts, errUnprepared, err)
	} else if err != nil && !errors.Is(err, audit.ErrBroken) {
		err = away("reading the entries of a batch", err)
	}
	if err == nil {
		err = do(r.acts)
	}
	_, differs := errors.AsType[*DiffersError](err) // which says nothing against what was read of the record
	if err != nil && !differs || b.State.Over() {
		s.memory.forget(b.ID)
	}
	return err
}

// memory keeps the acts of a few batches, so that each entry is read once.
type memory struct {
	mu sync.Mutex
	by map[string]*remembered
}

type remembered struct {
	mu           sync.Mutex
	organization string
	acts         *acts
}

// mostRemembered is more batches than ever run at the same time.
const mostRemembered = 2 * manyJobs

func (m *memory) of(id string) *remembered {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.by == nil || len(m.by) >= mostRemembered && m.by[id] == nil {
		m.by = map[string]*remembered{}
	}
	if m.by[id] == nil {
		m.by[id] = &remembered{}
	}
	return m.by[id]
}

func (m *memory) forget(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.by, id)
}
