package emulator

import (
	"net/http"
	"time"
)

// idleTokenTimeout is the platform's IdleTokenTimeout.
type idleTokenTimeout struct {
	Seconds *int  `json:"idleTokenTimeoutSeconds"`
	Enabled *bool `json:"enableIdleTokenTimeout"`
}

// getTokensTimeout answers GET /api/v2/tokens/timeout.
func (e *Emulator) getTokensTimeout(w http.ResponseWriter, _ *http.Request, _ caller) error {
	e.writeTimeout(w)
	return nil
}

func (e *Emulator) writeTimeout(w http.ResponseWriter) {
	s := e.settings.Load()
	idle := s.idle()
	enabled := idle > 0
	if !enabled {
		idle = s.IdleTimeout
	}
	if idle == 0 {
		idle = maxIdle
	}
	seconds := int(idle / time.Second)
	writeJSON(w, http.StatusOK, idleTokenTimeout{Seconds: &seconds, Enabled: &enabled})
}

// putTokensTimeout answers PUT /api/v2/tokens/timeout; a field left out keeps
// its value.
func (e *Emulator) putTokensTimeout(w http.ResponseWriter, r *http.Request, _ caller) error {
	var body idleTokenTimeout
	if err := readJSON(w, r, &body); err != nil {
		return err
	}
	if body.Seconds != nil {
		if err := checkTimeout(*body.Seconds, e.settings.Load().HIPAA); err != nil {
			return err
		}
	}
	e.change(func(s *settings) {
		if body.Seconds != nil {
			s.IdleTimeout = time.Duration(*body.Seconds) * time.Second
		}
		if body.Enabled != nil {
			s.Idle = *body.Enabled
		}
		if s.IdleTimeout == 0 {
			s.IdleTimeout = maxIdle
		}
	})
	e.writeTimeout(w)
	return nil
}

// checkTimeout holds an idle timeout to its bounds. Which of its two codes the
// platform sends is not documented; here one is for too short, one for too long.
func checkTimeout(seconds int, hipaa bool) error {
	low, high, highHIPAA := int(minIdle/time.Second), int(maxIdle/time.Second), int(maxIdleHIPAA/time.Second)
	switch {
	case hipaa && seconds < low:
		return fail(400, "token.timeout.exceeded.hipaa", "When HIPAA is enabled timeout must be between 300 and 900 seconds")
	case hipaa && seconds > highHIPAA:
		return fail(400, "max.idle.hipaa.token.timeout.exceeded", "When HIPAA is enabled timeout must be 15 minutes or less")
	case seconds < low:
		return fail(400, "token.timeout.exceeded", "When HIPAA is not enabled timeout must be between 300 and 28800 seconds")
	case seconds > high:
		return fail(400, "max.idle.token.timeout.exceeded", "When HIPAA is disabled timeout must be between 5 minutes and 8 hours.")
	}
	return nil
}
