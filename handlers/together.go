package handlers

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
)

// together makes calls that do not need each other at once, and returns the
// first error; the others are then cancelled.
func together(ctx context.Context, calls ...func(context.Context) error) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, call := range calls {
		group.Go(func() error { return safely(func() error { return call(ctx) }) })
	}
	return group.Wait()
}

// safely makes a panic in f an error of it. In a goroutine of its own a panic
// would end the process, since net/http recovers only its own.
func safely(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return f()
}
