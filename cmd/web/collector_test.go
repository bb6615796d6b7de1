package main

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// Where much lives, the aim for memory leaves room for as much again, and comes down once it is gone.
func TestAimForMemoryFollowsWhatLives(t *testing.T) {
	defer debug.SetMemoryLimit(math.MaxInt64)
	raiseAim()
	const much = 3 * memoryAim
	want := func(right func(aim int64) bool) {
		t.Helper()
		for range 100 {
			runtime.GC()
			if right(debug.SetMemoryLimit(-1)) {
				return
			}
			time.Sleep(10 * time.Millisecond) // what follows a collection does so beside it
		}
		t.Errorf("the aim is %d MB", debug.SetMemoryLimit(-1)>>20)
	}
	lives := make([]byte, much)
	want(func(aim int64) bool { return aim >= 2*much && aim < 3*much })
	runtime.KeepAlive(lives)
	lives = nil
	want(func(aim int64) bool { return aim < much })
}
