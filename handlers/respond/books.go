package respond

import (
	"strings"

	"tokenconsole/internal/playbook"
)

// BookWords is what pages say about a playbook, for one person or for many.
type BookWords struct {
	Title, Lead string
	Elsewhere   []string // what this console cannot do
}

var books = map[string]BookWords{
	"lost-phone": {
		"Lost phone", "A device is gone, and the person stays. Whoever has it is signed out; the person signs in again.",
		[]string{"Have the device locked or wiped by whoever manages it.", "If somebody may know the password, use the playbook for a compromised account."},
	},
	"left": {
		"Left the company", "They do not come back: they are deactivated first, so that no new token is issued, and what they leave behind is cleared.",
		[]string{"Deactivate them at the identity provider, and remove them from the directory that Genesys Cloud is fed from: a synchronization may activate them again."},
	},
	"compromised": {
		"Compromised account", "Somebody else may be using the account: first nobody gets in any more, then whoever is in is put out.",
		[]string{
			"Identity provider: end all sessions there, and block the sign-in.",
			"Password: reset it at the identity provider, or in Genesys Cloud where they sign in with one.",
			"Second factor at the identity provider: remove what was registered lately.",
			"Mailbox: look for forwarding rules, as password resets arrive there.",
		},
	},
	"end-of-shift": {
		"End of shift", "They are done for the day. People in an interaction are skipped: nothing is done about them.", nil,
	},
	playbook.Own: {"Next steps", "What a token leaves behind. Each step is done by itself: one that fails stops nothing.", nil},
}

// Book is what pages say about a playbook.
func Book(name string) BookWords { return books[name] }

// StepsInWords names a playbook and its steps in their order; "" for none.
func StepsInWords(book string, list []playbook.Step) string {
	if book == "" {
		return ""
	}
	labels := make([]string, len(list))
	for i, s := range list {
		labels[i] = strings.ToLower(StepLabel(s))
	}
	return Book(book).Title + ": " + strings.Join(labels, ", ")
}
