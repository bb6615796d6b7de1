package pace

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func TestWhoeverIsTooFastWaits(t *testing.T) {
	t.Parallel()
	p := New[string](60, time.Minute, 100)
	for n := range 60 {
		if d := p.Use("a", noon); d != 0 {
			t.Fatalf("use %d has to wait %v", n, d)
		}
	}
	if d := p.Use("a", noon); d != time.Second {
		t.Errorf("the wait is %v", d)
	}
	if d := p.Use("b", noon); d != 0 {
		t.Errorf("another has to wait %v", d)
	}
	if d := p.Use("a", noon.Add(time.Second)); d != 0 {
		t.Errorf("having waited, one has to wait %v more", d)
	}
	if d := p.Use("a", noon); d != time.Second {
		t.Errorf("a clock that goes back leads to a wait of %v", d)
	}
	p.GiveBack("a", noon)
	if d := p.Use("a", noon); d != 0 {
		t.Errorf("what was given back has to wait %v", d)
	}
}

func TestManyKeysTakeLittleMemory(t *testing.T) {
	t.Parallel()
	p := New[int](10, time.Minute, 1000)
	for n := range 3000 {
		p.Use(n, noon)
	}
	if len(p.budgets) > 1000 {
		t.Errorf("%d keys are kept", len(p.budgets))
	}
}
