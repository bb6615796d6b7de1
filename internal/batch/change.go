package batch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/playbook"
)

// change does to the database what e says, on the record: asked before, and the outcome after. An error of do is told
// as it is. The outcome is then refused, failed if the database did not answer, or unknown if it did not answer a commit.
func (s *Service) change(ctx context.Context, e audit.Entry, do func(ctx context.Context, asked audit.Entry) error) error {
	act, err := s.record.UndertakeKnowing(ctx, e, func(ctx context.Context, asked audit.Entry) audit.Result {
		return s.resultOf(e, do(ctx, asked))
	})
	if err != nil {
		return err
	}
	return act.Result.Err
}

func (s *Service) resultOf(e audit.Entry, err error) audit.Result {
	switch {
	case err == nil:
		return audit.Result{Outcome: audit.Done, Problem: e.Problem, Count: e.Count, At: s.now()}
	case errors.Is(err, ErrState), errors.Is(err, ErrNotFound):
		return audit.Result{Outcome: audit.Refused, Problem: Changed, Count: e.Count, Err: err}
	case errors.Is(err, ErrAway) && !errors.Is(err, errCommit):
		return audit.Result{Outcome: audit.Failed, Problem: Away, Count: e.Count, Err: err}
	}
	return audit.Result{Outcome: audit.Unknown, Problem: string(genesys.Unexpected), Count: e.Count, Err: err}
}

// entry begins what the record says of something that is done to b.
func (s *Service) entry(b Batch, by By, action audit.Action) audit.Entry {
	return audit.Entry{
		Action: action, Actor: by.Person, Organization: b.Organization, Region: b.Region, Batch: b.ID, Query: b.Rule.Words,
		Plan: b.Hash, Playbook: b.Playbook, Steps: playbook.Names(b.Steps), Count: int64(b.Counts.ToRevoke),
		RequestID: by.RequestID, Address: by.Address,
	}
}

// errCommit says that nobody knows whether a change was made: its commit was not answered.
var errCommit = errors.New("committing")

const (
	// writeFor bounds a change of a batch, waiting for a connection and for whoever has its row included.
	writeFor = 10 * time.Second
	// insertFor is the same for a plan with all its people.
	insertFor = 30 * time.Second
)

// write runs do in a transaction, for so long at most.
func (s *Service) write(
	ctx context.Context, limit time.Duration, do func(ctx context.Context, tx *sql.Tx) error,
) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tx, err := s.db.Begin(ctx)
	if err != nil {
		return away("writing a batch", err)
	}
	defer func() { _ = tx.Rollback() }()
	if err := do(ctx, tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return away("writing a batch", fmt.Errorf("%w: %w", errCommit, err))
	}
	return nil
}

// modify changes a batch in a transaction that has it to itself, and tells everybody who watches it.
func (s *Service) modify(ctx context.Context, id string, do func(tx *sql.Tx, b *row) error) (row, error) {
	var b row
	ctx, cancel := context.WithTimeout(ctx, writeFor)
	defer cancel()
	give, err := s.turns.take(ctx, id)
	if err != nil {
		return row{}, err
	}
	defer give()
	err = s.write(ctx, writeFor, func(ctx context.Context, tx *sql.Tx) (err error) {
		if b, err = s.lock(ctx, tx, id); err != nil {
			return err
		}
		if err := do(tx, &b); err != nil {
			return err
		}
		b.Version++
		return s.save(ctx, tx, b)
	})
	if err == nil {
		s.watchers.notice(b)
	}
	return b, err
}

