package respond

import (
	"net/http"

	"tokenconsole/internal/login"
	"tokenconsole/views"
)

// The codes of the problems of a sign-in.
const (
	SignInWithoutState Code = "sign-in-without-state"
	SignInNotBegun     Code = "sign-in-not-begun"
	SignInUsed         Code = "sign-in-used"
	SignInTooLate      Code = "sign-in-too-late"
	SignInWithoutCode  Code = "sign-in-without-code"
	SignInRefused      Code = "sign-in-refused"
	SignInDenied       Code = "sign-in-denied"
	SignInFailed       Code = "sign-in-failed"
	ClientMisset       Code = "oauth-client-misconfigured"
	ClocksDiffer       Code = "clocks-differ"
	SignInsTooMany     Code = "sign-ins-too-many"
	SignOutsTooMany    Code = "sign-outs-too-many"
	TokenTooLarge      Code = "token-too-large"
	LoginServerAway    Code = "login-server-away"
)

// signInWords are the words of the problems of a sign-in.
var signInWords = map[Code]words{
	SignInWithoutState: {
		status:  http.StatusBadRequest,
		title:   "This address does not finish a sign-in",
		meaning: "Something that Genesys Cloud adds to it is missing, or is there twice. Nobody was signed in.",
		next:    "Start again.",
		ways:    signIn,
	},
	SignInNotBegun: {
		status: http.StatusBadRequest,
		title:  "This browser did not start that sign-in",
		meaning: "It was started in another browser, too long ago, or with cookies turned off. It may also be a " +
			"link that somebody else sent you. Nobody was signed in.",
		next: "Start again, and allow cookies for this site.",
		ways: signIn,
	},
	SignInUsed: {
		status:  http.StatusBadRequest,
		title:   "That sign-in was already used",
		meaning: "Each sign-in works once. If you came here by Back or Reload, you are signed in.",
		next:    "Continue to your token, or start again.",
		ways:    []Way{ToHome, ToSignIn},
	},
	SignInTooLate: {
		status:  http.StatusBadRequest,
		title:   "That sign-in took too long",
		meaning: "It was started more than " + views.Span(login.PendingLife) + " ago. Nobody was signed in.",
		next:    "Start again.",
		ways:    signIn,
	},
	SignInWithoutCode: {
		status:  http.StatusBadRequest,
		title:   "Genesys Cloud sent no code",
		meaning: "The sign-in cannot be finished without one. Nobody was signed in.",
		next:    "Start again.",
		ways:    signIn,
	},
	SignInRefused: {
		status: http.StatusBadGateway,
		title:  "Genesys Cloud refused to finish the sign-in",
		meaning: "It did not accept the code, or does not accept this console’s OAuth client. Nobody was signed " +
			"in.",
		next: "Start again. If it happens again, whoever runs the console can find the cause in its log.",
		ways: signIn,
	},
	SignInDenied: {
		status:  http.StatusForbidden,
		title:   "The sign-in was refused",
		meaning: "You or Genesys Cloud declined it. Nobody was signed in.",
		next:    "Start again, or ask an administrator whether you may use this application.",
		ways:    signIn,
	},
	SignInFailed: {
		status:  http.StatusBadGateway,
		title:   "Genesys Cloud failed",
		meaning: "Its login server could not finish the sign-in. Nobody was signed in.",
		next:    "Start again in a moment.",
		ways:    signIn,
	},
	ClientMisset: {
		status:  http.StatusBadGateway,
		title:   "Genesys Cloud did not accept the sign-in",
		meaning: "It rejects the way this console’s OAuth client is set up. Nobody was signed in.",
		next:    "Ask whoever runs the console to check the client id, grant type, redirect URI and scopes.",
		ways:    signIn,
	},
	SignInsTooMany: {
		status: http.StatusTooManyRequests,
		title:  "Too many sign-ins from your network",
		meaning: "Many sign-ins from your network were started but not finished, or failed. This one signed " +
			"nobody in.",
		next: "Try again in a moment.",
		ways: signIn,
	},
	SignOutsTooMany: {
		status:  http.StatusTooManyRequests,
		title:   "This sign-out was tried again too often",
		meaning: "Genesys Cloud still does not confirm that the token is deleted, so it may work until it expires.",
		next:    "Try again in a moment.",
		ways:    []Way{ToSignedOut},
	},
	ClocksDiffer: {
		status: http.StatusInternalServerError,
		title:  "The clocks differ",
		meaning: "By this server’s clock, that sign-in was started in the future: the clocks of the console’s " +
			"servers differ. Nobody was signed in.",
		next: "Start again. Ask whoever runs the console to synchronize its clocks.",
		ways: signIn,
	},
	TokenTooLarge: {
		status: http.StatusBadGateway,
		title:  "The token does not fit",
		meaning: "Genesys Cloud issued a token that is too large for this console’s sealed cookie, so the " +
			"sign-in could not be kept.",
		next: "Report the request id below to whoever runs this console.",
		ways: signIn,
	},
	LoginServerAway: {
		status:  http.StatusBadGateway,
		title:   "Genesys Cloud is not answering",
		meaning: "Its login server could not be reached, or its answer could not be used.",
		next:    "Try again in a moment. If it keeps happening, check the platform’s status page.",
		ways:    signIn,
	},
}
