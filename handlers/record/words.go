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
		state.Whole, state.Short = true, fmt.Sprintf("Whole up to entry %d", s.Through)
		state.Text = fmt.Sprintf("The record is whole up to entry %d: nothing was changed, removed or put in.", s.Through)
	case audit.Broken:
		state.Bad, state.Short, state.Text = true, "Not whole", "The record is not whole."
		if all {
			state.Text = "The record is not whole: " + s.Fault.Words + "."
		}
	case audit.Unwritable:
		state.Bad, state.Short, state.Text = true, "Cannot be written", "The record cannot be written just now."
	case audit.Unchecked:
		state.Short, state.Text = "Not checked just now", "The record could not be checked just now."
	default:
		state.Short, state.Text = "Being checked", "The record is being checked. Look again in a moment."
	}
	return state
}

// proofInWords says what a receipt proves.
func proofInWords(r audit.Receipt) string {
	name, _, _ := strings.Cut(r.Key, "+")
	return "These entries are part of the record that the key “" + name + "” has signed. The receipt proves it to anybody " +
		"who has the public key, without this console: run “web audit prove”."
}
