package respond

import (
	"fmt"

	"tokenconsole/internal/revocation"
)

// FormErrors says by field what is wrong with the reason and the ticket of a
// form, and that nothing was done.
func FormErrors(e *revocation.FormError, nothing string) map[string]string {
	wrong := map[string]string{}
	switch e.Reason {
	case revocation.Missing:
		wrong["reason"] = "Give a reason: it goes on the record. " + nothing
	case revocation.NoWords:
		wrong["reason"] = "Give a reason in words: it goes on the record. " + nothing
	case revocation.TooLong:
		wrong["reason"] = fmt.Sprintf("That is %d characters; at most %d fit. %s", e.ReasonLength, revocation.MaxReason, nothing)
	case revocation.Unreadable:
		wrong["reason"] = "That is not readable text. " + nothing
	}
	if e.Ticket != "" {
		wrong["ticket"] = fmt.Sprintf("Give one line of at most %d characters. %s", revocation.MaxTicket, nothing)
	}
	return wrong
}
