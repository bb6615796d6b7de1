package emulator

import "time"

const (
	minIdle      = 300 * time.Second
	maxIdle      = 28_800 * time.Second
	maxIdleHIPAA = 900 * time.Second
)

// settings are what an administrator, or a test, changes while serving. A
// stored value is never modified: change replaces it.
type settings struct {
	TokenLifetime time.Duration
	RateLimit     int
	Idle          bool
	IdleTimeout   time.Duration
	HIPAA         bool
}

// idle returns the idle timeout in force, 0 when there is none. HIPAA imposes
// one and caps it.
func (s *settings) idle() time.Duration {
	switch {
	case s.HIPAA && (!s.Idle || s.IdleTimeout > maxIdleHIPAA):
		return maxIdleHIPAA
	case s.Idle:
		return s.IdleTimeout
	}
	return 0
}

// change replaces the settings by what edit makes of a copy.
func (e *Emulator) change(edit func(*settings)) {
	for {
		old := e.settings.Load()
		changed := *old
		edit(&changed)
		if e.settings.CompareAndSwap(old, &changed) {
			return
		}
	}
}
