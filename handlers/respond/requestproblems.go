package respond

import (
	"net/http"
	"strconv"

	"tokenconsole/handlers/request"
)

// The codes of the problems that requests have before any page sees them.
const (
	PathOdd          = Code(request.PathOdd)
	CrossOrigin      = Code(request.CrossOrigin)
	Misdirected      = Code(request.Misdirected)
	FormUnreadable   = Code(request.FormUnreadable)
	FormTooLarge     = Code(request.FormTooLarge)
	FormWrongType    = Code(request.FormWrongType)
	FramingOdd       = Code(request.FramingOdd)
	LoadedAhead      = Code(request.LoadedAhead)
	PageUnknown      = Code(request.PageUnknown)
	MethodNotAllowed = Code(request.MethodNotAllowed)

	LiveTooMany Code = "live-too-many"
)

// requestWords are the words of the problems of requests.
var requestWords = map[Code]words{
	PageUnknown: {
		status:  http.StatusNotFound,
		title:   "There is no such page",
		meaning: "The address does not lead to anything here.",
		next:    "Check the address, or continue from one of these pages.",
		ways:    home,
	},
	MethodNotAllowed: {
		status:  http.StatusMethodNotAllowed,
		title:   "That cannot be done here",
		meaning: "The address exists, but not for this kind of request." + nothingChanged,
		next:    ownPages,
		ways:    home,
	},
	LiveTooMany: {
		status:  http.StatusTooManyRequests,
		title:   "You have too many live pages open",
		meaning: "Each of them is kept up to date while it is open, and there is a limit to how many are for one person." + nothingChanged,
		next:    "Close some of them, and load this one again.",
		ways:    home,
	},
	PathOdd: {
		status:  http.StatusBadRequest,
		title:   "That address is not one of ours",
		meaning: "This console does not use addresses of that form." + nothingChanged,
		next:    ownPages,
		ways:    home,
	},
	FormUnreadable: {
		status:  http.StatusBadRequest,
		title:   "That form could not be read",
		meaning: "It is damaged, or has a field more than once." + nothingChanged,
		next:    "Go back, reload the page and send the form again.",
		ways:    home,
	},
	FormWrongType: {
		status:  http.StatusUnsupportedMediaType,
		title:   "That form could not be read",
		meaning: "Its content type is not the one that the console’s forms send." + nothingChanged,
		next:    ownPages,
		ways:    home,
	},
	LoadedAhead: {
		status:  http.StatusServiceUnavailable,
		title:   "Pages are not loaded ahead",
		meaning: "Your browser guessed that you would open this page. This console opens pages only for people who ask for them.",
		next:    "Open the page again.",
		ways:    home,
	},
	FramingOdd: {
		status:  http.StatusBadRequest,
		title:   "That request could not be read",
		meaning: "It was sent in chunks, which browsers do not do with forms." + nothingChanged,
		next:    ownPages,
		ways:    home,
	},
	FormTooLarge: {
		status: http.StatusRequestEntityTooLarge,
		title:  "The form is too large",
		meaning: "The console accepts forms of up to " + strconv.Itoa(request.MaxForm>>10) + " KB, and lists of people of up to " +
			strconv.Itoa(request.MaxFile>>20) + " MB." + nothingChanged,
		next: "Shorten it and send it again.",
		ways: home,
	},
	CrossOrigin: {
		status:  http.StatusForbidden,
		title:   "That request did not come from this console",
		meaning: "It was sent from another site, or by a program that does not say where it comes from." + nothingChanged,
		next:    "Open the page in the console and do it there.",
		ways:    home,
	},
	Misdirected: {
		status:  http.StatusMisdirectedRequest,
		title:   "That request was for another host",
		meaning: "This console answers under its public address only." + nothingChanged,
		next:    "Open the console at its public address and do it there.",
	},
}
