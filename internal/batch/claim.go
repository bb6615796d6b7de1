package batch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/playbook"
)

// claim takes a batch for a worker, unless another one has it. A batch that does not run any more is taken, too, to see
// to whom its last worker left behind.
func (s *Service) claim(ctx context.Context, id, runner string) (row, bool, error) {
	const claim = `UPDATE batches SET runner = ?, runner_until = ? WHERE id = ? AND (runner = '' OR runner_until < ?)
		AND (runner <> '' OR state = ?)`
	now := s.now()
	ctx, cancel := context.WithTimeout(ctx, writeFor)
	defer cancel()
	result, err := s.db.ExecContext(ctx, s.db.Rebind(claim), runner, millis(now.Add(leaseFor)), id, millis(now), Running)
	if err != nil {
		return row{}, false, away("claiming a batch", err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return row{}, false, err
	}
	b, err := s.load(ctx, id)
	return b, err == nil && b.runner == runner, err
}

// holds reports whether b runs and is still its worker's.
func (s *Service) holds(ctx context.Context, b row) (bool, error) {
	state, mine, err := s.mine(ctx, b)
	return mine && state == Running, err
}

// mine reports whether b is still its worker's, and in which state it is then: whoever set it going since did so with
// another entry.
func (s *Service) mine(ctx context.Context, b row) (state State, mine bool, err error) {
	const query = `SELECT state FROM batches WHERE id = ? AND runner = ? AND runner_until > ? AND set_going = ?`
	err = s.db.QueryRowContext(ctx, s.db.Rebind(query), b.ID, b.runner, millis(s.now()), b.setGoing).Scan(&state)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", false, nil
	case err != nil:
		return "", false, away("asking whose a batch is", err)
	}
	return state, true, nil
}

// release gives a batch back and returns its state.
func (s *Service) release(ctx context.Context, b row, again time.Duration) (State, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseFor/2)
	defer cancel()
	var state State
	err := s.write(ctx, writeFor, func(ctx context.Context, tx *sql.Tx) error {
		now, err := s.lock(ctx, tx, b.ID)
		if err != nil {
			return err
		}
		if state = now.State; now.runner != b.runner {
			state = ""
			return nil // taken over by others, who see to it
		}
		wake := s.now().Add(again)
		if now.Progress.WaitsFor != "" && now.wakeAt.After(wake) {
			wake = now.wakeAt // the time that its page shows
		}
		const release = `UPDATE batches SET runner = '', runner_until = 0, wake_at = ? WHERE id = ?`
		_, err = tx.ExecContext(ctx, s.db.Rebind(release), millis(wake), b.ID)
		return err
	})
	return state, err
}

// reconcile makes the rows of people whom an earlier worker was just asking about say what the record says. It alone
// tells how often they were asked and what came of it.
func (s *Service) reconcile(ctx context.Context, b *row, a *acts) error {
	open, err := s.people(ctx, s.db, "batch = ? AND run = ? AND plan = ?", b.ID, Asked, ToRevoke)
	if err != nil || len(open) == 0 {
		return err
	}
	steps := a.steps()
	for i := range open {
		if open[i].Unreadable {
			return &DiffersError{RowUnreadable, []string{fmt.Sprintf("row %d of its people", open[i].Position)}}
		}
		if err := s.readRecord(ctx, a.people[open[i].ID.String()], steps, &open[i]); err != nil {
			return err
		}
	}
	*b, err = s.modify(ctx, b.ID, func(tx *sql.Tx, now *row) error {
		for _, p := range open {
			if now.State.Over() && p.Run == Waiting {
				p.giveUp()
			}
			if err := s.savePerson(ctx, tx, b.ID, p); err != nil {
				return err
			}
		}
		return s.recount(ctx, tx, now)
	})
	return err
}

// readRecord brings p to where the record has it, which tells t, in a batch with these steps besides the tokens. An
// entry that asked and has no outcome is closed as unknown; the person is asked once more.
func (s *Service) readRecord(ctx context.Context, t *told, steps []playbook.Step, p *Person) (err error) {
	p.Run = Waiting
	if t == nil {
		t = &told{}
	}
	if err := s.readSteps(ctx, t, p, steps); err != nil {
		return err
	}
	defer func() { p.hold(s.now()) }()
	if t.tries == p.Tries {
		return nil // never asked, or not since
	}
	if t.tries > 0 && t.outcome.Seq == 0 {
		if err = s.closeInterrupted(ctx, t); err != nil {
			return err
		}
	}
	p.follow(*t)
	if t.tries > 0 {
		p.judge(t.outcome.Outcome, genesys.Problem(t.outcome.Problem), s.now())
	}
	return nil
}

// follow makes p say what the record says of how often they were asked, and what came of it.
func (p *Person) follow(t told) {
	p.Tries, p.asked, p.entry, p.unclear = t.tries, t.ask.Seq, t.outcome.Seq, t.unclear
	p.askedAt, p.At, p.Status, p.CorrelationID = t.ask.At, t.outcome.At, t.outcome.PlatformStatus, t.outcome.CorrelationID
	p.Problem = t.outcome.Problem
}

// Interrupted is the problem of an act that its console did not live to see the outcome of.
const Interrupted = "interrupted"

// closeInterrupted closes what was asked last and has no outcome, as unknown.
func (s *Service) closeInterrupted(ctx context.Context, t *told) error {
	e := t.open.With(audit.Result{Outcome: audit.Unknown, Problem: Interrupted})
	e.Seq, e.At, e.Open, e.Closes = 0, time.Time{}, false, t.ask.Seq
	e, err := s.record.Append(ctx, e)
	if err == nil {
		t.outcome, t.open = briefly(e), nil
	}
	return err
}
