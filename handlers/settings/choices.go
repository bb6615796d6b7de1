package settings

import (
	"slices"

	"tokenconsole/views"
)

// The timeouts to choose from: off, some minutes, or another number of them.
const (
	choiceOff   = "off"
	choiceOther = "other"
)

var choices = []views.Choice{
	{Value: choiceOff, Label: "Off"}, {Value: "15", Label: "15 min"}, {Value: "30", Label: "30 min"}, {Value: "60", Label: "1 h"},
	{Value: "480", Label: "8 h"}, {Value: choiceOther, Label: "Other"},
}

// choicesFor is the form with that timeout chosen.
func choicesFor(enabled bool, minutes string) views.TimeoutPage {
	p := views.TimeoutPage{Choices: slices.Clone(choices)}
	chosen := choiceOff
	if enabled {
		chosen = choiceOther
		if slices.ContainsFunc(choices, func(c views.Choice) bool { return c.Value == minutes }) {
			chosen = minutes
		}
	}
	for i := range p.Choices {
		p.Choices[i].Selected = p.Choices[i].Value == chosen
	}
	if chosen == choiceOther {
		p.Minutes = minutes
	}
	return p
}

// choose is f with what was chosen; without a choice f says all itself.
func (f form) choose(choice string) form {
	switch choice {
	case "":
	case choiceOff:
		f.enabled = ""
	case choiceOther:
		f.enabled = "on"
	default:
		f.enabled, f.minutes = "on", choice
	}
	return f
}
