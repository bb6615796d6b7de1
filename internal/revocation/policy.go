package revocation

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Most characters of a reason and of a ticket.
const (
	MaxReason = 500
	MaxTicket = 100
)

// Fault says what is wrong with a field of a form.
type Fault string

// What can be wrong with a reason or a ticket.
const (
	Missing    Fault = "missing"    // it is required and empty
	NoWords    Fault = "no-words"   // neither a letter nor a digit in it
	TooLong    Fault = "too-long"   // over MaxReason or MaxTicket
	Unreadable Fault = "unreadable" // not UTF-8
	NotOneLine Fault = "not-one-line"
)

// FormError says what is wrong with the reason and the ticket of an order; "" is
// nothing.
type FormError struct {
	Reason, Ticket Fault
	ReasonLength   int // in characters
}

func (e *FormError) Error() string {
	return "reason: " + string(e.Reason) + ", ticket: " + string(e.Ticket)
}

// Check holds reason and ticket to the policy: every act has a reason in words.
// It returns nil or a *FormError.
func Check(reason, ticket string) error { return check("", reason, ticket) }

// check is Check for a reason of which a part was chosen, so that there need not
// be more words.
func check(chosen, reason, ticket string) error {
	e := FormError{checkReason(reason), checkTicket(ticket), utf8.RuneCountInString(reason)}
	if chosen != "" && e.Reason == Missing {
		e.Reason = ""
	}
	if e.Reason == "" && e.Ticket == "" {
		return nil
	}
	return &e
}

func checkReason(reason string) Fault {
	switch {
	case reason == "":
		return Missing
	case !utf8.ValidString(reason):
		return Unreadable
	case utf8.RuneCountInString(reason) > MaxReason:
		return TooLong
	case !strings.ContainsFunc(reason, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }):
		return NoWords
	}
	return ""
}

func checkTicket(ticket string) Fault {
	switch {
	case !utf8.ValidString(ticket):
		return Unreadable
	case utf8.RuneCountInString(ticket) > MaxTicket:
		return TooLong
	case strings.ContainsAny(ticket, "\r\n"):
		return NotOneLine
	}
	return ""
}
