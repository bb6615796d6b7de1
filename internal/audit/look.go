package audit

import (
	"context"
	"sync/atomic"
)

// looks let acts that are asked for at the same time share one look at the newest entries: it holds for all who came
// before it began. A batch asks for many at once, and each look reads a thousand entries.
type looks struct {
	turn  chan struct{} // holds one while somebody looks
	begun atomic.Int64
	ended error // what came of the last; guarded by turn
}

// share looks, or waits for a look by somebody else that is as good. That another one failed says nothing.
func (l *looks) share(ctx context.Context, look func(context.Context) error) error {
	before := l.begun.Load()
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if l.begun.Load() > before && l.ended == nil {
		return nil
	}
	l.begun.Add(1)
	l.ended = look(ctx)
	return l.ended
}
