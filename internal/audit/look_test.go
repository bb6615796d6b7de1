package audit

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// Who comes while somebody looks is served by the next look alone, since the one under way may have read on already
// when they came.
func TestALookHoldsForAllWhoCameBeforeIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, begun, proceed := looks{turn: make(chan struct{}, 1)}, atomic.Int64{}, make(chan error)
		look := func(context.Context) error { begun.Add(1); return <-proceed }
		results := make(chan error, 10)
		come := func(n int) {
			for range n {
				go func() { results <- l.share(t.Context(), look) }()
			}
			synctest.Wait()
		}
		end := func(err error, answered, after int64) {
			t.Helper()
			proceed <- err
			synctest.Wait()
			if int64(len(results)) != answered || begun.Load() != after {
				t.Fatalf("%d are answered and %d looks begun, want %d and %d", len(results), begun.Load(), answered, after)
			}
		}
		come(1)
		come(4)
		end(nil, 1, 2) // of the four one looks
		end(nil, 5, 2) // for all four
		come(1)
		come(2)
		end(nil, 6, 4)
		end(errors.New("no answer"), 7, 5) // says nothing to the other one
		end(nil, 8, 5)
		failed := 0
		for range 8 {
			if err := <-results; err != nil {
				failed++
			}
		}
		if failed != 1 {
			t.Errorf("%d looks failed, want the one", failed)
		}
	})
}

// Nobody waits for a look longer than they may.
func TestWhoMayNotWaitForALook(t *testing.T) {
	l := looks{turn: make(chan struct{}, 1)}
	l.turn <- struct{}{} // somebody looks
	over, cancel := context.WithCancel(t.Context())
	cancel()
	err := l.share(over, func(context.Context) error { t.Error("looked out of turn"); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("waiting ended with %v", err)
	}
}
