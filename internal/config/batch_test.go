package config

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBatchSettings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		env       []string
		over      int
		within    time.Duration
		share     int
		protected []string
	}{
		"by default": {nil, 0, time.Hour, 20, nil},
		"given": {
			[]string{
				"CONSOLE_APPROVAL_OVER", "50", "CONSOLE_APPROVAL_WITHIN", "30m", "CONSOLE_RATE_SHARE", "35%",
				"CONSOLE_PROTECTED", "Glass@demo.example, 6E61B501-d95a-56be-b87a-009ea80487d7",
			},
			50, 30 * time.Minute, 35, []string{"glass@demo.example", "6e61b501-d95a-56be-b87a-009ea80487d7"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := mustParse(t, good(c.env...))
			if got.ApprovalOver != c.over || got.ApprovalWithin != c.within || got.RateShare != c.share {
				t.Errorf("over %d, within %s, share %d", got.ApprovalOver, got.ApprovalWithin, got.RateShare)
			}
			if d := cmp.Diff(c.protected, got.Protected); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestApprovalOverNamesOff(t *testing.T) {
	t.Parallel()
	_, _, err := parse(good("CONSOLE_APPROVAL_OVER", "none"))
	if err == nil || !strings.Contains(err.Error(), "give a number from 1 to 10000, or off") {
		t.Error(err)
	}
}
