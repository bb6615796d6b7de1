package respond

import (
	"net/http"

	"tokenconsole/handlers/request"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/revocation"
)

// Code names a problem in one word, for pages, logs and programs.
type Code string

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

// The codes of the problems that requests have before any page sees them.
const (
	PathOdd          = Code(request.PathOdd)
	CrossOrigin      = Code(request.CrossOrigin)
	Misdirected      = Code(request.Misdirected)
	FormUnreadable   = Code(request.FormUnreadable)
	FormTooLarge     = Code(request.FormTooLarge)
	FormWrongType    = Code(request.FormWrongType)
	FramingOdd       = Code(request.FramingOdd)
	PageUnknown      = Code(request.PageUnknown)
	MethodNotAllowed = Code(request.MethodNotAllowed)
)

// The codes of the problems that pages have themselves.
const (
	RecordUnwritable Code = "record-unwritable"
	RecordUnreadable Code = "record-unreadable"
	RecordBroken     Code = "record-broken"
	EntryUnknown     Code = "entry-unknown"
	SessionsAway     Code = "sessions-away"
	FilterUnreadable Code = "filter-unreadable"
	EntriesTooMany   Code = "entries-too-many"

	BatchUnknown    Code = "batch-unknown"
	BatchMoved      Code = "batch-moved"
	BatchEmpty      Code = "batch-empty"
	BatchTooLarge   Code = "batch-too-large"
	BatchSamePerson Code = "batch-same-person"
	BatchRowUnknown Code = "batch-row-unknown"
	BatchElsewhere  Code = "batch-elsewhere"
	BatchAltered    Code = "batch-altered"

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
	TokenTooLarge      Code = "token-too-large"
	LoginServerAway    Code = "login-server-away"

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
	LiveBusy           Code = "live-busy"
	ClientUnmatched    Code = "client-unknown"
	ClientChanged      Code = "client-changed-meanwhile"
	ClientUnknown      Code = "client-outcome-unknown"
)

// A Way leads on from a problem.
type Way int

// The ways on.
const (
	ToSignIn Way = iota
	ToToken
	ToPeople
	ToRecord
	ToInspect
	ToClients
	ToWatch
	ToBatches

	ToAgain // the same page, once more
)

// words are what a code stands for.
type words struct {
	status               int
	title, meaning, next string
	ways                 []Way
}

const (
	nothingChanged = " Nothing was changed."
	ownPages       = "Use the console’s own pages."
	later          = "Try again in a moment. If it keeps happening, check the platform’s status page and this console’s network connection."
)

var (
	token  = []Way{ToToken}
	again  = []Way{ToAgain, ToToken}
	signIn = []Way{ToSignIn}
)