// lock reads a batch for a transaction that will change it: nobody else does until that ends.
func (s *Service) lock(ctx context.Context, tx *sql.Tx, id string) (row, error) {
	query := selectBatch + " WHERE id = ?"
	if s.db.Dialect == database.PostgreSQL { // on SQLite every transaction that writes has the database to itself
		query += " FOR UPDATE"
	}
	b, err := scanBatch(tx.QueryRowContext(ctx, s.db.Rebind(query), id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return row{}, ErrNotFound
	}
	if err != nil {
		return row{}, away("reading a batch", err)
	}
	return b, nil
}

// save writes what can change of a batch.
func (s *Service) save(ctx context.Context, tx *sql.Tx, b row) error {
	const update = `UPDATE batches SET state = ?, problem = ?, started_by = ?, started_at = ?, decided_by = ?, decided_at = ?,
		decision = ?, approve_until = ?, set_going = ?, run_by = ?, ended_at = ?, reason = ?, ticket = ?, hash = ?, playbook = ?, steps = ?, counts = ?,
		version = ?, token = ?, token_expires = ?, request_id = ?, address = ?, runner = ?, runner_until = ?, wake_at = ?,
		waits_for = ?, per_minute = ?, away_since = ? WHERE id = ?`
	if b.token == nil {
		b.token = []byte{}
	}
	_, err := tx.ExecContext(ctx, s.db.Rebind(update), b.State, b.Problem, b.text("started_by", encoded(b.StartedBy)), millis(b.StartedAt),
		b.text("decided_by", encoded(b.DecidedBy)), millis(b.DecidedAt), b.Decision, millis(b.ApproveBy), b.setGoing,
		b.text("run_by", encoded(b.RunBy)), millis(b.EndedAt), b.Reason, b.Ticket, b.Hash, b.Playbook, playbook.Names(b.Steps),
		b.text("counts", encoded(b.Counts)), b.Version, b.token, millis(b.tokenExpires),
		b.requestID, b.address, b.runner, millis(b.runnerUntil), millis(b.wakeAt), b.Progress.WaitsFor, b.Progress.PerMinute,
		millis(b.awaySince), b.ID)
	if err != nil {
		return away("writing a batch", err)
	}
	return nil
}

// Choose settles an ambiguous row of a prepared batch: it means the candidate with that id. The plan has another hash
// afterwards, which goes on the record. ErrRow: there is no such row or candidate.
func (s *Service) Choose(ctx context.Context, by By, id string, position int, person genesys.UserID) (Batch, error) {
	return s.replan(ctx, by, id, func(people []Person, b *Batch) (int, error) {
		i := slices.IndexFunc(people, func(p Person) bool { return p.Position == position && p.Plan == Ambiguous })
		if i < 0 {
			return 0, ErrRow
		}
		c := slices.IndexFunc(people[i].Candidates, func(c Candidate) bool { return c.ID == person })
		if c < 0 {
			return 0, ErrRow
		}
		seen := slices.ContainsFunc(people, func(p Person) bool { return p.ID == person && p.Plan != Ambiguous })
		people[i] = s.chosen(people[i], people[i].Candidates[c], b.PreparedBy.ID, seen)
		return i, nil
	})
}

// chosen is the row p once it means c.
func (s *Service) chosen(p Person, c Candidate, preparer string, seen bool) Person {
	p.ID, p.Name, p.Email, p.Busy, p.Administrator, p.Plan = c.ID, c.Name, c.Email, c.Busy, c.Administrator, ToRevoke
	if c.Inactive {
		p.Plan = Inactive
	}
	p.Plan = s.judgeOne(p, preparer, seen)
	if p.Plan == ToRevoke {
		p.Run = Waiting
	}
	return p
}

// IncludeYourself takes the person who prepared a batch, and is in its list, into the plan or out of it. They come
// last. ErrRow: they are not in the list.
func (s *Service) IncludeYourself(ctx context.Context, by By, id string, include bool) (Batch, error) {
	from, to, run := Yourself, ToRevoke, Waiting
	if !include {
		from, to, run = ToRevoke, Yourself, NotInPlan
	}
	return s.replan(ctx, by, id, func(people []Person, b *Batch) (int, error) {
		i := slices.IndexFunc(people, func(p Person) bool { return p.ID.String() == b.PreparedBy.ID && p.Plan == from })
		if i < 0 {
			return 0, ErrRow
		}
		people[i].Plan, people[i].Run = to, run
		return i, nil
	})
}

// noRow says that an edit of a plan changed the batch alone.
const noRow = -1

// replan changes a row of a prepared batch or what it does, on the record with the hash of the new plan. edit returns
// which row it was, or noRow.
func (s *Service) replan(
	ctx context.Context, by By, id string, edit func([]Person, *Batch) (int, error),
) (Batch, error) {
	b, err := s.find(ctx, by.Organization.ID, id)
	if err != nil {
		return Batch{}, err
	}
	if b.State != Prepared {
		return Batch{}, &StateError{b.State}
	}
	people, err := s.believed(ctx, b)
	if err != nil {
		return Batch{}, err
	}
	i, err := edit(people, &b.Batch)
	if err != nil {
		return Batch{}, err
	}
	version := b.Version
	unknown := b.Counts.AdministratorsUnknown
	b.Counts = count(people)
	b.Counts.AdministratorsUnknown = unknown
	b.Hash = hashOf(b.Batch, people)
	e := s.entry(b.Batch, by, audit.PrepareBatch)
	e.Change = audit.Change{From: string(Prepared), To: string(Prepared)}
	err = s.change(ctx, e, func(ctx context.Context, _ audit.Entry) error {
		b, err = s.modify(ctx, id, func(tx *sql.Tx, now *row) error {
			if now.Version != version {
				return &StateError{now.State}
			}
			now.Hash, now.Counts, now.Playbook, now.Steps = b.Hash, b.Counts, b.Playbook, b.Steps
			if i == noRow {
				return nil
			}
			return s.replace(ctx, tx, id, people[i])
		})
		return err
	})
	return b.Batch, err
}

// replace writes whom a row means and what the plan says of it.
func (s *Service) replace(ctx context.Context, tx *sql.Tx, id string, p Person) error {
	const update = `UPDATE batch_people SET user_id = ?, name = ?, email = ?, busy = ?, administrator = ?, plan = ?, run = ?
		WHERE batch = ? AND position = ?`
	_, err := tx.ExecContext(ctx, s.db.Rebind(update), p.ID.String(), kept(p.Name), kept(p.Email), kept(p.Busy),
		flag(p.Administrator), p.Plan, p.Run, id, p.Position)
	if err != nil {
		return away("writing a person of a batch", err)
	}
	return nil
}
