package respond

import "net/http"

// The codes of the problems that the record and the sessions have, which stand in the database.
const (
	RecordUnwritable Code = "record-unwritable"
	RecordUnreadable Code = "record-unreadable"
	RecordBroken     Code = "record-broken"
	EntryUnknown     Code = "entry-unknown"
	SessionsAway     Code = "sessions-away"
	TokenRenewed     Code = "token-renewed"
	FilterUnreadable Code = "filter-unreadable"
	EntriesTooMany   Code = "entries-too-many"
)

// recordWords are the words of the problems of what stands in the database.
var recordWords = map[Code]words{
	RecordUnwritable: {
		status: http.StatusServiceUnavailable,
		title:  "The record cannot be written",
		meaning: "This console records who did what and why. It could not write to its record, so nothing was " +
			"changed.",
		next: "Ask whoever runs the console to check its database and its disk.",
		ways: home,
	},
	RecordUnreadable: {
		status:  http.StatusServiceUnavailable,
		title:   "The record cannot be read",
		meaning: "This console’s database is not answering.",
		next: "Try again in a moment. If it keeps happening, ask whoever runs the console to check its " +
			"database.",
		ways: again,
	},
	RecordBroken: {
		status: http.StatusServiceUnavailable,
		title:  "The record is not intact",
		meaning: "The console’s record was changed or replaced, or the console was given another key than the one that " +
			"signed it. Until that is resolved the console changes nothing, and it changed nothing now.",
		next: "Ask whoever runs the console to keep the database as it is and to run “web audit verify”.",
		ways: []Way{ToRecord, ToHome},
	},
	SessionsAway: {
		status: http.StatusServiceUnavailable,
		title:  "Your session cannot be checked",
		meaning: "This console’s database is not answering, so it cannot tell whether your session was ended. " +
			"Nothing was shown, and nothing was changed.",
		next: "Try again in a moment. If it keeps happening, ask whoever runs the console to check its " +
			"database.",
		ways: []Way{ToAgain},
	},
	TokenRenewed: {
		status:  http.StatusConflict,
		title:   "Your token is being renewed",
		meaning: "Another page of yours began to renew it at the same moment. Nothing was shown, and nothing was changed.",
		next:    "Try again in a moment.",
		ways:    []Way{ToAgain},
	},
	EntryUnknown: {
		status: http.StatusNotFound,
		title:  "There is no such entry",
		meaning: "The record has no entry with this number that you may see. Its text may have been removed when " +
			"its retention ended.",
		next: "Look for it in the record.",
		ways: []Way{ToRecord},
	},
	FilterUnreadable: {
		status:  http.StatusUnprocessableEntity,
		title:   "That filter is not valid",
		meaning: "It names a date, an action or an outcome that does not exist. Nothing was exported.",
		next:    "Set the filter on the page of the record and export from there.",
		ways:    []Way{ToRecord},
	},
	EntriesTooMany: {
		status: http.StatusTooManyRequests,
		title:  "Too many entries in one minute",
		meaning: "Exports, inspections, checks of a token, work on batches and refused attempts all go on the record, and you " +
			"made many within a minute. This one was not carried out." + nothingChanged,
		next: "Wait a moment and try again. Revoking and signing out still work.",
		ways: home,
	},
}
