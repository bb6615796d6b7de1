package respond

import (
	"net/http"

	"tokenconsole/internal/batch"
	"tokenconsole/views"
)

// The codes of the problems of a batch.
const (
	BatchUnknown    Code = "batch-unknown"
	BatchMoved      Code = "batch-moved"
	BatchEmpty      Code = "batch-empty"
	BatchTooLarge   Code = "batch-too-large"
	BatchPlans      Code = "batch-plans"
	BatchSamePerson Code = "batch-same-person"
	BatchRowUnknown Code = "batch-row-unknown"
	BatchElsewhere  Code = "batch-elsewhere"
	BatchAltered    Code = "batch-altered"
	BatchesAway     Code = "batches-away"
)

// batchWords are the words of the problems of a batch.
var batchWords = map[Code]words{
	BatchUnknown: {
		status:  http.StatusNotFound,
		title:   "There is no such batch",
		meaning: "Your organization has no batch with this id.",
		next:    "Find it in the list of batches.",
		ways:    []Way{ToBatches},
	},
	BatchMoved: {
		status:  http.StatusConflict,
		title:   "The batch has changed in the meantime",
		meaning: "Somebody changed its plan or its state after you loaded the page, so this was not done.",
		next:    "Check it below before you continue. What you typed is still there.",
		ways:    []Way{ToBatches},
	},
	BatchEmpty: {
		status:  http.StatusUnprocessableEntity,
		title:   "There is nobody to revoke",
		meaning: "Nobody was chosen, or nobody is left to revoke. Nothing was prepared or started.",
		next:    "Choose somebody.",
		ways:    []Way{ToBatches},
	},
	BatchTooLarge: {
		status:  http.StatusUnprocessableEntity,
		title:   "Too many people",
		meaning: "A batch holds at most " + views.Number(batch.MaxPeople) + ". Nothing was cut off, and nothing was prepared.",
		next:    "Choose fewer people, or make several batches.",
		ways:    []Way{ToBatches},
	},
	BatchPlans: {
		status: http.StatusConflict,
		title:  "You have too many plans",
		meaning: "You have prepared " + views.Number(batch.MaxPlans) + " batches that were not started. " +
			"Nothing was prepared.",
		next: "Start or discard some of them.",
		ways: []Way{ToBatches},
	},
	BatchSamePerson: {
		status: http.StatusForbidden,
		title:  "Somebody else has to do this",
		meaning: "Whoever prepared or started a batch cannot approve it, and only the person who set it going " +
			"can resume it without taking it over. Nothing was changed.",
		next: "Ask a second person with the permission oauth:token:delete.",
		ways: []Way{ToBatches},
	},
	BatchRowUnknown: {
		status:  http.StatusUnprocessableEntity,
		title:   "That row cannot be changed",
		meaning: "The plan has no such row, or the row was settled in the meantime. Nothing was changed.",
		next:    "Check the rows below.",
		ways:    []Way{ToBatches},
	},
	BatchElsewhere: {
		status: http.StatusConflict,
		title:  "The batch belongs to another region",
		meaning: "It was prepared in another region of Genesys Cloud than the one you are signed in to. Nothing " +
			"was changed.",
		next: "Sign in to that region.",
		ways: []Way{ToSignIn},
	},
	BatchesAway: {
		status:  http.StatusServiceUnavailable,
		title:   "The batches are not available",
		meaning: "This console’s database is not answering.",
		next: "Try again in a moment, and look at the batch before you do something twice. If it keeps happening, ask whoever " +
			"runs the console to check its database.",
		ways: again,
	},
	BatchAltered: {
		status:  http.StatusConflict,
		title:   "The batch is not what the record says",
		meaning: "It was changed in the database, past this console. Do not believe what else this page says of it.",
		next:    "Nobody can start, approve or resume it so. Tell whoever runs the console, and prepare the batch anew.",
		ways:    []Way{ToBatches},
	},
}
