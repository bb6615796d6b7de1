package batch

import (
	"context"
	"time"
)

// Work is what a job does: a few seconds of work on a batch.
func (s *Service) Work(ctx context.Context, id string) (again time.Duration, more bool) {
	return s.work(ctx, id)
}
