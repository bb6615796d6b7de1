package respond

import (
	"net/http"

	"tokenconsole/internal/genesys"
)

// The codes of the problems that calls of the platform have.
const (
	TokenInvalid      = Code(genesys.TokenInvalid)
	PermissionMissing = Code(genesys.PermissionMissing)
	ScopeMissing      = Code(genesys.ScopeMissing)
	NotFound          = Code(genesys.NotFound)
	RateLimited       = Code(genesys.RateLimited)
	PlatformSlow      = Code(genesys.PlatformSlow)
	PlatformFailed    = Code(genesys.PlatformFailed)
	PlatformRefused   = Code(genesys.PlatformRefused)
	PlatformAway      = Code(genesys.PlatformAway)
	PlatformGarbled   = Code(genesys.PlatformGarbled)
	UserIDInvalid     = Code(genesys.UserIDInvalid)
	Unexpected        = Code(genesys.Unexpected)
)

// platformWords are the words of the problems of calls. explainCall fills in a %s or %d.
var platformWords = map[Code]words{
	TokenInvalid: {
		status: http.StatusUnauthorized,
		title:  "Your token is no longer valid",
		meaning: "Genesys Cloud does not accept it any more: it was revoked, it expired, or it idled out. This " +
			"session has ended.",
		next: "Sign in again to continue.",
		ways: signIn,
	},
	PermissionMissing: {
		status:  http.StatusForbidden,
		title:   "You are not allowed to do that",
		meaning: "Your roles in Genesys Cloud do not include %s. %s" + nothingChanged,
		next: "An administrator can add it to one of your roles (Admin, Roles/Permissions). Sign out and in " +
			"again afterwards.",
		ways: home,
	},
	ScopeMissing: {
		status:  http.StatusForbidden,
		title:   "This console is not allowed to do that",
		meaning: "Its OAuth client lacks %s, so Genesys Cloud refused. Your own permissions are not the cause." + nothingChanged,
		next: "An administrator can add it to the OAuth client (Admin, Integrations, OAuth). Sign out and in " +
			"again afterwards.",
		ways: home,
	},
	NotFound: {
		status:  http.StatusNotFound,
		title:   "Not found in Genesys Cloud",
		meaning: "There is no such user in your organization, or you are not allowed to see them.",
		next:    "Check the id, or find the person by name.",
		ways:    []Way{ToPeople},
	},
	RateLimited: {
		status: http.StatusTooManyRequests,
		title:  "Too many requests",
		meaning: "Genesys Cloud limits the number of requests per person and application, and that limit was " +
			"reached. The request was not carried out.",
		next: "Wait a minute and try again.",
		ways: again,
	},
	PlatformSlow: {
		status:  http.StatusGatewayTimeout,
		title:   "Genesys Cloud took too long",
		meaning: "The platform gave up on the request.",
		next:    later,
		ways:    again,
	},
	PlatformFailed: {
		status:  http.StatusBadGateway,
		title:   "Genesys Cloud failed",
		meaning: "It reported an internal error (%d).",
		next:    "Try again in a moment. If it keeps happening, give Genesys support the correlation id below.",
		ways:    again,
	},
	PlatformRefused: {
		status:  http.StatusBadGateway,
		title:   "Genesys Cloud refused the request",
		meaning: "It answered %d, which this console did not expect.",
		next:    "Report the correlation id below to whoever runs this console.",
		ways:    home,
	},
	PlatformAway: {
		status:  http.StatusBadGateway,
		title:   "Genesys Cloud could not be reached",
		meaning: "No connection could be made, so the request was not carried out.",
		next:    later,
		ways:    again,
	},
	PlatformGarbled: {
		status:  http.StatusBadGateway,
		title:   "Genesys Cloud gave no usable answer",
		meaning: "The connection was lost, or the answer could not be understood.",
		next:    later,
		ways:    again,
	},
	UserIDInvalid: {
		status: http.StatusBadRequest,
		title:  "That is not a user id",
		meaning: "A user id has the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx, in lower-case hex digits. Genesys " +
			"Cloud was not asked, and nothing was changed.",
		next: "Find the person by name instead, or copy the id again.",
		ways: []Way{ToPeople},
	},
	Unexpected: {
		status:  http.StatusInternalServerError,
		title:   "Something went wrong here",
		meaning: "This is a fault of the console, not of Genesys Cloud and not yours. It has been logged.",
		next:    "Try again. If it happens again, report the request id below.",
		ways:    again,
	},
}
