package signin

import (
	"fmt"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func TestAnOfficeThatSignsInAtOnceIsNotSlowed(t *testing.T) {
	t.Parallel()
	p := NewPaces()
	for n := range 500 {
		if d := p.begin("192.0.2.1", noon); d != 0 {
			t.Fatalf("sign-in %d has to wait %v", n, d)
		}
	}
	for n := range 500 {
		if n%10 == 0 { // some say no
			if d := p.fail("192.0.2.1", noon.Add(time.Minute)); d != 0 {
				t.Fatalf("failure %d has to wait %v", n, d)
			}
			continue
		}
		p.finish("192.0.2.1", noon.Add(time.Minute))
	}
	for range 450 { // the next morning is no worse
		if d := p.begin("192.0.2.1", noon.Add(24*time.Hour)); d != 0 {
			t.Fatalf("has to wait %v", d)
		}
	}
}

func TestWhoeverKeepsFailingWaits(t *testing.T) {
	t.Parallel()
	tests := map[string]func(p Paces, now time.Time) time.Duration{
		"callbacks that fail":        func(p Paces, now time.Time) time.Duration { return p.fail("2001:db8::1", now) },
		"sign-ins that never finish": func(p Paces, now time.Time) time.Duration { return p.begin("2001:db8::1", now) },
	}
	for name, try := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := NewPaces()
			tries := 0
			for ; try(p, noon) == 0; tries++ {
				if tries > 5000 {
					t.Fatal("nobody has to wait")
				}
			}
			d := try(p, noon)
			if d < time.Second || d > time.Minute {
				t.Errorf("after %d tries the wait is %v", tries, d)
			}
			if d := p.begin("2001:db8:0:1::1", noon); d != 0 {
				t.Errorf("another network has to wait %v", d)
			}
			if d := try(p, noon.Add(d)); d != 0 {
				t.Errorf("having waited, one has to wait %v more", d)
			}
		})
	}
}

func TestNeighboursInOneNetworkCountTogether(t *testing.T) {
	t.Parallel()
	p := NewPaces()
	for n := range mostFailed {
		p.fail(fmt.Sprintf("2001:db8::%x", n), noon)
	}
	if p.fail("2001:db8::ffff", noon) == 0 {
		t.Error("a network of its own addresses is not slowed")
	}
}
