package batch

import (
	"context"
	"errors"
)

// Open returns how many batches of all organizations are not over, by state.
func (s *Service) Open(ctx context.Context) (map[State]int, error) {
	const count = "SELECT state, COUNT(*) FROM batches WHERE state IN (?, ?, ?, ?) GROUP BY state"
	rows, err := s.db.QueryContext(ctx, s.db.Rebind(count), Prepared, WaitingApproval, Running, Paused)
	if err != nil {
		return nil, away("counting open batches", err)
	}
	defer func() { _ = rows.Close() }()
	open := map[State]int{}
	for rows.Next() {
		var state State
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return nil, away("counting open batches", err)
		}
		open[state] = n
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, away("counting open batches", err)
	}
	return open, nil
}
