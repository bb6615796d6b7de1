// Package audit is the append-only, tamper-evident record of who did what to whose tokens, when, why, and what came of it.
// Every entry carries a SHA-256 hash over itself and its predecessor; docs/decisions/0004-audit-record.md says what that
// does and does not protect against. No entry has room for a token: identify one by its fingerprint.
package audit

import (
	"errors"
	"log/slog"
	"time"

	"tokenconsole/internal/database"
)

// Action is what somebody set out to do.
type Action string

// The actions the console records.
const (
	SignIn          Action = "sign-in"
	SignOut         Action = "sign-out"
	Verify          Action = "verify"           // HEAD /api/v2/tokens/me
	Revoke          Action = "revoke"           // DELETE /api/v2/tokens/{userId}
	ChangeTimeout   Action = "change-timeout"   // PUT /api/v2/tokens/timeout
	Inspect         Action = "inspect"          // GET /api/v2/tokens/me with a found token
	DeleteInspected Action = "delete-inspected" // DELETE /api/v2/tokens/me with a found token
	Prune           Action = "prune"            // retention, by the console itself
)

// Actions lists every Action, for a choice on a page.
func Actions() []Action {
	return []Action{SignIn, SignOut, Verify, Revoke, ChangeTimeout, Inspect, DeleteInspected, Prune}
}

// Outcome is what came of an action.
type Outcome string

// The outcomes. An entry with Asked is written before the platform is called, and closed by a later entry that names it in
// Asks; one that nothing closes stays visibly open.
const (
	Asked   Outcome = "asked"
	Done    Outcome = "done"
	Refused Outcome = "refused" // by the console or the platform: nothing changed
	Failed  Outcome = "failed"  // tried, and known not to have worked
	Unknown Outcome = "unknown" // tried, and the platform's answer did not arrive
)

// Outcomes lists every Outcome, for a choice on a page.
func Outcomes() []Outcome { return []Outcome{Asked, Done, Refused, Failed, Unknown} }

// Party is a person as the platform knew them at the time. The zero Party is nobody.
type Party struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

// Entry is one line of the record.
type Entry struct {
	Seq              int64     // position in the chain, from 1; set by Append
	At               time.Time // UTC, whole milliseconds; set by Append
	Action           Action
	Outcome          Outcome
	Actor            Party
	OrganizationID   string
	OrganizationName string
	Region           string // the region's domain, such as mypurecloud.ie
	Subject          Party  // on whom; nobody for an action on no person
	Reason           string
	Ticket           string
	Detail           string // such as "from 1800 s to 900 s", or the fingerprint of an inspected token
	PlatformStatus   int    // HTTP status of the platform's answer, 0 for none
	CorrelationID    string // the platform's ININ-Correlation-Id
	RequestID        string // the console's
	ClientAddress    string
	Asks             int64  // Seq of the Asked entry that this one closes, else 0
	Previous         string // Hash of the preceding entry, hex; empty for the first; set by Append
	Hash             string // SHA-256 over all of the above, hex; set by Append

	Open bool // Asked, and nothing has closed it yet; not part of the entry itself, set by List, Each and Get
}

// ErrNotFound reports that the record holds no such entry.
var ErrNotFound = errors.New("audit: no such entry")

// Log is the record; it is safe for concurrent use, also by several processes on one database.
type Log struct {
	db     *database.DB
	log    *slog.Logger
	now    func() time.Time
	writer chan struct{} // taken while this process appends: a fair queue, where SQLite's own lock is polled
}

// New returns the record kept in db. Each entry appended is also written to log as one line; now tells the time.
func New(db *database.DB, log *slog.Logger, now func() time.Time) *Log {
	return &Log{db: db, log: log, now: now, writer: make(chan struct{}, 1)}
}