// problems has the words of every code. A %s or %d is filled in by explain.
var problems = map[Code]words{
	PageUnknown:      {http.StatusNotFound, "There is no such page", "The address does not lead to anything here.", "Check the address, or continue from one of these pages.", []Way{ToToken, ToPeople}},
	MethodNotAllowed: {http.StatusMethodNotAllowed, "That cannot be done here", "The address exists, but not for this kind of request." + nothingChanged, ownPages, token},
	PathOdd:          {http.StatusBadRequest, "That address is not one of ours", "This console does not use addresses of that form." + nothingChanged, ownPages, token},
	FormUnreadable:   {http.StatusBadRequest, "That form could not be read", "It is damaged, or has a field more than once." + nothingChanged, "Go back, reload the page and send the form again.", token},
	FormWrongType:    {http.StatusUnsupportedMediaType, "That form could not be read", "Its content type is not the one that the console’s forms send." + nothingChanged, ownPages, token},
	FramingOdd:       {http.StatusBadRequest, "That request could not be read", "It was sent in chunks, which browsers do not do with forms." + nothingChanged, ownPages, token},
	FormTooLarge:     {http.StatusRequestEntityTooLarge, "The form is too large", "The console accepts forms of up to 64 KB." + nothingChanged, "Shorten it and send it again.", token},
	CrossOrigin:      {http.StatusForbidden, "That request did not come from this console", "It was sent from another site, or by a program that does not say where it comes from." + nothingChanged, "Open the page in the console and do it there.", token},
	Misdirected:      {http.StatusMisdirectedRequest, "That request was for another host", "This console answers under its public address only." + nothingChanged, "Open the console at its public address and do it there.", nil},
	UserIDInvalid:    {http.StatusBadRequest, "That is not a user id", "A user id has the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx, in lower-case hex digits. Genesys Cloud was not asked, and nothing was changed.", "Find the person by name instead, or copy the id again.", []Way{ToPeople}},
	Unexpected:       {http.StatusInternalServerError, "Something went wrong here", "This is a fault of the console, not of Genesys Cloud and not yours. It has been logged.", "Try again. If it happens again, report the request id below.", again},

	TokenInvalid:      {http.StatusUnauthorized, "Your token is no longer valid", "Genesys Cloud does not accept it any more: it was revoked, it expired, or it idled out. This session has ended.", "Sign in again to continue.", signIn},
	PermissionMissing: {http.StatusForbidden, "You are not allowed to do that", "Your roles in Genesys Cloud do not include %s. %s" + nothingChanged, "An administrator can add it to one of your roles (Admin, Roles/Permissions). Sign out and in again afterwards.", token},
	ScopeMissing:      {http.StatusForbidden, "This console is not allowed to do that", "Its OAuth client lacks %s, so Genesys Cloud refused. Your own permissions are not the cause." + nothingChanged, "An administrator can add it to the OAuth client (Admin, Integrations, OAuth). Sign out and in again afterwards.", token},
	NotFound:          {http.StatusNotFound, "Not found in Genesys Cloud", "There is no such user in your organization, or you are not allowed to see them.", "Check the id, or find the person by name.", []Way{ToPeople}},
	RateLimited:       {http.StatusTooManyRequests, "Too many requests", "Genesys Cloud limits the number of requests per person and application, and that limit was reached. The request was not carried out.", "Wait a minute and try again.", again},
	PlatformSlow:      {http.StatusGatewayTimeout, "Genesys Cloud took too long", "The platform gave up on the request.", later, again},
	PlatformFailed:    {http.StatusBadGateway, "Genesys Cloud failed", "It reported an internal error (%d).", "Try again in a moment. If it keeps happening, give Genesys support the correlation id below.", again},
	PlatformRefused:   {http.StatusBadGateway, "Genesys Cloud refused the request", "It answered %d, which this console did not expect.", "Report the correlation id below to whoever runs this console.", token},
	PlatformAway:      {http.StatusBadGateway, "Genesys Cloud could not be reached", "No connection could be made, so the request was not carried out.", later, again},
	PlatformGarbled:   {http.StatusBadGateway, "Genesys Cloud gave no usable answer", "The connection was lost, or the answer could not be understood.", later, again},

	RecordUnwritable: {http.StatusServiceUnavailable, "The record cannot be written", "This console records who did what and why. It could not write to its record, so nothing was changed.", "Ask whoever runs the console to check its database and its disk.", token},
	RecordUnreadable: {http.StatusServiceUnavailable, "The record cannot be read", "This console’s database is not answering.", "Try again in a moment. If it keeps happening, ask whoever runs the console to check its database.", again},
	RecordBroken:     {http.StatusServiceUnavailable, "The record is not intact", "Somebody or something changed the console’s record, or replaced it. Until that is resolved the console changes nothing, and it changed nothing now.", "Ask whoever runs the console to keep the database as it is and to run “web audit verify”.", []Way{ToRecord, ToToken}},
	SessionsAway:     {http.StatusServiceUnavailable, "Your session cannot be checked", "This console’s database is not answering, so it cannot tell whether your session was ended. Nothing was shown, and nothing was changed.", "Try again in a moment. If it keeps happening, ask whoever runs the console to check its database.", []Way{ToAgain}},
	EntryUnknown:     {http.StatusNotFound, "There is no such entry", "The record has no entry with this number that you may see. Its text may have been removed when its retention ended.", "Look for it in the record.", []Way{ToRecord}},
	FilterUnreadable: {http.StatusUnprocessableEntity, "That filter is not valid", "It names a date, an action or an outcome that does not exist. Nothing was exported.", "Set the filter on the audit page and export from there.", []Way{ToRecord}},
	EntriesTooMany:   {http.StatusTooManyRequests, "Too many entries in one minute", "Exports, inspections, checks of a token and refused attempts all go on the record, and you made many within a minute. This one was not carried out." + nothingChanged, "Wait a moment and try again. Revoking and signing out still work.", token},

	SignInWithoutState: {http.StatusBadRequest, "This address does not finish a sign-in", "Something that Genesys Cloud adds to it is missing, or is there twice. Nobody was signed in.", "Start again.", signIn},
	SignInNotBegun:     {http.StatusBadRequest, "This browser did not start that sign-in", "It was started in another browser, too long ago, or with cookies turned off. It may also be a link that somebody else sent you. Nobody was signed in.", "Start again, and allow cookies for this site.", signIn},
	SignInUsed:         {http.StatusBadRequest, "That sign-in was already used", "Each sign-in works once. If you came here by Back or Reload, you are signed in.", "Continue to your token, or start again.", []Way{ToToken, ToSignIn}},
	SignInTooLate:      {http.StatusBadRequest, "That sign-in took too long", "It was started more than 10 minutes ago. Nobody was signed in.", "Start again.", signIn},
	SignInWithoutCode:  {http.StatusBadRequest, "Genesys Cloud sent no code", "The sign-in cannot be finished without one. Nobody was signed in.", "Start again.", signIn},
	SignInRefused:      {http.StatusBadGateway, "Genesys Cloud refused to finish the sign-in", "It did not accept the code, or does not accept this console’s OAuth client. Nobody was signed in.", "Start again. If it happens again, whoever runs the console can find the cause in its log.", signIn},
	SignInDenied:       {http.StatusForbidden, "The sign-in was refused", "You or Genesys Cloud declined it. Nobody was signed in.", "Start again, or ask an administrator whether you may use this application.", signIn},
	SignInFailed:       {http.StatusBadGateway, "Genesys Cloud failed", "Its login server could not finish the sign-in. Nobody was signed in.", "Start again in a moment.", signIn},
	ClientMisset:       {http.StatusBadGateway, "Genesys Cloud did not accept the sign-in", "It rejects the way this console’s OAuth client is set up. Nobody was signed in.", "Ask whoever runs the console to check the client id, grant type, redirect URI and scopes.", signIn},
	SignInsTooMany:     {http.StatusTooManyRequests, "Too many sign-ins from your network", "Many sign-ins from your network were started but not finished, or failed. This one signed nobody in.", "Try again in a moment.", signIn},
	ClocksDiffer:       {http.StatusInternalServerError, "The clocks differ", "By this server’s clock, that sign-in was started in the future: the clocks of the console’s servers differ. Nobody was signed in.", "Start again. Ask whoever runs the console to synchronize its clocks.", signIn},
	TokenTooLarge:      {http.StatusBadGateway, "The token does not fit", "Genesys Cloud issued a token that is too large for this console’s sealed cookie, so the sign-in could not be kept.", "Report the request id below to whoever runs this console.", signIn},
	LoginServerAway:    {http.StatusBadGateway, "Genesys Cloud is not answering", "Its login server could not be reached, or its answer could not be used.", "Try again in a moment. If it keeps happening, check the platform’s status page.", signIn},

	BatchUnknown:    {http.StatusNotFound, "There is no such batch", "Your organization has no batch with this id.", "Find it in the list of batches.", []Way{ToBatches}},
	BatchMoved:      {http.StatusConflict, "The batch has changed in the meantime", "It is in another state now, so this could not be done.", "Check it below before you continue.", []Way{ToBatches}},
	BatchEmpty:      {http.StatusUnprocessableEntity, "There is nobody to revoke", "Nobody was chosen, or nobody is left to revoke. Nothing was prepared or started.", "Choose somebody.", []Way{ToBatches}},
	BatchTooLarge:   {http.StatusUnprocessableEntity, "Too many people", "A batch holds at most 10,000. Nothing was cut off, and nothing was prepared.", "Choose fewer people, or make several batches.", []Way{ToBatches}},
	BatchSamePerson: {http.StatusForbidden, "Somebody else has to do this", "Whoever prepared or started a batch cannot approve it, and only the person who set it going can resume it without taking it over. Nothing was changed.", "Ask a second person with the permission oauth:token:delete.", []Way{ToBatches}},
	BatchRowUnknown: {http.StatusUnprocessableEntity, "That row cannot be changed", "The plan has no such row, or the row was settled in the meantime. Nothing was changed.", "Check the rows below.", []Way{ToBatches}},
	BatchElsewhere:  {http.StatusConflict, "The batch belongs to another region", "It was prepared in another region of Genesys Cloud than the one you are signed in to. Nothing was changed.", "Sign in to that region.", []Way{ToSignIn}},
	BatchAltered:    {http.StatusConflict, "The batch is not what the record says", "Its plan or its state was changed in the database, past this console. Nothing was done.", "Prepare the batch anew, and tell whoever runs the console.", []Way{ToBatches}},

	PersonProtected:    {http.StatusUnprocessableEntity, "This person is protected", "The settings of this console protect this account, as one that other things hang on. Nothing was revoked.", "If you mean it, revoke it on a page of its own, and type its email address there.", []Way{ToPeople}},
	PersonUnknown:      {http.StatusNotFound, "There is no such user", "Genesys Cloud knows nobody with this id in your organization. Nothing was revoked.", "Check the id, or find the person by name.", []Way{ToPeople}},
	RevocationUnknown:  {http.StatusBadGateway, "It is unknown whether the tokens were revoked", "The request was sent, but Genesys Cloud did not confirm it: %s’s tokens may or may not be revoked.", "Revoking again does no harm.", token},
	DeletionUnknown:    {http.StatusBadGateway, "It is unknown whether the token was deleted", "The request was sent, but Genesys Cloud did not confirm it.", "Paste the token again to see whether it still works.", []Way{ToInspect}},
	FoundTokenExpired:  {http.StatusBadRequest, "That confirmation has expired", "It is valid for 10 minutes, in the session that asked for it. Nothing was deleted.", "Paste the token again.", []Way{ToInspect}},
	FoundTokenSilent:   {http.StatusForbidden, "This token cannot be inspected", "Genesys Cloud recognizes it but does not describe it: its OAuth client lacks a scope, or its use is restricted.", "It cannot be deleted from here. Revoke the tokens of the person who uses it, or disable its OAuth client.", nil},
	TimeoutOutOfBounds: {http.StatusUnprocessableEntity, "Your organization cannot have that timeout", "Genesys Cloud accepts 5 minutes to 8 hours." + nothingChanged, "Choose another.", nil},
	TimeoutChanged:     {http.StatusConflict, "The timeout was changed in the meantime", "Somebody else changed it while this page was open. Nothing was changed by you.", "Check the values below, and confirm again if you still want the change.", nil},
	NotWatched:         {http.StatusNotFound, "Nobody with that id is being watched", "Their tokens were not revoked recently." + nothingChanged, "See who is being watched.", []Way{ToWatch}},
	LiveBusy:           {http.StatusTooManyRequests, "Too many pages are updating live", "This one shows what was known when it was opened.", "Close other pages, or reload this one now and then.", []Way{ToWatch}},
	ClientUnmatched:    {http.StatusNotFound, "There is no such client", "Genesys Cloud knows no OAuth client with this id in your organization. Nothing was changed.", "Find it in the list of clients.", []Way{ToClients}},
	ClientChanged:      {http.StatusConflict, "The client was changed in the meantime", "Somebody else changed it while this page was open. Nothing was changed by you.", "Check it, and confirm again if you still want the change.", nil},
	ClientUnknown:      {http.StatusBadGateway, "It is unknown whether the client was changed", "The request was sent, but Genesys Cloud did not confirm it.", "Check the client before you continue.", []Way{ToClients}},
	TimeoutUnknown:     {http.StatusBadGateway, "It is unknown whether the timeout was changed", "The request was sent, but Genesys Cloud did not confirm it.", "Check the timeout before you continue.", token},
}

// Problems lists every problem a page can show, in no order. It is for tests and
// documentation.
func Problems() []*Problem {
	all := make([]*Problem, 0, len(problems))
	for code := range problems {
		all = append(all, Refuse(code))
	}
	return all
}
