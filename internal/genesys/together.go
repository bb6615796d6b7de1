package genesys

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
)

// Together makes calls that do not need each other at the same time. It returns
// the first error and cancels the calls that are still under way.
func Together(ctx context.Context, calls ...func(context.Context) error) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, call := range calls {
		group.Go(func() error { return Safely(func() error { return call(ctx) }) })
	}
	return group.Wait()
}

// Safely runs f and returns a panic in it as an error. Goroutines need it: net/http
// recovers panics only in its own, and one anywhere else ends the process.
func Safely(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return f()
}
