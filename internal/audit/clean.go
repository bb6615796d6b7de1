package audit

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Most characters an entry keeps of a text that people write, and of any other text.
const (
	maxProse = 2000
	maxWord  = 256
)

// tokenLike finds what an access token looks like: it has 40 or more of these in a row, a UUID has 36.
var tokenLike = regexp.MustCompile(`[A-Za-z0-9_-]{40,}`)

// clean makes e fit to be stored: texts bounded and valid in both databases, no token in what people wrote.
func clean(e Entry) (Entry, error) {
	if e.Action == "" || !slices.Contains(Outcomes(), e.Outcome) {
		return Entry{}, fmt.Errorf("audit: an entry needs an action and a known outcome, not %q and %q", e.Action, e.Outcome)
	}
	if e.Asks < 0 || e.Asks > 0 && e.Outcome == Asked {
		return Entry{}, fmt.Errorf("audit: an entry that is %s cannot close entry %d", e.Outcome, e.Asks)
	}
	for _, prose := range []*string{&e.Reason, &e.Ticket, &e.Detail} {
		*prose = clip(tokenLike.ReplaceAllStringFunc(*prose, hideToken), maxProse)
	}
	for _, word := range []*string{
		(*string)(&e.Action), &e.Actor.ID, &e.Actor.Name, &e.Actor.Email, &e.OrganizationID, &e.OrganizationName, &e.Region,
		&e.Subject.ID, &e.Subject.Name, &e.Subject.Email, &e.CorrelationID, &e.RequestID, &e.ClientAddress,
	} {
		*word = clip(*word, maxWord)
	}
	return e, nil
}

// hideToken spares what only is long: a random token of that length holds a digit, a capital and a small letter.
func hideToken(s string) string {
	if strings.ContainsFunc(s, unicode.IsDigit) && strings.ContainsFunc(s, unicode.IsUpper) &&
		strings.ContainsFunc(s, unicode.IsLower) {
		return "[removed: looks like a token]"
	}
	return s
}

// clip returns at most limit characters of s as valid UTF-8 without NUL, which PostgreSQL cannot hold.
func clip(s string, limit int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit-1]) + "…"
}
