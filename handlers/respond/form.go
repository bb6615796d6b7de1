package respond

import (
	"fmt"

	"tokenconsole/handlers/request"
	"tokenconsole/internal/revocation"
	"tokenconsole/views"
)

// Why is the fields that ask why something is done, as the form of v filled them
// in.
func Why(v *request.Visit, reasons revocation.Reasons) views.Why {
	why := views.Why{
		Reason: v.Field("reason"), Ticket: v.Field("ticket"), MaxReason: revocation.MaxReason, MaxTicket: revocation.MaxTicket,
		Readers: "People who may revoke can read it. The person concerned sees that it happened and when, but not the reason or the ticket.",
	}
	for _, r := range reasons {
		why.Reasons = append(why.Reasons, views.Choice{Value: r, Label: r, Selected: v.Field("chosen") == r})
	}
	return why
}

// FormErrors says by field what is wrong with the reason and the ticket of a
// form, and that nothing was done.
func FormErrors(e *revocation.FormError, nothing string) map[string]string {
	wrong := map[string]string{}
	switch e.Reason {
	case revocation.Missing:
		wrong["reason"] = "Choose a reason or write one: it goes on the record. " + nothing
	case revocation.NoWords:
		wrong["reason"] = "Enter a reason in words: it goes on the record. " + nothing
	case revocation.TooLong:
		wrong["reason"] = fmt.Sprintf("That is %d characters; the limit is %d. %s", e.ReasonLength, revocation.MaxReason, nothing)
	case revocation.Unreadable:
		wrong["reason"] = "That is not readable text. " + nothing
	}
	if e.Ticket != "" {
		wrong["ticket"] = fmt.Sprintf("Enter one line of at most %d characters. %s", revocation.MaxTicket, nothing)
	}
	return wrong
}
