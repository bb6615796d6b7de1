package respond

import (
	"net/http"
	"time"

	"tokenconsole/internal/genesys"
	"tokenconsole/internal/revocation"
	"tokenconsole/session"
	"tokenconsole/views"
)

// The codes of the problems of acts, and of what they are about.
const (
	PersonUnknown      Code = "person-unknown"
	PersonProtected    Code = revocation.PersonProtected
	RevocationUnknown  Code = "revocation-outcome-unknown"
	DeletionUnknown    Code = "deletion-outcome-unknown"
	FoundTokenExpired  Code = "found-token-expired" // #nosec G101 -- the code of a problem
	FoundTokenSilent   Code = "found-token-silent"  // #nosec G101 -- the code of a problem
	TimeoutOutOfBounds Code = "timeout-out-of-bounds"
	TimeoutUnknown     Code = "timeout-outcome-unknown"
	TimeoutChanged     Code = "timeout-changed-meanwhile"
	NotWatched         Code = "not-watched"
	OwnReturn          Code = "own-return"
	NoReturn           Code = "no-return"
	ReturnCleared      Code = "return-cleared"
	ReturnChanged      Code = "return-changed"
	ClientUnmatched    Code = "client-unknown"
	ClientChanged      Code = "client-changed-meanwhile"
	ClientUnknown      Code = "client-outcome-unknown"
)

// actWords are the words of the problems of acts. Who did not get an answer fills in the %s.
var actWords = map[Code]words{
	PersonProtected: {
		status: http.StatusUnprocessableEntity,
		title:  "This person is protected",
		meaning: "The settings of this console protect this account, as one that other things hang on. Nothing " +
			"was revoked.",
		next: "If you mean it, revoke it on a page of its own, and type its email address there.",
		ways: []Way{ToPeople},
	},
	PersonUnknown: {
		status:  http.StatusNotFound,
		title:   "There is no such user",
		meaning: "Genesys Cloud knows nobody with this id in your organization. Nothing was revoked.",
		next:    "Check the id, or find the person by name.",
		ways:    []Way{ToPeople},
	},
	RevocationUnknown: {
		status: http.StatusBadGateway,
		title:  "It is unknown whether the tokens were revoked",
		meaning: "The request was sent, but Genesys Cloud did not confirm it: %s’s tokens may or may not be " +
			"revoked.",
		next: "Revoking again does no harm.",
		ways: home,
	},
	DeletionUnknown: {
		status:  http.StatusBadGateway,
		title:   "It is unknown whether the token was deleted",
		meaning: "The request was sent, but Genesys Cloud did not confirm it.",
		next:    "Paste the token again to see whether it still works.",
		ways:    []Way{ToInspect},
	},
	FoundTokenExpired: {
		status:  http.StatusBadRequest,
		title:   "That confirmation has expired",
		meaning: "It is valid for " + views.Span(session.FoundLife) + ", in the session that asked for it. Nothing was deleted.",
		next:    "Paste the token again.",
		ways:    []Way{ToInspect},
	},
	FoundTokenSilent: {
		status: http.StatusForbidden,
		title:  "This token cannot be inspected",
		meaning: "Genesys Cloud recognizes it but does not describe it: its OAuth client lacks a scope, or its " +
			"use is restricted.",
		next: "It cannot be deleted from here. Revoke the tokens of the person who uses it, or disable its " +
			"OAuth client.",
	},
	TimeoutOutOfBounds: {
		status: http.StatusUnprocessableEntity,
		title:  "Your organization cannot have that timeout",
		meaning: "Genesys Cloud accepts " + views.Span(genesys.MinIdleTimeout*time.Second) + " to " +
			views.Span(genesys.MaxIdleTimeout*time.Second) + "." + nothingChanged,
		next: "Choose another.",
	},
	TimeoutChanged: {
		status:  http.StatusConflict,
		title:   "The timeout was changed in the meantime",
		meaning: "Somebody else changed it while this page was open. Nothing was changed by you.",
		next:    "Check the values below, and confirm again if you still want the change.",
	},
	NotWatched: {
		status:  http.StatusNotFound,
		title:   "Nobody with that id is being watched",
		meaning: "Their tokens were not revoked recently." + nothingChanged,
		next:    "See who is being watched.",
		ways:    []Way{ToWatch},
	},
	OwnReturn: {
		status:  http.StatusForbidden,
		title:   "You cannot clear your own return",
		meaning: "Somebody revoked your tokens, and you came back. Nothing was cleared.",
		next:    "Ask somebody else who may revoke to look at it.",
		ways:    []Way{ToWatch},
	},
	NoReturn: {
		status:  http.StatusConflict,
		title:   "There is no return to clear",
		meaning: "Since this revocation they have not come back, as far as we know. Nothing was cleared.",
		next:    "Whoever comes back later shows, and can be cleared then.",
		ways:    []Way{ToWatch},
	},
	ReturnCleared: {
		status:  http.StatusConflict,
		title:   "This return is cleared already",
		meaning: "Somebody else cleared it while this page was open. Your words are not on the record.",
		next:    "See what was done about it.",
		ways:    []Way{ToWatch},
	},
	ReturnChanged: {
		status:  http.StatusConflict,
		title:   "This is not the return that you saw",
		meaning: "Since this page was opened they came back again, or were revoked again. Nothing was cleared.",
		next:    "Check what happened below, and clear it if it is dealt with.",
	},
	ClientUnmatched: {
		status:  http.StatusNotFound,
		title:   "There is no such client",
		meaning: "Genesys Cloud knows no OAuth client with this id in your organization. Nothing was changed.",
		next:    "Find it in the list of clients.",
		ways:    []Way{ToClients},
	},
	ClientChanged: {
		status:  http.StatusConflict,
		title:   "The client was changed in the meantime",
		meaning: "Somebody else changed it while this page was open. Nothing was changed by you.",
		next:    "Check it, and confirm again if you still want the change.",
	},
	ClientUnknown: {
		status:  http.StatusBadGateway,
		title:   "It is unknown whether the client was changed",
		meaning: "The request was sent, but Genesys Cloud did not confirm it.",
		next:    "Check the client before you continue.",
		ways:    []Way{ToClients},
	},
	TimeoutUnknown: {
		status:  http.StatusBadGateway,
		title:   "It is unknown whether the timeout was changed",
		meaning: "The request was sent, but Genesys Cloud did not confirm it.",
		next:    "Check the timeout before you continue.",
		ways:    home,
	},
}
