package audit

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Most characters an entry keeps of a text that people write, and of any other text.
const (
	maxProse = 2000
	maxWord  = 256
)

// clean makes e fit to be stored: texts bounded and valid in both databases, no token in what people wrote, times as
// they are stored.
func clean(e Entry) (Entry, error) {
	switch {
	case e.Action == "" || !slices.Contains(Outcomes(), e.Outcome):
		return Entry{}, fmt.Errorf("an entry needs an action and a known outcome, not %q and %q", e.Action, e.Outcome)
	case e.Closes < 0 || e.About < 0 || e.Closes > 0 && e.About > 0:
		return Entry{}, fmt.Errorf("an entry belongs to one act at most, not to %d and %d", e.Closes, e.About)
	case e.Outcome == Asked && e.Closes+e.About > 0:
		return Entry{}, fmt.Errorf("an entry that is asked begins an act: it does not belong to %d", e.Closes+e.About)
	case e.Subject != (Party{}) && !e.Action.concernsPeople():
		return Entry{}, fmt.Errorf("%q is done to nobody", e.Action)
	}
	for _, prose := range []*string{&e.Reason, &e.Ticket, &e.Query, &e.Change.From, &e.Change.To} {
		*prose = clip(Redact(*prose), maxProse)
	}
	for _, word := range []*string{
		(*string)(&e.Action), &e.Actor.ID, &e.Actor.Name, &e.Actor.Email, &e.Organization.ID, &e.Organization.Name,
		&e.Region, &e.Subject.ID, &e.Subject.Name, &e.Subject.Email, &e.Token, &e.TokenRegion, &e.TokenOrganization.ID,
		&e.TokenOrganization.Name, &e.Problem, &e.Permission, &e.Batch, &e.CorrelationID, &e.RequestID, &e.Address,
		&e.Plan, &e.Client.ID, &e.Client.Name, &e.Playbook, &e.Steps,
	} {
		*word = clip(*word, maxWord)
	}
	for _, moment := range []*time.Time{
		&e.Evidence.TokenIssuedBefore, &e.Evidence.TokenIssuedAfter, &e.Evidence.ReadAt, &e.Pruned.Before,
	} {
		if !moment.IsZero() {
			*moment = moment.UTC().Truncate(time.Millisecond)
		}
	}
	return e, nil
}

// clip returns at most limit characters of s as valid UTF-8 without NUL, which PostgreSQL cannot hold.
func clip(s string, limit int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit-1]) + "…"
}
