package record

import (
	"fmt"
	"strings"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/views"
)

// stateInWords says whether the record is whole. What is wrong with it in
// particular is for those who may read all of it.
func stateInWords(s audit.State, all bool, now time.Time) views.RecordState {
	state := views.RecordState{Checked: views.MomentOf(s.CheckedAt, now)}
	switch s.Condition {
	case audit.Whole:
		state.Whole, state.Short = true, fmt.Sprintf("Intact up to entry %d", s.Through)
		state.Text = fmt.Sprintf("The record is intact up to entry %d: nothing was changed, removed or inserted. "+
			"Entries since the last full check are checked as they come.", s.Through)
	case audit.Broken:
		state.Bad, state.Short, state.Text = true, "Not intact", "The record is not intact."
		if all {
			state.Text = "The record is not intact: " + s.Fault.Words + "."
		}
	case audit.Unwritable:
		state.Bad, state.Short, state.Text = true, "Cannot be written", "The record cannot be written at the moment."
	case audit.Unchecked:
		state.Short, state.Text = "Could not be checked", "The record could not be checked this time."
	default:
		state.Short, state.Text = "Being checked", "The record is being checked. Look again in a moment."
	}
	return state
}

// proofInWords says what a receipt proves.
func proofInWords(r audit.Receipt) string {
	name, _, _ := strings.Cut(r.Key, "+")
	return "These entries are part of the record that the key “" + name + "” has signed. The receipt proves it to anybody " +
		"who has the public key, without this console: “web audit prove --key PUBLIC RECEIPT.json”. " +
		"Ask whoever runs the console for the public key."
}
