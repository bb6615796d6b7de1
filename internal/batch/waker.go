package batch

import (
	"context"
	"errors"
	"time"

	"tokenconsole/internal/database"
)

const (
	// lookForWork is how often batches that nobody works on are looked for.
	lookForWork = 2 * time.Second
	// overdue is how long after its time a batch is taken to be forgotten, and woken anew.
	overdue = 5 * time.Second
	// stopWithin bounds how long the end waits for calls that are under way.
	stopWithin = 20 * time.Second
)

// Run carries out the batches of this database until ctx ends; several processes may. What is under way then is seen
// through. While the database does not answer it tries again.
func (s *Service) Run(ctx context.Context) {
	e, err := s.startEngine(ctx)
	for err != nil {
		s.log.Error("batches cannot be carried out just now", "error", err.Error())
		select {
		case <-ctx.Done():
			return
		case <-time.After(tryAgain):
		}
		e, err = s.startEngine(ctx)
	}
	s.engine.Store(&e)
	ticker := time.NewTicker(lookForWork)
	defer ticker.Stop()
	for forgotten := time.Duration(0); ; forgotten = overdue { // what runs at the start is in nobody's hands
		if err := s.lookForWork(ctx, forgotten); err != nil && ctx.Err() == nil {
			s.log.Warn("batches could not be looked for", "error", err.Error())
		}
		select {
		case <-ctx.Done():
			s.engine.Store(nil)
			stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
			defer cancel()
			if err := e.stop(stopping); err != nil {
				s.log.Error("work on batches was cut off", "error", err.Error())
			}
			return
		case <-ticker.C:
		}
	}
}

// wake sets a worker on a batch at once, if this process has one. Otherwise another process finds it.
func (s *Service) wake(ctx context.Context, id string) {
	e := s.engine.Load()
	if e == nil {
		return
	}
	if err := (*e).wake(ctx, id); err != nil {
		s.log.Warn("a batch could not be woken", "batch", id, "error", err.Error())
	}
}

// lookForWork wakes batches that should be at work and are in nobody's hands, and ends those that nobody approved in
// time. River wakes a batch as it should; this finds what a killed worker or a lost job left behind, long before
// River's own rescuer would.
func (s *Service) lookForWork(ctx context.Context, overdue time.Duration) error {
	now := s.now()
	found := "SELECT id FROM batches WHERE runner_until < ? AND wake_at <= ? AND (state = ? OR runner <> '')"
	if s.db.Dialect == database.PostgreSQL {
		found += " FOR UPDATE SKIP LOCKED" // somebody who has one batch must not keep the others from being found
	}
	claim := "UPDATE batches SET wake_at = ? WHERE id IN (" + found + ") RETURNING id"
	rows, err := s.db.QueryContext(ctx, s.db.Rebind(claim), millis(now), millis(now), millis(now.Add(-overdue)), Running)
	if err != nil {
		return away("looking for batches to wake", err)
	}
	defer func() { _ = rows.Close() }()
	var woken []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return away("looking for batches to wake", err)
		}
		woken = append(woken, id)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return away("looking for batches to wake", err)
	}
	for _, id := range woken {
		s.log.Info("a batch is woken", "batch", id)
		s.wake(ctx, id)
	}
	return s.expireAll(ctx)
}

func (s *Service) expireAll(ctx context.Context) error {
	late, err := s.batches(ctx, selectBatch+" WHERE state = ? AND approve_until <= ? LIMIT 100", WaitingApproval, millis(s.now()))
	if err != nil {
		return err
	}
	for _, b := range late {
		if _, err := s.expire(ctx, b); err != nil && !errors.Is(err, ErrState) {
			s.log.Warn("a batch that nobody approved could not be ended", "batch", b.ID, "error", err.Error())
		}
	}
	return nil
}
