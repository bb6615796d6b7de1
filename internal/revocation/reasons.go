package revocation

import (
	"slices"
	"strings"
)

// Reasons are what people can choose from beside words of their own. One called
// Other means that the words say it.
type Reasons []string

const other = "Other"

// UsualReasons are the Reasons where nobody set others.
func UsualReasons() Reasons { return Reasons{"Lost phone", "Left", "Compromised", "Test", other} }

// Chosen is what of the reason was chosen: one of r, or "" if it was none or the
// words are to say it.
func (r Reasons) Chosen(choice string) string {
	if !slices.Contains(r, choice) || strings.EqualFold(choice, other) {
		return ""
	}
	return choice
}

// Whole is the reason that goes on the record for a choice and the words beside it.
func (r Reasons) Whole(choice, words string) string { return reasonOf(r.Chosen(choice), words) }

// reasonOf is a whole reason: what was chosen, and the words beside it.
func reasonOf(chosen, words string) string {
	switch {
	case chosen == "":
		return words
	case words == "":
		return chosen
	}
	return chosen + ": " + words
}
