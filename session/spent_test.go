package session

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestSpent(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	s := newSpent(c.now)
	if s.has("a") || !s.add("a", noon.Add(time.Hour)) || !s.has("a") || s.add("a", noon.Add(time.Hour)) {
		t.Error("a name is spent when it was added, and can be added once")
	}
	c.pass(time.Hour)
	s.add("b", noon.Add(2*time.Hour))
	if !s.has("a") {
		t.Error("forgotten at the last moment of its life")
	}
	c.pass(2 * time.Minute)
	s.add("c", noon.Add(2*time.Hour))
	if s.has("a") || !s.has("b") || !s.has("c") {
		t.Error("what has died is not forgotten, or something else is")
	}
}

// TestSpentIsBounded holds that its memory is that of the names that live.
func TestSpentIsBounded(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	s := newSpent(c.now)
	largest := 0
	for i := range 20_000 {
		s.add(strconv.Itoa(i), c.at.Add(10*time.Minute))
		largest = max(largest, len(s.until))
		c.pass(time.Second)
	}
	if largest > 800 { // 600 live at a time, and a minute's wait for the sweep
		t.Errorf("%d names at a time", largest)
	}
}

// TestSpentOnce holds that of many who spend a name at once, one is first.
func TestSpentOnce(t *testing.T) {
	t.Parallel()
	s := newSpent(time.Now)
	const names, askers = 200, 8
	var firsts [names]atomic.Int32
	var group sync.WaitGroup
	for range askers {
		group.Go(func() {
			for i := range names {
				if s.add(strconv.Itoa(i), time.Now().Add(time.Hour)) {
					firsts[i].Add(1)
				}
				s.has(strconv.Itoa(names - i))
			}
		})
	}
	group.Wait()
	for i := range firsts {
		if n := firsts[i].Load(); n != 1 {
			t.Errorf("%d were first to spend name %d", n, i)
		}
	}
}
